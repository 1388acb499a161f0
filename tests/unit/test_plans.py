"""When a channel hears of an alert."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerting import plans
from monitor.models import Claim, Evidence, Hold, Money, Span, Status
from monitor.settings import ConsoleChannel

EVIDENCE = Evidence("x", Span("text", 0, 1))
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""16:00 in Shanghai."""


def channel(**settings: Any) -> ConsoleChannel:
    return ConsoleChannel.model_validate({"name": "c", "type": "console", "timezone": "Asia/Shanghai", **settings})


def claim(status: Status = Status.COMPLETED, dollars: float | None = None) -> Claim:
    amount = None if dollars is None else Money("", dollars, dollars, "USD")
    return Claim("Acme", news=True, status=status, evidence=EVIDENCE, rule="r", amount=amount)


def local(at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo('Asia/Shanghai')):%a %d %H:%M}"


def test_without_settings_everything_is_sent_at_once() -> None:
    assert plans.due(channel(), claim(), MONDAY) == (MONDAY, None)


@pytest.mark.parametrize(
    ("digest", "expected"),
    [
        ("hourly", "Mon 02 17:00"),
        ("daily", "Tue 03 09:00"),
        ("weekly", "Mon 09 09:00"),
        ({"every": "hour", "at": "00:30"}, "Mon 02 16:30"),
        ({"every": "day", "at": "16:00"}, "Tue 03 16:00"),
        ({"every": "day", "at": "16:01"}, "Mon 02 16:01"),
        ({"every": "week", "weekday": "friday", "at": "18:00"}, "Fri 06 18:00"),
        ({"every": "week", "weekday": "monday", "at": "18:00"}, "Mon 02 18:00"),
    ],
)
def test_a_digest_comes_at_the_next_time_in_the_channels_zone(digest: Any, expected: str) -> None:
    at, held = plans.due(channel(digest=digest), claim(), MONDAY)
    assert (local(at), held) == (expected, Hold.DIGEST)


@pytest.mark.parametrize(
    ("hour", "expected"),
    [(13, "Mon 02 21:00"), (14, "Tue 03 08:00"), (20, "Tue 03 08:00"), (23.99, "Tue 03 08:00"), (24, "Tue 03 08:00")],
)
def test_in_quiet_hours_an_alert_waits_for_their_end(hour: float, expected: str) -> None:
    quiet = channel(quiet={"from": "22:00", "to": "08:00"})
    now = MONDAY.replace(hour=0) + timedelta(hours=hour)
    at, held = plans.due(quiet, claim(), now)
    assert local(at) == expected
    assert held == (None if hour in (13, 24) else Hold.QUIET)


@pytest.mark.parametrize(
    ("told", "waits"),
    [
        (claim(dollars=1e8), False),
        (claim(dollars=9.9e7), True),
        (claim(), True),
        (claim(Status.DENIED), False),
        (claim(Status.IN_TALKS, 1e7), True),
        (None, True),
    ],
)
@pytest.mark.parametrize("kind", ["quiet", "digest"])
def test_what_is_big_or_of_a_status_that_counts_breaks_through(kind: str, told: Claim | None, waits: bool) -> None:
    unless = {"min_usd": 100_000_000, "status": ("denied",)}
    settings = {
        "quiet": {"quiet": {"from": "10:00", "to": "20:00", "unless": unless}},
        "digest": {"digest": {"every": "day", "unless": unless}},
    }
    at, held = plans.due(channel(**settings[kind]), told, MONDAY)
    assert (held is not None) is waits
    assert (at > MONDAY) is waits


def test_a_digest_that_would_come_in_quiet_hours_comes_at_their_end() -> None:
    both = channel(digest="hourly", quiet={"from": "16:30", "to": "20:15"})
    at, held = plans.due(both, claim(), MONDAY)
    assert (local(at), held) == ("Mon 02 20:15", Hold.DIGEST)


ZONES = st.sampled_from(
    ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Chatham", "UTC"]
)
MOMENTS = st.integers(1_704_067_200, 1_830_297_600).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
"""2024 to 2027."""

CLOCKS = st.times().map(lambda t: f"{t.hour:02}:{t.minute:02}")


@given(ZONES, MOMENTS, CLOCKS)
def test_a_daily_digest_is_never_more_than_a_day_and_an_hour_away_and_once_a_day(
    zone: str, now: datetime, clock: str
) -> None:
    daily = channel(timezone=zone, digest={"every": "day", "at": clock})
    first, _ = plans.due(daily, None, now)
    second, _ = plans.due(daily, None, first)
    assert timedelta(0) < first - now <= timedelta(hours=25)
    assert timedelta(hours=23) <= second - first <= timedelta(hours=25)
    days = [at.astimezone(ZoneInfo(zone)).date() for at in (first, second)]
    assert days[1] - days[0] == timedelta(days=1)


@given(ZONES, MOMENTS, CLOCKS, CLOCKS)
def test_what_waits_for_the_end_of_quiet_hours_comes_when_they_are_over(
    zone: str, now: datetime, begin: str, end: str
) -> None:
    quiet = channel(timezone=zone, quiet={"from": begin, "to": end})
    at, held = plans.due(quiet, None, now)
    assert now <= at <= now + timedelta(hours=25)
    if held:
        assert plans.due(quiet, None, at) == (at, None) or begin == end


def test_a_time_that_a_clock_put_forward_leaves_out_is_not_lost() -> None:
    berlin = channel(timezone="Europe/Berlin", digest={"every": "day", "at": "02:30"})
    before = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)  # the clock goes from 02:00 to 03:00 in the night
    first, _ = plans.due(berlin, None, before)
    second, _ = plans.due(berlin, None, first)
    assert [f"{at.astimezone(ZoneInfo('Europe/Berlin')):%d %H:%M}" for at in (first, second)] == [
        "29 03:30",
        "30 02:30",
    ]
