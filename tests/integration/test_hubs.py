"""What is asked of hubs, and what is held of them, on both databases."""

import traceback
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest
from scrapy import Request
from scrapy.http import Response

from monitor.archive import Archive
from monitor.archive.sources import SourceRow
from monitor.crawling.hubs import Hubs
from monitor.errors import ArchiveError
from monitor.models import FeedHints
from monitor.polls import Poll, PollOutcome, Wishes
from monitor.settings import WebSub
from monitor.subscriptions import Standing, Subscription
from spiders.hubs import HubRequests
from tests.conftest import NOW
from tests.fakes.program import let_pass

WEBSUB = WebSub(callback="https://m.example/websub")
TOPIC = "https://s.example/feed"
FIRST, SECOND = "https://first.example/", "https://second.example/"


def polled(archive: Archive, *hubs: str, outcome: PollOutcome = PollOutcome.NEW, topic: str = TOPIC) -> None:
    """A poll of a source whose feed names hubs."""
    wishes = Wishes(hints=FeedHints(hubs=hubs, topic=topic))
    with archive.writing() as tables:
        tables.sources.sync([SourceRow("s", "S", "adaptive", "d")], NOW)
        tables.sources.polled(Poll("s", outcome, wishes=wishes), NOW, NOW + timedelta(days=1), [])


def asked(archive: Archive) -> dict[str, str]:
    """The form that is to be sent now, with its `hub`; empty if none is."""
    wanted = Hubs(archive, WEBSUB).wanted("s", 0)
    if wanted is None:
        return {}
    return {"hub": wanted[0].hub, **{name: values[0] for name, values in parse_qs(wanted[1]).items()}}


def requests(archive: Archive) -> HubRequests:
    visits: Any = SimpleNamespace(hubs=Hubs(archive, WEBSUB))
    return HubRequests(lambda: visits)


def moved(request: Request, location: str, status: int = 308) -> list[Request]:
    """What follows from a redirect."""
    assert request.callback is not None
    answer = Response(request.url, status, headers={"Location": location}, request=request)
    return list(request.callback(answer, **request.cb_kwargs))


def test_a_secret_and_an_address_of_its_own_go_to_each_hub_that_is_asked_over_https(archive: Archive) -> None:
    polled(archive, "https://hub.example/")
    first = asked(archive)
    polled(archive, "http://hub.example/")
    second = asked(archive)
    polled(archive, "http://hub.example/", topic="https://s.example/other")
    third = asked(archive)
    assert len(first["hub.secret"]) >= 32
    assert "hub.secret" not in second
    assert len({form["hub.callback"] for form in (first, second, third)}) == 3
    assert third["hub.topic"] == "https://s.example/other"


def test_a_hub_that_never_verifies_is_asked_less_and_less_and_then_another(archive: Archive, database_url: str) -> None:
    polled(archive, FIRST, SECOND)
    hubs = []
    for hours in range(48):
        if form := asked(archive):
            hubs.append((hours, form["hub"]))
        let_pass(database_url, timedelta(hours=1))
    assert hubs == [(0, FIRST), (1, FIRST), (3, SECOND), (7, SECOND), (15, FIRST), (31, FIRST)]


def test_a_hub_is_asked_again_whenever_its_feed_is_polled_but_not_for_what_it_no_longer_names(
    archive: Archive, database_url: str
) -> None:
    polled(archive, FIRST)
    hubs = Hubs(archive, WEBSUB)
    assert asked(archive)
    assert hubs.due({"s"}) == []
    let_pass(database_url, timedelta(hours=2))
    assert hubs.due({"s"}) == [("s", 0)]
    assert hubs.due({"another"}) == Hubs(archive, None).due({"s"}) == []
    assert Hubs(archive, None).wanted("s", 0) is None
    polled(archive, FIRST, outcome=PollOutcome.GONE)
    assert hubs.due({"s"}) == []
    polled(archive)
    assert hubs.due({"s"}) == []
    assert not asked(archive)


@pytest.mark.parametrize(
    ("new", "told", "trusted", "remembered"),
    [(1, True, True, False), (0, False, True, False), (1, False, False, True), (0, True, False, False)],
)
def test_polls_are_rare_only_while_they_bring_what_the_hub_has_told_of(
    archive: Archive, new: int, *, told: bool, trusted: bool, remembered: bool
) -> None:
    polled(archive, FIRST)
    pushed = NOW + timedelta(minutes=1 if told else -1)
    with archive.writing() as tables:
        tables.subscriptions.put(
            Subscription("s", 0, FIRST, TOPIC, "t", "", Standing.ACTIVE, NOW, NOW + timedelta(days=9), pushed_at=pushed)
        )
        state, now = tables.sources.get("s"), NOW + timedelta(minutes=2)
        assert state is not None
        heard = Hubs(archive, WEBSUB).heard_of(tables, state, Poll("s", PollOutcome.NEW), new, now)
        assert heard is not None
        assert heard.trusted(now) is trusted
        (known,) = tables.subscriptions.all()
        assert (known.missed_at == now) is remembered


def test_a_hub_that_has_moved_gets_the_same_form_at_its_new_address(archive: Archive) -> None:
    polled(archive, FIRST)
    (request,) = requests(archive).follow("s", 0)
    (again,) = moved(request, "/new")
    assert (again.method, again.url, again.body) == ("POST", "https://first.example/new", request.body)
    (last,) = moved(again, "https://second.example/", 307)
    assert (last.url, last.body) == (SECOND, request.body)


@pytest.mark.parametrize(
    ("status", "location"),
    [
        (308, "http://first.example/"),
        (308, "HTTP://first.example/"),
        (307, "ftp://x/"),
        (307, "http://["),
        (301, SECOND),
    ],
)
def test_the_form_goes_nowhere_it_must_not(
    archive: Archive, status: int, location: str, caplog: pytest.LogCaptureFixture
) -> None:
    polled(archive, FIRST)
    (request,) = requests(archive).follow("s", 0)
    assert moved(request, location, status) == []
    assert "does not subscribe" in caplog.text


def test_a_hub_that_moves_for_ever_is_left(archive: Archive) -> None:
    polled(archive, "http://hub.example/")
    found = list(requests(archive).follow("s", 0))
    count = 0
    while found and count < 20:
        count += 1
        found = moved(found[0], "/again")
    assert count == 6


def test_an_error_of_the_archive_names_neither_token_nor_secret(archive: Archive) -> None:
    known = Subscription("nowhere", 0, FIRST, TOPIC, "a-token", "a-secret")
    with pytest.raises(ArchiveError) as refused, archive.writing() as tables:
        tables.subscriptions.put(known)
    told = "".join(traceback.format_exception(refused.value))
    assert "INSERT INTO subscriptions" in told
    assert "a-token" not in told
    assert "a-secret" not in told
