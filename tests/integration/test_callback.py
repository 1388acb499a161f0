"""The callback of WebSub, over HTTP and on both databases."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from monitor.archive import Archive
from monitor.archive.sources import SourceRow
from monitor.polls import Poll, PollOutcome
from monitor.subscriptions import Standing, Subscription
from monitor.web.callback import Callback
from monitor.web.serving import serving
from tests.conftest import NOW
from tests.fakes.hub import send, signed
from tests.integration.test_websub import free_port

SECRET, TOKEN = "between-hub-and-us", "unguessable"
FASTEST = timedelta(minutes=3)


@pytest.fixture
def callback(archive: Archive) -> Iterator[str]:
    """The address of the callback, ten minutes after a source was polled whose subscription is active."""
    known = Subscription("s", 0, "https://hub.example/", "https://s.example/feed", TOKEN, SECRET, Standing.ACTIVE)
    with archive.writing() as tables:
        tables.sources.sync([SourceRow("s", "S", "adaptive", "d")], NOW)
        tables.sources.polled(Poll("s", PollOutcome.NEW), NOW, NOW + timedelta(days=1), [])
        tables.subscriptions.put(known)
        tables.subscriptions.change(TOKEN, asked_at=NOW, ends_at=NOW + timedelta(days=1))
    port = free_port()
    now = NOW + timedelta(minutes=10)
    with serving(Callback(archive, FASTEST, lambda: now).app(), f"127.0.0.1:{port}", "websub.listen"):
        yield f"http://127.0.0.1:{port}/websub/{TOKEN}"


def due(archive: Archive) -> datetime | None:
    with archive.reading() as tables:
        state = tables.sources.get("s")
    assert state is not None
    return state.next_poll_at


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_what_the_hub_has_signed_makes_the_source_due(archive: Archive, callback: str, method: str) -> None:
    assert send(callback, b"<rss/>", signed(SECRET, b"<rss/>", method))[0] == 202
    assert due(archive) == NOW + timedelta(minutes=10)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed("another", b"<rss/>"),
        signed(SECRET, b"<rss>"),
        signed(SECRET, b"<rss/>", "md5"),
        {"X-Hub-Signature": "="},
    ],
)
def test_what_is_not_signed_is_taken_and_ignored(archive: Archive, callback: str, headers: dict[str, str]) -> None:
    assert send(callback, b"<rss/>", headers)[0] == 202
    assert due(archive) == NOW + timedelta(days=1)


def test_a_source_whose_server_asked_to_wait_is_not_hastened(archive: Archive, callback: str) -> None:
    wait = NOW + timedelta(days=7)
    with archive.writing() as tables:
        tables.sources.polled(Poll("s", PollOutcome.HTTP_ERROR), NOW, wait, [])
    assert send(callback, b"", signed(SECRET, b""))[0] == 202
    assert due(archive) == wait


def test_pushes_in_a_row_poll_no_more_often_than_the_fastest_source(archive: Archive, callback: str) -> None:
    polled = NOW + timedelta(minutes=9)
    with archive.writing() as tables:
        tables.sources.polled(Poll("s", PollOutcome.NEW), polled, NOW + timedelta(days=1), [])
    for _ in range(5):
        send(callback, b"", signed(SECRET, b""))
    assert due(archive) == polled + FASTEST


def test_a_lease_within_reason_is_kept(archive: Archive, callback: str) -> None:
    for asked, days in (("86400", 1), ("999999999999", 10), ("99999999", 90), ("x", 10)):
        query = f"hub.mode=subscribe&hub.topic=https://s.example/feed&hub.challenge=c&hub.lease_seconds={asked}"
        assert send(f"{callback}?{query}") == (200, "c")
        with archive.reading() as tables:
            known = tables.subscriptions.by_token(TOKEN)
        assert known is not None
        assert known.ends_at == NOW + timedelta(minutes=10, days=days)
