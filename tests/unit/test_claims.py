"""Claims: who raises, how far it has come, how much, from whom; told by labelled cases in data/claims.yaml."""

import os
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.detection.detector import Detector
from monitor.models import Claim, Detection, Status
from monitor.settings import Company
from monitor.text import clean

DATA = Path(__file__).parent / "data"
CASES = yaml.safe_load((DATA / "claims.yaml").read_text(encoding="utf-8"))
ANYONE = [
    case
    for name in ("anyone.yaml", "articles.yaml")
    for case in yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
]
WATCHED = (
    Company(name="星河智能", aliases=("星河智能科技有限公司",)),
    Company(name="北辰机器人"),
    Company(name="云杉科技"),
    Company(name="华岳集团"),
    Company(name="Lumora"),
    Company(name="Tessera AI"),
    Company(name="Orbis"),
)


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(WATCHED, ())


def told(claim: Claim) -> dict[str, Any]:
    amount, valuation = claim.amount, claim.valuation
    return {
        "company": claim.company,
        "news": claim.news,
        "status": claim.status.value,
        "round": claim.round,
        "rule": claim.rule,
        "low": amount.low if amount else None,
        "high": amount.high if amount else None,
        "currency": amount.currency if amount else None,
        "valuation": (valuation.low or valuation.high) if valuation else None,
        "investors": list(claim.investors),
        "leads": list(claim.lead_investors),
        "watched": claim.watched,
        "investing": list(claim.investing),
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_an_article_tells_the_deals_it_is_labelled_with(detector: Detector, case: dict[str, Any]) -> None:
    published = case.get("published")
    at = datetime.combine(published, datetime.min.time(), UTC) if isinstance(published, date) else None
    found = detector.detect(case["title"], case.get("text", ""), published=at)

    got = [told(claim) for claim in found.claims]
    checked = [{key: one[key] for key in want} for want, one in zip(case["claims"], got, strict=False)]
    assert (len(got), checked) == (len(case["claims"]), case["claims"]), got
    refused = {(rejection.company, rejection.rule) for rejection in found.rejections}
    assert refused >= set(case.get("rejected", {}).items())


@pytest.fixture(scope="module")
def everyone() -> Detector:
    return Detector((Company(name="星河智能"), Company(name="华岳集团")), (), everyone=True)


@pytest.mark.parametrize("case", ANYONE, ids=lambda case: case["title"])
def test_deals_of_companies_on_no_list_are_told_too(everyone: Detector, case: dict[str, Any]) -> None:
    published = case.get("published")
    at = datetime.combine(published, datetime.min.time(), UTC) if isinstance(published, date) else None
    found = everyone.detect(case["title"], case.get("text", ""), published=at)

    got = [told(claim) for claim in found.claims if claim.news]
    checked = [{key: one[key] for key in want} for want, one in zip(case["claims"], got, strict=False)]
    assert (len(got), checked) == (len(case["claims"]), case["claims"]), got


def test_a_company_is_called_by_its_canonical_name_where_it_is_watched_under_an_alias() -> None:
    detector = Detector([Company(name="星河智能", aliases=("Galaxia",))], (), everyone=True)
    (claim,) = detector.detect("Galaxia raises $40M Series B", "").claims
    assert (claim.company, claim.watched) == ("星河智能", True)


def test_a_name_in_a_hostile_text_is_cut(everyone: Detector) -> None:
    found = everyone.detect("“" + "甲" * 400 + "”完成A轮融资", "“" + "A" * 390 + "” raises $5M")
    assert all(len(claim.company) <= 200 for claim in found.claims)


def test_the_evidence_is_the_sentence_with_company_and_words_marked(detector: Detector) -> None:
    text = "机器人越来越多。\n近日，“星河智能”完成2亿元B轮融资。更多消息稍后。"
    (claim,) = detector.detect("机器人早报", text).claims
    evidence = claim.evidence
    assert evidence.sentence == "近日，“星河智能”完成2亿元B轮融资。"
    assert text[evidence.span.start : evidence.span.end] == evidence.sentence
    assert [evidence.sentence[start:end] for start, end in evidence.marks] == ["星河智能", "完成2亿元B轮"]


def test_the_title_gives_the_evidence_where_title_and_text_tell_the_deal(detector: Detector) -> None:
    (claim,) = detector.detect("星河智能完成B轮融资", "星河智能今日宣布完成2亿元B轮融资。").claims
    assert claim.evidence.span.part == "title"
    assert claim.amount is not None
    assert claim.amount.text == "2亿元"


def test_an_amount_keeps_the_words_of_the_article(detector: Detector) -> None:
    (claim,) = detector.detect("星河智能获投４亿美元", "").claims
    assert claim.amount is not None
    assert (claim.amount.text, claim.amount.low) == ("４亿美元", 400_000_000)


def test_an_article_without_a_watched_company_has_nothing(detector: Detector) -> None:
    assert detector.detect("青禾种业完成A轮融资", "金额为1亿元。") == Detection()


def test_a_long_article_of_the_seed_s_shape_gives_one_claim_of_news() -> None:
    watched = ("晨星大模型", "华岳集团", "北辰机器人", "云杉科技", "星河智能")
    detector = Detector(
        [
            Company(name="晨星大模型", aliases=("晨星", "杭州晨星人工智能有限公司")),
            *(Company(name=name) for name in watched[1:]),
        ],
        (),
    )
    text = clean(
        """做下一代大模型，为各行各业所用。
文 | 小林
据某数据库，3月8日，杭州晨星人工智能有限公司（下称“晨星大模型”）完成新一轮融资，投资方为中东能源公司海纳（Haina）旗下风险投资部门管理的基金Dune9，本轮**融资金额达2亿美元**，晨星大模型估值达到约20亿美元。
---
不过，针对融资消息，**晨星大模型方面未予置评**。
数据显示，此前，晨星大模型已完成多轮融资，投资方中包括蓝湖资本、青木创投等机构，以及华岳集团、北辰机器人、云杉科技等企业。
从资本的维度看，投资者投资了许多企业，包括星河智能等知名企业。
晨星大模型成立以来已完成多轮融资，投资方包括华岳集团、云杉科技等。
参考资料：
1.海纳2亿美元重仓晨星大模型.某新闻。
2.海纳旗下基金或2亿美元入资晨星大模型.某财经。
图片链接：
1. ![Image 1](http://images.example/1)
"""
    )
    found = detector.detect("晨星大模型获投2亿美元，投资方来自中东", text, published=datetime(2024, 3, 9, tzinfo=UTC))
    (news,) = [claim for claim in found.claims if claim.news]
    assert (news.company, news.status, news.round) == ("晨星大模型", Status.COMPLETED, None)
    assert news.amount is not None
    assert (news.amount.low, news.amount.high, news.amount.currency) == (200_000_000, 200_000_000, "USD")
    assert news.valuation is not None
    assert (news.valuation.low, news.valuation.currency) == (2_000_000_000, "USD")
    assert news.investors == ("Dune9",)
    assert {r.company for r in found.rejections} >= {"华岳集团", "北辰机器人", "云杉科技"}


def test_the_seed_article_gives_one_claim_of_news_for_its_company() -> None:
    folder = Path(os.environ.get("MONITOR_TEST_DATA", "MONITOR_TEST_DATA is not set"))
    articles = sorted((folder / "seed").glob("*.txt"))
    if not articles:
        pytest.skip(f"no seed article in {folder}; name the folder in MONITOR_TEST_DATA")
    zhipu = Company(name="智谱AI", aliases=("智谱", "智谱华章", "北京智谱华章科技有限公司", "Zhipu AI"))
    others = ("小米", "阿里巴巴", "美团", "商汤科技", "腾讯")
    detector = Detector([zhipu, *(Company(name=name) for name in others)], ())
    _, _, body = articles[0].read_text(encoding="utf-8").split("---", 2)

    found = detector.detect("智谱AI获投4亿美元，投资方来自中东", clean(body))
    (news,) = [claim for claim in found.claims if claim.news]
    assert (news.company, news.status, news.round) == ("智谱AI", Status.COMPLETED, None)
    assert news.amount is not None
    assert (news.amount.low, news.amount.high, news.amount.currency) == (400_000_000, 400_000_000, "USD")
    assert news.valuation is not None
    assert (news.valuation.low, news.valuation.currency) == (3_000_000_000, "USD")
    assert news.investors == ("Prosperity7",)
    assert {claim.company for claim in found.claims} == {"智谱AI"}


@pytest.mark.parametrize(
    "piece",
    [
        "星河智能完成融资",
        "星河智能,",
        "led by ",
        "Lumora raises ",
        "投资方包括、",
        "由",
        "(",
        "…",
        "1",
        "亿",
        "a/",
        "(星河智能",
        "完成A轮融资",
        "“完成",
        "Aa, the Bb ",
        "raises $5M ",
        "$1M in A ",
        "对A投资",
        "的A轮",
        "在里",
    ],
)
def test_hostile_text_takes_no_longer_than_its_length_allows(
    detector: Detector, everyone: Detector, piece: str
) -> None:
    """What is kept of a text of 1 MB takes a second of a processor at most; three leave room for slow machines."""
    text = clean(piece * (1_000_000 // len(piece)))
    for one in (detector, everyone):
        start = time.process_time()
        one.detect("星河智能", text)
        assert time.process_time() - start < 3
