"""By which way a source is asked."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.polls import PollOutcome, SourceState, WayState
from monitor.settings import Way
from monitor.ways import address, asks_in_full, awake_from, first_way, next_way, recent_times, resting, silent
from tests.conftest import NOW

DAILY = tuple(NOW - timedelta(days=day) for day in range(10, 0, -1))
LONG_AGO = tuple(moment - timedelta(days=60) for moment in DAILY)


def state(*ways: WayState, recent: tuple[datetime, ...] = DAILY) -> SourceState:
    return SourceState("s", ways=ways, recent=recent)


def failed(position: int, failures: int, hours: float) -> WayState:
    return WayState(position, failures=failures, asked_at=NOW - timedelta(hours=hours))


@pytest.mark.parametrize(
    ("ways", "expected"),
    [
        ((), 0),
        ((failed(0, 1, 0.1),), 1),
        ((failed(0, 1, 1.5),), 0),
        ((failed(0, 9, 23),), 1),
        ((failed(0, 9, 25),), 0),
        ((failed(0, 3, 0.1), failed(1, 1, 0.1)), 2),
        ((failed(0, 3, 0.1), failed(1, 1, 0.1), failed(2, 2, 0.1)), 1),
        ((WayState(0, closed=True),), 1),
        ((WayState(0, rests_until=NOW + timedelta(days=1)),), 1),
        ((WayState(0, rests_until=NOW - timedelta(days=1)),), 0),
        (tuple(WayState(i, rests_until=NOW + timedelta(days=1)) for i in range(3)), 0),
        (tuple(WayState(i, closed=True) for i in range(3)), None),
    ],
)
def test_the_first_way_that_works_or_may_be_tried_again_is_asked(
    ways: tuple[WayState, ...], expected: int | None
) -> None:
    assert first_way(state(*ways), 3, NOW) == expected


def test_ways_on_a_host_that_asks_for_rest_rest_together_and_the_others_go_on() -> None:
    urls = ("https://a.example/feed", "https://b.example/feed", "https://a.example/api")
    ways = [Way(url=url) for url in urls]
    assert resting(state(), ways, 0, "") == [0, 2]
    later = NOW + timedelta(days=7)
    asleep = state(WayState(0, rests_until=later), WayState(2, rests_until=later))
    assert next_way(asleep, 3, 0, PollOutcome.HTTP_ERROR, NOW) == 1
    assert next_way(asleep, 3, 1, PollOutcome.HTTP_ERROR, NOW) is None
    assert awake_from(asleep, 3, NOW) == NOW
    assert awake_from(state(*asleep.ways, WayState(1, closed=True)), 3, NOW) == later


def test_a_way_that_fails_is_followed_by_the_next_one_that_is_not_closed() -> None:
    assert next_way(state(WayState(1, closed=True)), 3, 0, PollOutcome.HTTP_ERROR, NOW) == 2
    assert next_way(state(), 3, 2, PollOutcome.HTTP_ERROR, NOW) is None
    assert next_way(state(), 3, 0, PollOutcome.NOT_MODIFIED, NOW) is None


def test_a_silent_source_is_asked_by_another_way_once_a_day() -> None:
    asked = WayState(1, asked_at=NOW - timedelta(hours=3))
    assert next_way(state(recent=LONG_AGO), 2, 0, PollOutcome.NOT_MODIFIED, NOW) == 1
    assert next_way(state(asked, recent=LONG_AGO), 2, 0, PollOutcome.NOT_MODIFIED, NOW) is None
    assert next_way(state(recent=LONG_AGO), 2, 0, PollOutcome.NEW, NOW) is None


def test_silence_is_measured_by_the_sources_own_habit() -> None:
    assert not silent(DAILY, NOW)
    assert not silent(DAILY, NOW + timedelta(days=1))
    assert silent(DAILY, NOW + timedelta(days=5))
    assert not silent(tuple(NOW - timedelta(days=30 * i) for i in range(9, 0, -1)), NOW + timedelta(days=20))
    assert not silent(DAILY[:3], NOW + timedelta(days=500))


@pytest.mark.parametrize(("back", "expected"), [("2024-06-10T01:00", False), ("2024-06-11T12:00", True)])
def test_a_lively_source_that_rests_at_the_weekend_is_not_silent(back: str, expected: bool) -> None:
    friday = datetime(2024, 6, 7, 10, tzinfo=UTC)
    lively = tuple(friday - timedelta(minutes=5 * i) for i in range(20, -1, -1))
    assert silent(lively, datetime.fromisoformat(back).replace(tzinfo=UTC)) is expected


@given(st.lists(st.integers(0, 90_000), min_size=5), st.integers(0, 4000))
def test_a_source_that_is_silent_stays_so_until_it_publishes(times: list[int], hours: int) -> None:
    recent = tuple(NOW + timedelta(hours=time) for time in sorted(times))
    later = recent[-1] + timedelta(hours=hours)
    assert silent(recent, later) <= silent(recent, later + timedelta(hours=7))
    assert not silent(recent, recent[-1] + timedelta(days=2))


def test_not_modified_for_ever_is_doubted_once_a_day_and_only_in_silence() -> None:
    full = WayState(0, full_at=NOW - timedelta(hours=25))
    assert asks_in_full(state(full, recent=LONG_AGO), 0, NOW)
    assert not asks_in_full(state(full), 0, NOW)
    fresh = WayState(0, full_at=NOW - timedelta(hours=23))
    assert not asks_in_full(state(fresh, recent=LONG_AGO), 0, NOW)


@given(st.lists(st.none() | st.integers(-1000, 1000)), st.integers(0, 30))
def test_the_times_of_the_newest_articles_are_in_order_and_not_in_the_future(hours: list[int | None], n: int) -> None:
    new = [None if hour is None else NOW + timedelta(hours=hour) for hour in hours]
    found = recent_times(DAILY[:n], new, NOW)
    assert list(found) == sorted(found)
    assert len(found) <= 20
    assert all(moment <= NOW for moment in found)


def test_an_undated_first_visit_says_nothing_of_how_often_a_source_publishes() -> None:
    assert recent_times((), [None] * 30, NOW) == ()
    assert recent_times(DAILY, [None], NOW) == (*DAILY, NOW)


def test_rsshub_routes_are_asked_of_the_configured_instance() -> None:
    way = Way(url="rsshub://36kr/newsflashes")
    assert address(way, WayState(0), "https://hub.example/") == "https://hub.example/36kr/newsflashes"
    assert address(way, WayState(0, moved_to="https://new.example/"), "https://hub.example") == "https://new.example/"
    assert address(Way(url="https://a.example/feed"), WayState(0), "") == "https://a.example/feed"
