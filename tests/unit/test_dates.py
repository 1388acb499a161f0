"""Dates as feeds and pages write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.parsing.dates import parse_date

SHANGHAI = "Asia/Shanghai"
NOW = datetime(2024, 6, 8, 4, 0, tzinfo=UTC)  # noon in Shanghai
MORNING = datetime(2024, 6, 7, 2, 30, tzinfo=UTC)  # 10:30 there
MIDNIGHT = datetime(2024, 6, 6, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 07 Jun 2024 02:30:00 GMT",
        "Fri, 07 Jun 2024 10:30:00 +0800",
        "Fri, 7 Jun 24 10:30:00 +0800",
        "Thu, 06 Jun 2024 22:30:00 EDT",
        "2024-06-07T02:30:00Z",
        "2024-06-07T10:30:00+08:00",
        "2024-06-07T10:30:00.000+0800",
        "2024-06-07 10:30:00 +0800",
        "June 6, 2024 10:30 pm EDT",
        "1717727400",
        "1717727400000",
    ],
)
def test_a_zone_that_is_written_counts(text: str) -> None:
    assert parse_date(text, "America/New_York") == MORNING


@pytest.mark.parametrize(
    "text",
    [
        "2024年6月7日 10:30",
        "2024年06月07日10时30分",
        "２０２４年６月７日　１０：３０",
        "2024-06-07 10:30",
        "2024-06-07 10:30:00",
        "2024/6/7 10:30",
        "2024.06.07 上午10:30",
        "发布时间：2024-06-07 10:30 来源：本站",
        "Fri, 07 Jun 2024 10:30:00",
        "Fri Jun  7 10:30:00 2024",
        "Fri Jun 07 10:30:00 CST 2024",
        "7 June 2024 10:30",
        "June 7, 2024 at 10:30 AM",
        "7th June 2024, 10:30",
    ],
)
def test_what_has_no_zone_is_read_in_the_sources(text: str) -> None:
    assert parse_date(text, SHANGHAI) == MORNING


@pytest.mark.parametrize("text", ["2024年6月7日", "2024-06-07", "2024/6/7", "20240607", "June 7, 2024", "07 Jun 2024"])
def test_a_day_without_time_is_its_midnight(text: str) -> None:
    assert parse_date(text, SHANGHAI) == MIDNIGHT


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("下午3:05", 15),
        ("上午3:05", 3),
        ("晚上9:05", 21),
        ("凌晨12:05", 0),
        ("3:05 pm", 15),
        ("12:05 am", 0),
        ("中午12:05", 12),
    ],
)
def test_halves_of_the_day_are_understood(text: str, hour: int) -> None:
    assert parse_date(f"2024/6/7 {text}", "UTC") == datetime(2024, 6, 7, hour, 5, tzinfo=UTC)


def test_cst_is_chinas_time_in_asia_and_central_time_elsewhere() -> None:
    text = "Fri, 07 Jun 2024 10:30:00 CST"
    assert parse_date(text, SHANGHAI) == MORNING
    assert parse_date(text, "UTC") == MORNING + timedelta(hours=14)


def test_an_unknown_zone_name_is_read_as_the_sources_zone() -> None:
    assert parse_date("Fri, 07 Jun 2024 10:30:00 XYZ", SHANGHAI) == MORNING


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("刚刚", NOW),
        ("5分钟前", NOW - timedelta(minutes=5)),
        ("3小时前", NOW - timedelta(hours=3)),
        ("半小时前", NOW - timedelta(minutes=30)),
        ("2 hours ago", NOW - timedelta(hours=2)),
        ("3天前", NOW - timedelta(days=3)),
        ("今天 10:30", MORNING + timedelta(days=1)),
        ("昨天 10:30", MORNING),
        ("前天10:30", MORNING - timedelta(days=1)),
        ("昨天", MIDNIGHT),
        ("06-07 10:30", MORNING),
        ("6月7日 10:30", MORNING),
        ("12-31 10:30", datetime(2023, 12, 31, 2, 30, tzinfo=UTC)),
    ],
)
def test_dates_that_need_the_present_are_read_only_with_it(text: str, expected: datetime) -> None:
    assert parse_date(text, SHANGHAI, NOW) == expected
    assert parse_date(text, SHANGHAI) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "10:30",
        "2024",
        "2024-02-31",
        "2024-13-01",
        "2024年6月7日 25:00",
        "1970-01-01",
        "0001-01-01",
        "12345678901234567",
    ],
)
def test_what_is_no_date_or_an_impossible_one_gives_none(text: str) -> None:
    assert parse_date(text, SHANGHAI, NOW) is None


def test_a_date_more_than_a_day_ahead_is_not_believed() -> None:
    assert parse_date("2024-06-09 11:00", SHANGHAI, NOW) is not None
    assert parse_date("2024-06-09 13:00", SHANGHAI, NOW) is None


@given(st.integers(min_value=700_000_000, max_value=4_000_000_000))
def test_iso_and_chinese_dates_come_back_as_the_same_moment(seconds: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert parse_date(moment.isoformat(), SHANGHAI) == moment
    assert parse_date(moment.astimezone(ZoneInfo(SHANGHAI)).strftime("%Y年%m月%d日 %H:%M:%S"), SHANGHAI) == moment


@given(
    st.text(max_size=60) | st.from_regex(r"\d{1,4}[年/. -]\d{1,3}[月/. -]\d{1,3}[日T ]{0,2}\d{1,3}[:时]\d{1,3}.{0,6}")
)
def test_any_text_gives_an_aware_moment_or_none(text: str) -> None:
    moment = parse_date(text, SHANGHAI, NOW)
    assert moment is None or moment.tzinfo is not None
