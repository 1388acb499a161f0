"""Topics: keywords and patterns near a mention."""

import time

import pytest

from monitor.detection.detector import Detector
from monitor.detection.topics import check_pattern
from monitor.models import Evidence
from monitor.settings import Company, Topic

COMPANIES = (Company(name="星河智能"), Company(name="Lumora"))


def topic(**fields: object) -> Topic:
    return Topic.model_validate({"name": "主题", **fields})


def evidence(found: Topic, title: str, text: str = "") -> Evidence | None:
    matches = Detector(COMPANIES, (found,)).detect(title, text).matches
    return matches[0].evidence if matches else None


def test_one_of_any_is_enough_and_all_of_all_are_needed() -> None:
    words = topic(any=("发布", "推出"), all=("机器人", "工厂"))
    assert evidence(words, "星河智能推出工厂机器人")
    assert not evidence(words, "星河智能推出机器人")
    assert not evidence(words, "星河智能的工厂机器人")


def test_a_word_of_not_speaks_against_it() -> None:
    words = topic(any=("裁员",), **{"not": ("辟谣",)})
    assert evidence(words, "星河智能裁员")
    assert not evidence(words, "星河智能辟谣裁员")


def test_latin_words_count_whole_and_chinese_ones_anywhere() -> None:
    assert not evidence(topic(any=("raise",)), "Lumora raised $5M")
    assert evidence(topic(any=("RAISED",)), "Lumora raised $5M")
    assert evidence(topic(any=("獲投",)), "星河智能获投")


@pytest.mark.parametrize(
    ("within", "hits"),
    [("title", 0), ("sentence", 1), ("paragraph", 2), ("article", 3)],
)
def test_the_words_must_be_as_near_as_configured(within: str, hits: int) -> None:
    texts = ("星河智能发布新品。", "星河智能很忙。今天发布新品。", "星河智能很忙。\n今天发布新品。")
    found = [evidence(topic(any=("发布",), within=within), "一天", text) for text in texts]
    assert sum(one is not None for one in found) == hits


def test_the_evidence_is_the_sentence_of_the_mention_with_both_marked() -> None:
    found = evidence(topic(any=("发布",)), "一天", "天气好。星河智能发布新品。")
    assert found is not None
    assert found.sentence == "星河智能发布新品。"
    assert [found.sentence[start:end] for start, end in found.marks] == ["星河智能", "发布"]


def test_a_pattern_counts_like_a_word_of_any() -> None:
    found = evidence(topic(any=("无",), patterns=(r"第\d+款",)), "星河智能发布第3款机器人")
    assert found is not None
    assert [found.sentence[start:end] for start, end in found.marks] == ["星河智能", "第3款"]


def test_each_company_matches_a_topic_once() -> None:
    text = "星河智能发布新品。星河智能又发布新品。Lumora发布新品。"
    matches = Detector(COMPANIES, (topic(any=("发布",)),)).detect("", text).matches
    assert [match.company for match in matches] == ["星河智能", "Lumora"]


@pytest.mark.parametrize("pattern", ["(", "[a", "*a", "(?<n>a", "a*", "^", "|x"])
def test_a_pattern_that_cannot_be_used_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        check_pattern(pattern)


@pytest.mark.parametrize("pattern", [r"融资\d+亿", r"(?:获|得)投", r"raises? \$\d+M"])
def test_an_ordinary_pattern_is_taken(pattern: str) -> None:
    check_pattern(pattern)


@pytest.mark.parametrize("pattern", [r"(a|a)*$", r"(a|aa)+$", r"(.*a){12}$"])
def test_a_pattern_that_hangs_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"too long|no text"):
        check_pattern(pattern)


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(\w+\s?)+$", r"(x+x+)+y", r"([a-z]+)*\d"])
def test_no_pattern_holds_up_an_article_whether_refused_or_not(pattern: str) -> None:
    try:
        detector = Detector(COMPANIES, (topic(patterns=(pattern,), within="article"),))
    except ValueError:
        return
    start = time.process_time()
    detector.detect("Lumora", "a" * 50_000 + "! " + "x" * 50_000 + "!")
    assert time.process_time() - start < 3


def test_a_refusal_names_topic_and_pattern() -> None:
    with pytest.raises(ValueError, match=r"topic '主题': pattern '\(' is no regular expression"):
        Detector(COMPANIES, (topic(patterns=("(",)),))


def test_many_mentions_and_words_take_no_longer_than_their_length_allows() -> None:
    detector = Detector(COMPANIES, (topic(all=("发布", "没有的词"), within="article"), topic(any=("没有",))))
    start = time.process_time()
    detector.detect("", "星河智能发布，" * 14_000)
    assert time.process_time() - start < 3


def test_the_evidence_is_the_sentence_that_holds_the_words() -> None:
    text = "星河智能近日调整组织架构。知情人士称，公司计划优化人员约三成。"
    found = evidence(topic(any=("优化人员",), within="paragraph"), "", text)
    assert found is not None
    assert found.sentence == "知情人士称，公司计划优化人员约三成。"
    assert [found.sentence[start:end] for start, end in found.marks] == ["优化人员"]
