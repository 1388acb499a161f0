"""What a later report adds to what is known of a deal, and where reports disagree."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerting.outlets import independent, outlets, site
from monitor.detection.differences import amounts, changes, names, standing
from monitor.detection.reprints import signature
from monitor.models import Change, Claim, Evidence, Money, Report, Span, Status

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
EVIDENCE = Evidence("x", Span("text", 0, 1))


def money(low: float | None, high: float | None = None, currency: str = "CNY", text: str = "元") -> Money:
    return Money(text, low, low if high is None else high, currency)


def told(number: int = 0, *, hours: float = 0, **facts: Any) -> Report:
    claim = Claim("Acme", **{"news": True, "status": Status.COMPLETED, "evidence": EVIDENCE, "rule": "r", **facts})
    url = f"https://o{number}.example/a"
    return Report(claim, number, "T", url, f"O{number}", f"{url}/feed", "", START + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("known", "later", "expected"),
    [
        ({}, {}, ()),
        ({}, {"round": "A"}, (Change.ROUND,)),
        ({"round": "A"}, {"round": "A"}, ()),
        ({"round": "A"}, {}, ()),
        ({}, {"amount": money(1e8)}, (Change.AMOUNT,)),
        ({"amount": money(1e8)}, {"amount": money(1.05e8)}, ()),
        ({"amount": money(1e8)}, {"amount": money(1.2e8)}, (Change.AMOUNT,)),
        ({"amount": money(1e8, 9.9e8)}, {"amount": money(3e8)}, (Change.AMOUNT,)),
        ({"amount": money(3e8)}, {"amount": money(1e8, 9.9e8)}, ()),
        ({"amount": Money("超35亿", 3.5e9, None, "CNY")}, {"amount": money(3.5e9)}, ()),
        ({"amount": Money("超35亿", 3.5e9, None, "CNY")}, {"amount": money(4e9)}, (Change.AMOUNT,)),
        ({"amount": money(1e8)}, {"amount": money(1.4e7, currency="USD")}, ()),
        ({}, {"valuation": money(1e9)}, (Change.VALUATION,)),
        ({}, {"lead_investors": ("Hill",)}, (Change.LEAD,)),
        ({"lead_investors": ("Hill",)}, {"lead_investors": ("hill",)}, ()),
        ({"lead_investors": ("红杉中国",)}, {"lead_investors": ("红杉",)}, ()),
        ({"lead_investors": ("Hill",)}, {"lead_investors": ("Valley",)}, (Change.LEAD,)),
        ({"investors": ("Hill",)}, {"investors": ("Valley",)}, ()),
        ({"status": Status.IN_TALKS}, {"amount": money(1e8)}, (Change.STATUS, Change.AMOUNT)),
        ({"status": Status.IN_TALKS}, {"status": Status.DENIED}, (Change.STATUS,)),
        ({}, {"status": Status.DENIED}, (Change.STATUS,)),
        ({}, {"status": Status.IN_TALKS}, ()),
        ({"status": Status.DENIED}, {"status": Status.IN_TALKS}, (Change.STATUS,)),
    ],
)
def test_what_a_later_report_adds(known: dict[str, Any], later: dict[str, Any], expected: tuple[Change, ...]) -> None:
    assert changes([told(**known)], told(1, hours=1, **later)) == expected


def test_a_denial_published_before_what_it_denies_is_no_change() -> None:
    assert changes([told(hours=2)], told(1, hours=1, status=Status.DENIED)) == ()


def test_the_first_report_of_a_deal_changes_no_status() -> None:
    assert Change.STATUS not in changes([], told())


REPORTS = st.lists(
    st.builds(
        lambda hours, status, round_, low, high, lead: told(
            hours=hours,
            status=status,
            round=round_,
            amount=None if low is None else Money("元", float(low), float(max(low, high)), "CNY"),
            lead_investors=tuple(lead),
        ),
        st.integers(0, 100),
        st.sampled_from(list(Status)),
        st.none() | st.sampled_from("ABC"),
        st.none() | st.integers(1, 10**6),
        st.integers(1, 10**6),
        st.lists(st.sampled_from(["Hill", "Valley", "红杉", "红杉中国"]), max_size=2),
    ),
    max_size=8,
)


@given(REPORTS)
def test_what_was_told_once_is_never_new_again(reports: list[Report]) -> None:
    for report in reports:
        assert changes(reports, report) == ()


@given(REPORTS)
def test_every_amount_told_stands_in_one_version_and_the_first_told_comes_first(reports: list[Report]) -> None:
    found = amounts(reports, lambda claim: claim.amount)
    with_amount = [report for report in reports if report.claim.amount]
    assert sum(len(version.reports) for version in found) == len(with_amount)
    if with_amount:
        assert found[0].reports[0] is with_amount[0]


@given(REPORTS)
def test_a_deal_stands_where_a_report_says_and_talks_contradict_nothing(reports: list[Report]) -> None:
    if reports:
        states = [version.value for version in standing(reports)]
        assert set(states) <= {report.claim.status for report in reports}
        assert Status.IN_TALKS not in states or states == [Status.IN_TALKS]


def test_names_of_one_company_stand_once() -> None:
    reports = [told(investors=("红杉中国", "Hill")), told(investors=("红杉", "Valley"))]
    assert names(reports, lambda claim: claim.investors) == ("红杉中国", "Hill", "Valley")


# --- outlets


def published(url: str, *, source: str = "S", home: str = "", author: str = "", text: str = "") -> Report:
    base = told()
    return Report(base.claim, 1, "T", url, source, home, author, START, signature(text))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.36kr.com/p/1", "https://36kr.com/newsflashes/2", True),
        ("https://tech.sina.com.cn/1", "https://finance.sina.com.cn/2", True),
        ("https://a.co.uk/1", "https://b.co.uk/1", False),
        ("https://ann.substack.com/p/1", "https://bob.substack.com/p/1", False),
        ("http://127.0.0.1:8001/a", "http://127.0.0.1:8002/a", False),
        ("https://[::1", "https://[::2", False),
    ],
)
def test_an_outlet_is_a_registered_domain(one: str, other: str, *, same: bool) -> None:
    assert (site(published(one)) == site(published(other))) is same


def test_on_a_platform_the_author_is_the_outlet() -> None:
    reports = [
        published("https://mp.weixin.qq.com/s/1", author="甲"),
        published("https://mp.weixin.qq.com/s/2", author="乙"),
    ]
    assert [outlet.name for outlet in outlets(reports)] == ["甲", "乙"]


def test_what_a_search_for_news_found_has_the_name_of_its_site() -> None:
    search = published("https://www.reuters.com/a", source="Google News", home="https://news.google.com/rss/search?q=x")
    own = published("https://www.36kr.com/p/1", source="36氪", home="https://36kr.com/feed")
    assert [outlet.name for outlet in outlets([search, own])] == ["reuters.com", "36氪"]


def test_reprints_and_second_articles_of_an_outlet_are_not_independent() -> None:
    text = "公司今日宣布完成新一轮融资，资金将用于研发与市场拓展，老股东继续跟投，管理层没有变化。"
    reports = [
        published("https://one.example/1", text=text),
        published("https://two.example/1", text=f"{text}（转载）"),
        published("https://one.example/2", text="完全不同的一篇报道，记者自己采写，讲的是公司的产品与市场。"),
        published("https://three.example/1", text="又是一篇不同的文章，分析行业竞争格局以及未来走向。"),
    ]
    assert len(outlets(reports)) == 3
    assert independent(reports) == 2
