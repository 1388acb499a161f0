"""What HTTP headers say of when to come again."""

from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.parsing.headers import LONGEST_FRESHNESS, LONGEST_RETRY_AFTER, fresh_for, retry_after
from tests.conftest import NOW


def written(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("604800", 604_800),
        (written(NOW + timedelta(minutes=5)), 300),
        (written(NOW - timedelta(minutes=5)), 0),
        ("-5", None),
        ("abc", None),
        ("1e99", None),
        ("9" * 400, None),
        ("", None),
    ],
)
def test_retry_after_is_a_number_of_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert retry_after(header, NOW) == (None if seconds is None else timedelta(seconds=seconds))


def test_a_date_to_come_back_at_counts_from_the_servers_own_clock() -> None:
    wrong = NOW - timedelta(days=400)
    assert retry_after(written(wrong + timedelta(minutes=5)), NOW, written(wrong)) == timedelta(minutes=5)


def test_a_wait_of_years_is_a_mistake() -> None:
    assert retry_after("999999999", NOW) == LONGEST_RETRY_AFTER
    assert fresh_for("max-age=31536000") == LONGEST_FRESHNESS


@pytest.mark.parametrize(
    ("cache_control", "expires", "age", "minutes"),
    [
        ("max-age=600", "", "", 10),
        ("public, Max-Age = 600 , stale-while-revalidate=9", "", "", 10),
        ("max-age=600", "", "300", 5),
        ("max-age=600", "", "9000", None),
        ("max-age=600", "", "soon", 10),
        ("max-age=0", "", "", None),
        ("no-cache, max-age=600", "", "", None),
        ("no-store", "", "", None),
        ("s-maxage=600", "", "", None),
        ("", written(NOW + timedelta(minutes=20)), "", 20),
        ("max-age=600", written(NOW + timedelta(minutes=20)), "", 10),
        ("", written(NOW - timedelta(minutes=20)), "", None),
        ("", "0", "", None),
        ("", "", "", None),
    ],
)
def test_an_answer_stays_good_as_long_as_its_headers_say(
    cache_control: str, expires: str, age: str, minutes: float | None
) -> None:
    expected = None if minutes is None else timedelta(minutes=minutes)
    assert fresh_for(cache_control, expires, written(NOW), age) == expected


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40), st.text(max_size=10))
def test_any_header_gives_a_wait_within_bounds_or_none(one: str, two: str, three: str, four: str) -> None:
    assert timedelta(0) <= (retry_after(one, NOW, two) or timedelta(0)) <= LONGEST_RETRY_AFTER
    assert timedelta(0) <= (fresh_for(one, two, three, four) or timedelta(0)) <= LONGEST_FRESHNESS
