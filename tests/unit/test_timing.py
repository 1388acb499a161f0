"""When a source is polled next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.models import FeedHints
from monitor.polls import Wishes
from monitor.settings import Schedule, Source
from monitor.timing import LONGEST_BACKOFF, interval, next_poll, schedule_of
from tests.conftest import NOW

SCHEDULE = Schedule(every=timedelta(minutes=10), jitter=timedelta(seconds=30))


def source(**values: object) -> Source:
    return Source(name="s", url="https://s.example/feed", **values)  # type: ignore[arg-type]


def wait(**values: object) -> timedelta:
    return next_poll(source(), SCHEDULE, NOW, **values) - NOW  # type: ignore[arg-type]


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.text("abc", min_size=1))  # noqa: DTZ001
def test_the_jitter_delays_and_is_the_same_in_every_process(now: datetime, name: str) -> None:
    one = source().model_copy(update={"name": name})
    due = next_poll(one, SCHEDULE, now)
    assert timedelta(minutes=10) <= due - now < timedelta(minutes=10, seconds=30)
    assert due == next_poll(one, SCHEDULE, now)


def test_the_jitter_spreads_sources() -> None:
    due = {next_poll(source().model_copy(update={"name": f"s{i}"}), SCHEDULE, NOW) for i in range(50)}
    assert len(due) == 50


def test_each_failure_doubles_the_wait_up_to_a_day() -> None:
    minutes = [round(wait(failures=n) / timedelta(minutes=1)) for n in range(5)]
    assert minutes == [10, 20, 40, 80, 160]
    assert wait(failures=1000) <= LONGEST_BACKOFF + SCHEDULE.jitter


def test_a_server_that_does_not_answer_is_asked_hourly_for_a_day() -> None:
    waits = [wait(failures=n, unanswered=True) for n in (1, 3, 24, 26)]
    assert waits[0] < timedelta(minutes=21)
    assert all(timedelta(hours=1) <= one <= timedelta(hours=1) + SCHEDULE.jitter for one in waits[1:3])
    assert waits[3] >= LONGEST_BACKOFF


def test_a_source_that_is_polled_weekly_is_not_polled_sooner_when_it_fails() -> None:
    slow = source(every=timedelta(weeks=1))
    assert next_poll(slow, SCHEDULE, NOW, failures=3) - NOW >= timedelta(weeks=1)


@pytest.mark.parametrize("field", ["retry_after", "fresh_for"])
def test_what_a_server_wishes_is_waited_out(field: str) -> None:
    assert wait(wishes=replace(Wishes(), **{field: timedelta(days=7)})) >= timedelta(days=7)  # type: ignore[arg-type]
    assert wait(wishes=replace(Wishes(), **{field: timedelta(seconds=5)})) >= timedelta(minutes=10)  # type: ignore[arg-type]


def hinted(one: Source, **hints: object) -> datetime:
    return next_poll(one, SCHEDULE, NOW, wishes=Wishes(hints=FeedHints(**hints)))  # type: ignore[arg-type]


def test_a_feeds_own_interval_counts_unless_one_is_configured() -> None:
    hourly = timedelta(hours=1)
    assert hinted(source(), every=hourly) - NOW >= hourly
    assert hinted(source(), every=timedelta(days=400)) - NOW <= timedelta(days=1, seconds=30)
    assert hinted(source(every=timedelta(minutes=5)), every=hourly) - NOW < timedelta(minutes=6)


def test_hours_and_days_that_a_feed_skips_are_left_out() -> None:
    night = frozenset(range(8, 20))
    assert hinted(source(), skip_hours=night) == NOW.replace(hour=20)
    monday = frozenset({NOW.weekday()})
    assert hinted(source(), skip_days=monday) == (NOW + timedelta(days=1)).replace(hour=0)


def test_a_feed_that_skips_every_hour_is_polled_all_the_same() -> None:
    assert hinted(source(), skip_hours=frozenset(range(24))) - NOW < timedelta(minutes=11)


def every(hours: float, count: int = 20, resting: float = 0) -> timedelta:
    """The interval of a source with `count` articles every so many hours, the last one `resting` hours ago."""
    recent = [NOW - timedelta(hours=resting + hours * i) for i in reversed(range(count))]
    return interval(source(), SCHEDULE, recent, NOW)


def test_a_lively_source_is_polled_every_few_minutes_and_a_dead_one_daily() -> None:
    assert every(0.1) == SCHEDULE.fastest
    assert timedelta(minutes=4) < every(1) < timedelta(minutes=6)
    assert every(24 * 30) == SCHEDULE.slowest
    assert every(0.1, resting=24 * 365) == SCHEDULE.slowest


def test_little_known_of_a_source_leaves_it_at_the_configured_interval() -> None:
    assert every(100, count=2) == SCHEDULE.every


@given(st.lists(st.integers(0, 10**7), max_size=20), st.integers(0, 10**7))
def test_the_interval_stays_within_its_bounds_and_grows_while_nothing_comes(ago: list[int], rest: int) -> None:
    recent = sorted(NOW - timedelta(seconds=seconds) for seconds in ago)
    now, later = (
        interval(source(), SCHEDULE, recent, NOW),
        interval(source(), SCHEDULE, recent, NOW + timedelta(seconds=rest)),
    )
    assert SCHEDULE.fastest <= now <= SCHEDULE.slowest
    assert now <= later


def test_cron_is_in_utc_and_never_fires_twice_for_one_time() -> None:
    hourly = source(cron="30 * * * *")
    first = next_poll(hourly, SCHEDULE.model_copy(update={"jitter": timedelta(0)}), NOW)
    second = next_poll(hourly, SCHEDULE.model_copy(update={"jitter": timedelta(0)}), first)
    assert (first - NOW, second - first) == (timedelta(minutes=30), timedelta(hours=1))


def test_a_failing_source_on_cron_waits_longer_too() -> None:
    often = source(cron="* * * * *")
    assert next_poll(often, SCHEDULE, NOW, failures=3) - NOW >= timedelta(minutes=80)


def test_a_schedule_in_words_changes_with_the_schedule() -> None:
    words = {schedule_of(s, SCHEDULE) for s in (source(), source(every=timedelta(hours=1)), source(cron="5 * * * *"))}
    assert words == {"adaptive 180s to 86400s", "every 3600s", "cron 5 * * * *"}
