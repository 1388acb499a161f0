"""Which claims tell one deal, and what a deal becomes by a claim."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.detection.grouping import USD_RATES, choose, merge, same_company, same_deal
from monitor.detection.money import amounts
from monitor.detection.reprints import COMMON, common, reprint, signature
from monitor.detection.stream import DealStream
from monitor.models import Claim, Deal, Evidence, Money, Span, Status

DAY = datetime(2025, 6, 1, tzinfo=UTC)
EVIDENCE = Evidence("一句话", Span("title", 0, 3))


def money(text: str | None) -> Money | None:
    return amounts(text)[0] if text else None


def claim(amount: str | None = None, round_: str | None = None, status: Status = Status.COMPLETED) -> Claim:
    return Claim("星河智能", True, status, EVIDENCE, "finishes_round", round_, money(amount))


def deal(
    amount: str | None = None, round_: str | None = None, status: Status = Status.COMPLETED, number: int = 1
) -> Deal:
    return Deal(number, "星河智能", status, round_, money(amount), None, (), (), DAY, DAY)


def after(days: float) -> datetime:
    return DAY + timedelta(days=days)


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (deal(), claim()),
        (deal(round_="A"), claim()),
        (deal(), claim(round_="A")),
        (deal("4亿美元", "A"), claim("4亿美元", "A")),
        (deal("数亿元"), claim("3亿元")),
        (deal("超亿元"), claim("1.4亿元")),
        (deal("近5亿元"), claim("4.8亿元")),
        (deal("4亿美元"), claim("$400M")),
        (deal("28亿元"), claim("$400 million")),
        (deal("22亿美元"), claim("3.14万亿韩元")),
    ],
)
def test_reports_that_fit_tell_one_deal(known: Deal, told: Claim) -> None:
    assert same_deal(known, told, after(3))


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (deal(round_="A"), claim(round_="A+")),
        (deal(round_="A"), claim(round_="B")),
        (deal("4亿美元"), claim("4亿元")),
        (deal("1亿元"), claim("3亿元")),
        (deal("数千万元"), claim("3亿元")),
        (deal("超1亿元"), claim("30亿元")),
        (replace(deal(), company="北辰机器人"), claim()),
    ],
)
def test_reports_that_differ_tell_two_deals_even_on_one_day(known: Deal, told: Claim) -> None:
    assert not same_deal(known, told, DAY)


@pytest.mark.parametrize(
    ("known", "told", "days", "same"),
    [
        (Status.COMPLETED, Status.COMPLETED, 44, True),
        (Status.COMPLETED, Status.COMPLETED, 60, False),
        (Status.IN_TALKS, Status.COMPLETED, 150, True),
        (Status.IN_TALKS, Status.DENIED, 150, True),
        (Status.IN_TALKS, Status.COMPLETED, 200, False),
        (Status.DENIED, Status.IN_TALKS, 30, True),
        (Status.COMPLETED, Status.IN_TALKS, 3, True),
        (Status.COMPLETED, Status.IN_TALKS, 30, False),
        (Status.COMPLETED, Status.COMPLETED, -30, True),
        (Status.COMPLETED, Status.IN_TALKS, -100, True),
        (Status.COMPLETED, Status.COMPLETED, -100, False),
    ],
)
def test_time_between_reports_decides(known: Status, told: Status, days: int, same: bool) -> None:
    assert same_deal(deal(status=known), claim(status=told), after(days)) is same


def test_of_several_deals_the_one_of_the_same_round_is_chosen_then_the_latest() -> None:
    unnamed, named = deal(number=1), deal(round_="B", number=2)
    later = replace(deal(number=3), seen_at=after(2))
    assert choose(claim(round_="B"), after(3), [unnamed, named, later]) == named
    assert choose(claim(), after(3), [deal(number=1), later]) == later
    assert choose(claim(round_="C"), after(3), [named]) is None


def test_a_rumour_is_completed_by_a_later_report_which_fills_in_the_facts() -> None:
    rumour = deal("数亿元", status=Status.IN_TALKS)
    report = replace(
        claim("3亿元", "B"), investors=("蓝湖资本",), lead_investors=("蓝湖资本",), valuation=money("20亿元")
    )
    merged = merge(rumour, report, after(30))
    assert (merged.status, merged.round, merged.articles) == (Status.COMPLETED, "B", 2)
    assert (merged.amount, merged.valuation) == (report.amount, report.valuation)
    assert (merged.investors, merged.lead_investors) == (("蓝湖资本",), ("蓝湖资本",))
    assert (merged.opened_at, merged.seen_at) == (DAY, after(30))


def test_a_late_rumour_does_not_undo_a_completed_round() -> None:
    merged = merge(deal("3亿元", "B"), claim("数亿元", status=Status.IN_TALKS), after(-10))
    assert (merged.status, merged.amount) == (Status.COMPLETED, money("3亿元"))
    assert (merged.opened_at, merged.seen_at) == (after(-10), DAY)


def test_a_denial_denies_what_was_talked_about() -> None:
    assert merge(deal(status=Status.IN_TALKS), claim(status=Status.DENIED), after(1)).status is Status.DENIED


AMOUNTS = st.builds(
    lambda low, width, currency: Money("", low, low + width, currency),
    st.floats(1e6, 1e10),
    st.floats(0, 1e9),
    st.sampled_from(sorted(USD_RATES)),
)
ROUNDS = st.sampled_from([None, "seed", "A", "A+", "strategic"])


@given(AMOUNTS, AMOUNTS, ROUNDS, ROUNDS)
def test_whether_two_claims_fit_does_not_depend_on_which_came_first(
    one: Money, other: Money, first: str | None, second: str | None
) -> None:
    forth = same_deal(replace(deal(round_=first), amount=one), replace(claim(round_=second), amount=other), DAY)
    back = same_deal(replace(deal(round_=second), amount=other), replace(claim(round_=first), amount=one), DAY)
    assert forth is back


@given(AMOUNTS, ROUNDS, st.floats(0, 40))
def test_a_deal_takes_the_same_claim_again_after_it_took_it(amount: Money, name: str | None, days: float) -> None:
    told = replace(claim(round_=name), amount=amount)
    merged = merge(deal(), told, after(days))
    assert same_deal(merged, told, after(days))
    again = merge(merged, told, after(days))
    assert replace(again, articles=merged.articles) == merged


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("星河智能", "星河智能科技有限公司"),
        ("陶野", "陶野智能科技有限公司"),
        ("量禾科技", "合肥量禾科技有限公司"),
        ("Scopia", "Scopia AI, Inc."),
        ("SCOPIA ai", "Scopia AI"),
        ("晨星Kite", "晨星"),
        ("晨星大模型", "晨星 大模型"),
        ("Wind Borne", "WindBorne Systems"),
    ],
)
def test_two_ways_of_writing_a_name_are_one_company(one: str, other: str) -> None:
    assert same_company(one, other)
    assert same_company(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("星河智能", "北辰机器人"),
        ("Arc", "Arcadia"),
        ("Figure 1", "Figure 12"),
        ("星", "星河智能"),
        ("", "星河智能"),
        ("有限公司", "星河智能有限公司"),
        ("Foundry", "Laundry"),
    ],
)
def test_names_that_only_look_alike_are_two_companies(one: str, other: str) -> None:
    assert not same_company(one, other)


def stranger(company: str, amount: str | None = None, round_: str | None = None) -> Claim:
    return replace(claim(amount, round_), company=company, watched=False)


def test_the_names_of_companies_that_are_not_watched_match_loosely() -> None:
    known = replace(deal("2亿元", "B"), company="青禾种业")
    assert same_deal(known, stranger("青禾种业科技有限公司", "2亿元", "B"), after(1))
    assert not same_deal(known, stranger("青野种业", "2亿元", "B"), after(1))


def test_the_names_of_watched_companies_match_to_the_letter() -> None:
    assert not same_deal(deal("2亿元"), replace(claim("2亿元"), company="星河智能科技"), after(1))


@pytest.mark.parametrize(
    ("told", "days", "same"),
    [
        (stranger("Verdant Seeds", "$300 million", "B"), 1, True),
        (stranger("Verdant Seeds", "$310 million", "B"), 1, False),
        (stranger("Verdant Seeds", "$300 million", "A"), 1, False),
        (stranger("Verdant Seeds", "$300 million"), 1, False),
        (stranger("Verdant Seeds", "$300 million", "B"), 9, False),
        (stranger("青苗种业", "3亿美元", "B"), 1, False),
    ],
)
def test_a_chinese_and_an_english_name_meet_by_one_exact_sum_and_round_within_days(
    told: Claim, days: float, same: bool
) -> None:
    known = replace(deal("3亿美元", "B"), company="青禾种业")
    assert same_deal(known, told, after(days)) is same


@pytest.mark.parametrize(
    ("told", "days", "same"),
    [
        (stranger("Qinghe Seeds", "$310 million"), 1, True),
        (stranger("Qinghe Seeds", "20亿元", "B"), 1, True),
        (stranger("Qinghe Seeds", "$900 million"), 1, False),
        (stranger("Qinghe Seeds", "$300 million", "A"), 1, False),
        (stranger("Qinghe Seeds"), 1, False),
        (stranger("Qinghe Seeds", "$300 million"), 9, False),
    ],
)
def test_a_name_that_sounds_like_the_chinese_one_needs_only_a_fitting_sum(told: Claim, days: float, same: bool) -> None:
    known = replace(deal("3亿美元", "B"), company="青禾种业")
    assert same_deal(known, told, after(days)) is same


def test_a_rumoured_sum_may_grow_until_the_round_is_closed() -> None:
    talked = deal("10亿元", "B", Status.IN_TALKS)
    assert same_deal(talked, claim("13亿元", "B"), after(20))
    assert not same_deal(deal("10亿元", "B"), claim("13亿元", "B"), after(20))
    assert not same_deal(talked, claim("20亿元", "B"), after(20))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("知更鸟", "深圳知更鸟智能科技有限公司", True),
        ("月岚之面Kimora", "Kimora", True),
        ("月岚之面Kimora", "月岚之面", True),
        ("青禾", "深圳蓝湖青禾源智能科技有限公司", True),
        ("智能", "深圳蓝湖青禾源智能科技有限公司", False),
        ("青禾", "蓝湖青禾", True),
        ("AI", "岚湖AI", False),
    ],
)
def test_names_of_one_company(one: str, other: str, same: bool) -> None:
    assert same_company(one, other) is same
    assert same_company(other, one) is same


def test_claims_in_both_languages_and_forms_of_name_join_one_deal() -> None:
    stream = DealStream()
    told = [
        stranger("知更鸟", "2亿元", "B"),
        stranger("深圳知更鸟智能科技有限公司", "2亿元", "B"),
        stranger("Zhigeng Robotics", "$28 million", "B"),
    ]
    assert {stream.tell(one, after(1)).id for one in told} == {1}
    assert stream.tell(stranger("蓝禾机器人", "2亿元", "B"), after(1)).id == 2


def test_two_rounds_of_one_company_a_month_apart_are_two_deals() -> None:
    assert not same_deal(deal("1亿元", "A"), claim("1亿元", "A+"), after(30))
    assert not same_deal(deal("1亿元"), claim("3亿元"), after(30))


def test_an_exact_amount_takes_the_place_of_a_range_or_of_a_rounded_one() -> None:
    assert merge(deal("近140亿美元"), claim("138亿美元"), after(1)).amount == money("138亿美元")
    assert merge(deal("40亿元"), claim("超过40亿元"), after(1)).amount == money("超过40亿元")
    assert merge(deal("超40亿元"), claim("100亿元"), after(1)).amount == money("超40亿元")


REPORT = (
    "星河智能今日宣布完成2亿元B轮融资，由蓝湖资本领投，青木创投跟投。本轮资金将用于产品研发与市场拓展。"
    "公司成立于2019年，总部位于杭州，产品已进入三十个国家，客户包括两百家工厂与四十家医院。"
)
OTHER = "蓝湖资本领投，机器人公司星河智能拿到B轮融资，金额为2亿元。新资金会投到新一代关节的量产上，工厂设在杭州郊外。"


def test_a_reprint_with_small_changes_is_recognised_and_another_report_is_not() -> None:
    assert reprint(REPORT, REPORT.replace("今日", "近日").replace("三十", "30"))
    assert reprint(REPORT, REPORT.replace("，", " ").replace("融资", "融資"))
    assert not reprint(REPORT, OTHER)
    assert not reprint("", REPORT)
    assert not reprint("", "")


TEXTS = st.text(alphabet="星河智能完成融资今日宣布abcdefg 0123", min_size=20, max_size=300)


@given(TEXTS, TEXTS)
def test_what_two_texts_have_in_common_is_a_share_and_the_same_from_both_sides(one: str, other: str) -> None:
    share = common(signature(one), signature(other))
    assert 0 <= share <= 1
    assert share == common(signature(other), signature(one))


@given(st.permutations([chr(c) for c in range(0x4E00, 0x4E00 + 300)]), st.integers(0, 300))
def test_a_text_with_a_sentence_of_its_own_is_still_a_reprint(characters: list[str], place: int) -> None:
    text = "".join(characters)
    edited = text[:place] + "本文转自某报" + text[place:]
    assert common(signature(text), signature(edited)) >= COMMON
