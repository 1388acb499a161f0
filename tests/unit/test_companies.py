"""Watched companies are found by name, where their names stand for themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.detection.companies import Watchlist
from monitor.settings import Company
from monitor.text import fold_with_positions


def found(text: str, *companies: Company) -> list[tuple[str, str]]:
    mentions = Watchlist(companies).find(fold_with_positions(text), "text")
    return [(mention.company, text[mention.span.start : mention.span.end]) for mention in mentions]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("智谱AI获投4亿美元", "智谱AI"),
        ("Meta公司发布新品", "Meta"),
        ("据Meta报道", "Meta"),
        ("Meta's new model", "Meta"),
        ("Meta’s new model", "Meta"),
        ("“Meta”", "Meta"),
        ("META", "Meta"),
        ("ＭＥＴＡ", "Meta"),
        ("智譜AI獲投", "智谱AI"),
        ("智谱 AI 获投", "智谱AI"),
        ("C3.ai grows", "C3.ai"),
        ("公司名为X.", "X"),
    ],
)
def test_a_name_is_found_however_it_is_written(text: str, name: str) -> None:
    assert [company for company, _ in found(text, Company(name=name))] == [name]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("metadata", "Meta"),
        ("Metaverse grows", "Meta"),
        ("beta meta2", "Meta"),
        ("OpenAIs", "OpenAI"),
        ("C3.air", "C3.ai"),
        ("électro", "lectro"),
    ],
)
def test_a_name_is_not_found_inside_a_latin_word(text: str, name: str) -> None:
    assert found(text, Company(name=name)) == []


def test_an_alias_stands_for_its_company_at_its_place_in_the_original() -> None:
    company = Company(name="智谱AI", aliases=("Zhipu",))
    assert found("全角ＺＨＩＰＵ获投", company) == [("智谱AI", "ＺＨＩＰＵ")]


def test_the_longest_of_names_that_overlap_counts() -> None:
    companies = Company(name="商汤"), Company(name="商汤医疗")
    assert found("商汤医疗完成B轮融资", *companies) == [("商汤医疗", "商汤医疗")]


def test_a_shorter_name_is_found_where_the_longer_one_does_not_end() -> None:
    company = Company(name="智谱AI", aliases=("智谱",))
    assert found("智谱AIR发布", company) == [("智谱AI", "智谱")]


def test_an_excluded_word_hides_a_name_of_its_company_only() -> None:
    apple = Company(name="苹果", exclude=("苹果汁",))
    juice = Company(name="果汁")
    assert found("苹果汁和苹果", apple) == [("苹果", "苹果")]
    assert found("苹果汁", apple, juice) == [("果汁", "果汁")]


def test_a_name_of_two_companies_mentions_both() -> None:
    companies = Company(name="北辰机器人", aliases=("北辰",)), Company(name="北辰科技", aliases=("北辰",))
    assert {company for company, _ in found("北辰完成融资", *companies)} == {"北辰机器人", "北辰科技"}


def test_no_companies_find_nothing() -> None:
    assert found("智谱AI") == []


@given(st.text(max_size=60), st.sampled_from(["智谱AI", "Meta", "商汤", "C3.ai"]), st.text(max_size=60))
def test_a_name_between_chinese_characters_is_always_found(before: str, name: str, after: str) -> None:
    text = f"{before}，{name}，{after}"
    assert (name, name) in found(text, Company(name=name))
