"""When a source is polled next."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.settings import Schedule, Source
from monitor.timing import LONGEST_BACKOFF, LONGEST_RETRY_AFTER, next_poll, retry_after, schedule_of
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


def test_a_source_that_is_polled_weekly_is_not_polled_sooner_when_it_fails() -> None:
    slow = source(every=timedelta(weeks=1))
    assert next_poll(slow, SCHEDULE, NOW, failures=3) - NOW >= timedelta(weeks=1)


def test_retry_after_is_waited_out_within_reason() -> None:
    assert wait(retry_after=604_800) >= timedelta(days=7)
    assert wait(retry_after=5) >= timedelta(minutes=10)
    assert wait(retry_after=1e99) == LONGEST_RETRY_AFTER


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
    assert words == {"every 600s", "every 3600s", "cron 5 * * * *"}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        (format_datetime(NOW + timedelta(minutes=5), usegmt=True), 300),
        (format_datetime(NOW - timedelta(minutes=5), usegmt=True), 0),
        ("-5", None),
        ("abc", None),
        ("1e99", None),
        ("9" * 400, None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_a_number_of_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds
