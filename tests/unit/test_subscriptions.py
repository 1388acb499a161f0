"""When hubs are asked, and whom is believed."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.parsing.headers import links
from monitor.settings import Schedule, Source
from monitor.subscriptions import Standing, Subscription, lease
from monitor.timing import SUBSCRIBED, next_poll
from tests.conftest import NOW

ASKED = Subscription("s", 0, "https://hub.example/", "https://s.example/?a=b&c", "token", "secret", asked_at=NOW)
ACTIVE = replace(ASKED, standing=Standing.ACTIVE, ends_at=NOW + timedelta(days=10))


@pytest.mark.parametrize(
    ("known", "hours", "expected"),
    [
        (replace(ASKED, asked_at=None), 0, True),
        (ASKED, 0.9, False),
        (ASKED, 1.1, True),
        (replace(ASKED, failures=3), 7.9, False),
        (replace(ASKED, failures=3), 8.1, True),
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
    waits = [next_poll(s, calm, NOW, recent=lively, subscribed=True) - NOW for s in (source, fixed)]
    assert waits == [SUBSCRIBED, timedelta(minutes=5)]


def test_the_form_asks_for_the_topic_byte_for_byte() -> None:
    asked = parse_qs(ACTIVE.form("https://m.example/websub/"), strict_parsing=True)
    assert asked["hub.topic"] == [ASKED.topic]
    assert asked["hub.callback"] == ["https://m.example/websub/token"]
    assert asked["hub.secret"] == ["secret"]
    assert "hub.secret" not in parse_qs(replace(ASKED, secret="").form("https://m.example"))


@given(st.text(), st.binary())
def test_no_made_up_signature_is_believed(header: str, body: bytes) -> None:
    assert not ASKED.signed(header, body)


@given(st.text())
def test_a_lease_is_never_beyond_reason(text: str) -> None:
    assert timedelta(minutes=1) <= lease(text) <= timedelta(days=90)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('<https://hub.example/>; rel="hub", <https://a.example/f>; rel=self', {"hub": "https://hub.example/", "self": "https://a.example/f"}),
        ('<a>; title="x, y"; REL="Self Hub",<b>;rel=hub', {"self": "a", "hub": "a"}),
        ("<a>, <b>; rel", {}),
        ('<a,b;c>; rel="next"', {"next": "a,b;c"}),
        ("", {}),
    ],
)  # fmt: skip
def test_links_of_a_header_are_told_by_their_relation(header: str, expected: dict[str, str]) -> None:
    assert links(header) == expected


@given(st.text(alphabet='<>;,="\\ relhub*') | st.text())
def test_any_link_header_gives_targets(header: str) -> None:
    assert all(name == name.lower() for name in links(header))
