"""When hubs are asked, and whom is believed."""

import hmac
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.models import FeedHints
from monitor.parsing.feedhints import announced
from monitor.parsing.feeds import parse_feed
from monitor.parsing.headers import links
from monitor.settings import Schedule, Source
from monitor.subscriptions import Seal, Standing, Subscription, lease
from monitor.timing import SUBSCRIBED, eased, next_poll
from tests.conftest import NOW

ASKED = Subscription("s", 0, "https://hub.example/", "https://s.example/?a=b&c", "token", "secret", asked_at=NOW)
ACTIVE = replace(ASKED, standing=Standing.ACTIVE, ends_at=NOW + timedelta(days=10))


@pytest.mark.parametrize(
    ("known", "hours", "expected"),
    [
        (replace(ASKED, asked_at=None), 0, True),
        (replace(ASKED, failures=1), 0.9, False),
        (replace(ASKED, failures=1), 1.1, True),
        (replace(ASKED, failures=3), 3.9, False),
        (replace(ASKED, failures=3), 4.1, True),
        (replace(ASKED, failures=500), 23.9, False),
        (replace(ASKED, failures=500), 24.1, True),
        (ACTIVE, 7.9 * 24, False),
        (ACTIVE, 8.1 * 24, True),
        (ACTIVE, 11 * 24, True),
        (replace(ACTIVE, standing=Standing.DENIED), 1.1, True),
    ],
)
def test_a_hub_is_asked_when_nothing_is_subscribed_or_not_for_long(
    known: Subscription, hours: float, *, expected: bool
) -> None:
    assert known.to_be_asked(NOW + timedelta(hours=hours)) is expected


def test_a_hub_is_trusted_once_it_has_told_and_until_it_misses_something() -> None:
    told = replace(ACTIVE, pushed_at=NOW)
    assert not ACTIVE.trusted(NOW)
    assert told.trusted(NOW)
    assert not told.trusted(NOW + timedelta(days=11))
    assert not replace(told, missed_at=NOW + timedelta(hours=1)).trusted(NOW)
    assert replace(told, missed_at=NOW - timedelta(hours=1)).trusted(NOW)


def test_a_source_whose_hub_is_trusted_is_polled_hourly_unless_its_interval_is_configured() -> None:
    lively = [NOW - timedelta(minutes=i) for i in range(20, 0, -1)]
    calm = Schedule(jitter=timedelta(0))
    source = Source(name="s", url="https://s.example/feed")
    fixed = source.model_copy(update={"every": timedelta(minutes=5)})
    waits = [next_poll(s, eased(calm), NOW, recent=lively) - NOW for s in (source, fixed)]
    assert waits == [SUBSCRIBED, timedelta(minutes=5)]


def test_the_form_asks_for_the_topic_byte_for_byte() -> None:
    asked = parse_qs(ACTIVE.form("https://m.example/websub/"), strict_parsing=True)
    assert asked["hub.topic"] == [ASKED.topic]
    assert asked["hub.callback"] == ["https://m.example/websub/token"]
    assert asked["hub.secret"] == ["secret"]
    assert "hub.secret" not in parse_qs(replace(ASKED, secret="").form("https://m.example"))


def test_the_next_hub_of_a_feed_is_asked_when_one_has_left_two_requests_unconfirmed() -> None:
    hubs = ("https://first.example/", ASKED.hub, "https://last.example/")
    asked = [replace(ASKED, failures=n).hub_to_ask(hubs, NOW) for n in range(5)]
    assert asked == [ASKED.hub, ASKED.hub, hubs[2], ASKED.hub, hubs[2]]
    assert replace(ASKED, hub=hubs[2], failures=4).hub_to_ask(hubs, NOW) == hubs[0]
    assert replace(ACTIVE, failures=2).hub_to_ask(hubs, NOW) == ASKED.hub  # it still tells
    assert replace(ASKED, failures=2).hub_to_ask((ASKED.hub,), NOW) == ASKED.hub


@given(st.lists(st.binary()), st.sampled_from(["sha1", "sha256", "sha384", "sha512"]))
def test_a_seal_is_held_against_the_pieces_as_against_the_whole(pieces: list[bytes], method: str) -> None:
    digest = hmac.new(b"secret", b"".join(pieces), method).hexdigest()
    for secret, unbroken in (("secret", True), ("another", False), ("", True)):
        seal = Seal(secret, f"{method}={digest}")
        for piece in pieces:
            seal.update(piece)
        assert seal.unbroken is unbroken


@given(st.text() | st.sampled_from(["sha256=", "sha1=é", "md5=d41d8cd98f00b204e9800998ecf8427e"]), st.binary())
def test_no_made_up_signature_is_believed(header: str, body: bytes) -> None:
    seal = Seal("secret", header)
    seal.update(body)
    assert not seal.unbroken


@given(st.text())
def test_a_lease_is_never_beyond_reason(text: str) -> None:
    assert timedelta(minutes=1) <= lease(text) <= timedelta(days=90)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('<https://h.example/>; rel="hub", <https://a.example/f>; rel=self',
         {"hub": ["https://h.example/"], "self": ["https://a.example/f"]}),
        ('<a>; title="x, y"; REL="Self Hub",<b>;rel=hub', {"self": ["a"], "hub": ["a", "b"]}),
        ("<a>, <b>; rel", {}),
        ('<a,b;c>; rel="next"', {"next": ["a,b;c"]}),
        ("<a>; crossorigin; as-of=3; title*=UTF-8''%e2; rel = hub", {"hub": ["a"]}),
        (r'<a>; title="say \"; rel=next"; rel="hub"', {"hub": ["a"]}),
        ('<a>; title="; rel=hub"', {}),
        ("<a>; rel=hub; rel=next", {"hub": ["a"]}),
        ('<a>; rel=hub; anchor="/other"', {}),
        ("", {}),
    ],
)  # fmt: skip
def test_links_of_a_header_are_told_by_their_relation(header: str, expected: dict[str, list[str]]) -> None:
    assert links(header) == expected


@given(st.text(alphabet='<>;,="\\ relhub*') | st.text())
def test_any_link_header_gives_targets(header: str) -> None:
    assert all(name == name.lower() and targets for name, targets in links(header).items())


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><id>urn:t</id>
<link rel="self" href="/own?b=2&amp;a=1#x"/><link rel="hub" href="javascript:1"/><link rel="hub" href="https://one.example"/>
<link rel="hub" href="//two.example/"/><link rel="hub" href="https://one.example"/></feed>"""
RSS = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title><link>https://a.example/</link>
<atom:link rel="self" href="https://a.example/own"/><atom:link rel="hub" href="https://one.example"/></channel></rss>"""
JSON = """{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [],
"feed_url": "https://a.example/own",
"hubs": [{"type": "rssCloud", "url": "https://no.example"}, 3, {"type": "WebSub", "url": "https://one.example"}]}"""


@pytest.mark.parametrize(
    ("body", "hubs", "topic"),
    [
        (ATOM, ("https://one.example", "https://two.example/"), "https://a.example/own?b=2&a=1#x"),
        (RSS, ("https://one.example",), "https://a.example/own"),
        (JSON, ("https://one.example",), "https://a.example/own"),
    ],
)
def test_a_feed_names_its_hubs_and_its_topic_byte_for_byte(body: str, hubs: tuple[str, ...], topic: str) -> None:
    hints = parse_feed(body.encode(), "https://a.example/feed").hints
    assert (hints.hubs, hints.topic) == (hubs, topic)


@pytest.mark.parametrize(
    ("header", "hubs", "topic"),
    [
        ("<//new.example/>; rel=hub, </t>; rel=self", ("https://new.example/",), "https://a.example/t"),
        ("<https://new.example/>; rel=hub, <b>; rel=hub", ("https://new.example/", "https://a.example/b"), "own"),
        ("</t>; rel=self", ("https://hub.example/",), "own"),
        ("<ftp://x>; rel=hub, </t>; rel=self", ("https://hub.example/",), "own"),
        ("<http://[>; rel=hub", ("https://hub.example/",), "own"),
        ("", ("https://hub.example/",), "own"),
    ],
)
def test_a_hub_that_the_headers_name_goes_before_the_feed_s_own(header: str, hubs: tuple[str, ...], topic: str) -> None:
    own = FeedHints(hubs=("https://hub.example/",), topic="own")
    found = announced(own, header, "https://a.example/feed")
    assert (found.hubs, found.topic) == (hubs, topic)
