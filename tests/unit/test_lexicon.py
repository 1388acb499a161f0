"""The lexicons: what is in them can be used, and a configuration can add to them."""

import re
from collections import Counter

import pytest

from monitor.detection import lexicon
from monitor.detection.detector import Detector
from monitor.detection.lexicon import LANGUAGES, Language
from monitor.settings import Company

WATCHED = (Company(name="星河智能"), Company(name="Lumora"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_stands_twice_in_a_category(language: Language) -> None:
    words = lexicon.built_in()[language]
    for category in words.categories:
        listed = words.words.get(category) or words.not_deals[category]
        assert [word for word, times in Counter(listed).items() if times > 1] == [], category


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_named_part_is_used_by_some_pattern(language: Language) -> None:
    words = lexicon.built_in()[language]
    used = set(re.findall(r"<([a-z_]+)>", repr((words.parts, words.sources))))
    assert set(words.parts) <= used


def test_a_word_that_a_configuration_adds_makes_a_claim() -> None:
    titles = ("星河智能搞定A轮，投后20亿", "Lumora wangles $20M Series A")
    words: dict[Language, dict[str, list[str]]] = {"zh": {"finish": ["搞定"]}, "en": {"finish": ["wangles"]}}
    assert [bool(Detector(WATCHED, ()).detect(title, "").claims) for title in titles] == [False, False]
    with_words = Detector(WATCHED, (), words)
    assert [with_words.detect(title, "").claims[0].round for title in titles] == ["A", "A"]


def test_an_added_word_is_found_where_no_built_in_word_stands() -> None:
    words: dict[Language, dict[str, list[str]]] = {"zh": {"direct": ["圈錢"]}}
    found = Detector((), (), words, everyone=True).detect("「晨枢微」圈錢了", "")
    assert [claim.company for claim in found.claims] == ["晨枢微"]


def test_an_added_word_of_no_deal_refuses_a_claim() -> None:
    title = "星河智能完成5亿元永续票券融资"
    assert Detector(WATCHED, ()).detect(title, "").claims
    found = Detector(WATCHED, (), {"zh": {"bond": ["永续票券"]}}).detect(title, "")
    assert [rejection.rule for rejection in found.rejections] == ["bond"]


def test_an_unknown_category_is_refused() -> None:
    with pytest.raises(ValueError, match="no category 'finsh'"):
        Detector(WATCHED, (), {"zh": {"finsh": ["搞定"]}})
