"""Search finds what is there and nothing else, alike on SQLite and on Postgres."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.archive import Archive
from monitor.archive.search import Counts, Hit, Order
from monitor.errors import ArchiveError, TooSlowError
from monitor.models import Article, Claim, Evidence, Mention, Money, Span, Status
from monitor.searching.nodes import Node
from monitor.searching.query import parse
from monitor.text import search_tokens
from tests.conftest import NOW
from tests.fakes.library import article, shelve

TODAY = NOW.date()
ARTICLE = Article(
    url="https://news.example/a",
    source="example",
    title="星河智能获投两亿元，老股东跟投",
    text="星河智能今日宣布完成B轮融资。\n本轮金额2亿元，由蓝湖资本领投，智谱 AI 参与。\n"
    "The Galaxy team is based in Hangzhou.",
    language="zh",
    published=NOW - timedelta(hours=2),
)
CLAIM = Claim(
    company="星河智能",
    news=True,
    status=Status.COMPLETED,
    evidence=Evidence("星河智能今日宣布完成B轮融资。", Span("text", 0, 15)),
    rule="completes_round",
    round="B",
    amount=Money("2亿元", 200_000_000, 200_000_000, "CNY"),
    investing=("蓝湖资本",),
)
OTHER = replace(CLAIM, company="远山科技", round="A", amount=Money("9亿元", 900_000_000, None, "CNY"), investing=())


def meaning(query: str, today: date = TODAY) -> Node:
    return parse(query, today)


def found(archive: Archive, query: str, limit: int = 100, **asked: object) -> list[Hit]:
    with archive.reading() as tables:
        return tables.search.find(meaning(query), limit, **asked)  # type: ignore[arg-type]


FITTING = (
    ("获投", True),
    ("湖", True),
    ("领投，", True),
    ("蓝湖资本领投", True),
    ("藍湖資本", True),
    ("Ｇａｌａｘｙ", True),
    ('"galaxy team"', True),
    ("融资 galaxy", True),
    ("完成B轮", True),
    ("智谱AI", True),
    ("智谱 AI参与", True),
    ("gala", False),
    ("gala*", True),
    ("红杉 OR 蓝湖", True),
    ("红杉 | 高瓴", False),
    ("融资 -红杉", True),
    ("融资 -蓝湖", False),
    ("-红杉", True),
    ("-融资", False),
    ("-(红杉 OR 蓝湖资本领投)", False),
    ('-"资本蓝湖"', True),
    ("(红杉 OR 蓝湖) (融资 OR 上市)", True),
    ("title:获投", True),
    ("title:蓝湖", False),
    ("标题：获投", True),
    ('"team galaxy"', False),
    ("融资 红杉", False),
    ("资金", False),
    ("轮B", False),
    ("company:星河智能 融资", True),
    ("company:别家 OR 融资", True),
    ("company:别家", False),
    ("source:example lang:zh", True),
    ("source:other", False),
    ("-source:example", False),
    ("after:2026-03-02 before:2026-03-03", True),
    ("after:2026-03-03", False),
    ("before:2026-03-02", False),
    ("after:2d", True),
    ("(after:2026-03-03 OR 融资)", True),
    ("-after:2026-03-01", False),
    ("round:B", True),
    ("round:A轮", True),
    ("round:C", False),
    ("status:completed", True),
    ("status:denied", False),
    ("amount>1亿", True),
    ("amount>1亿元 round:B", True),
    ("amount>3亿元 round:B", False),  # that is another deal
    ("amount>3亿元 company:星河智能", False),
    ("amount>3亿元 company:远山科技", True),
    ("company:蓝湖资本 round:B", True),
    ("amount>=2亿 amount<=2亿", True),
    ("amount<1亿", False),
    ("amount>$20m", True),
    ("amount>$200m", False),
    ("amount<$30m", True),
    ("-amount>100m", False),
)
"""Queries, and whether they find the article."""


def test_a_query_finds_what_fits_it_and_counts_as_many(shelf: Archive) -> None:
    for query, finds in FITTING:
        hits = found(shelf, query)
        assert bool(hits) is finds, query
        with shelf.reading() as tables:
            assert tables.search.count(meaning(query)).total == len(hits), query


@pytest.fixture
def shelf(archive: Archive) -> Archive:
    """An archive with one article."""
    shelve(archive, ARTICLE, Mention("星河智能", "星河智能", Span("title", 0, 4)), CLAIM, OTHER)
    return archive


def test_search_follows_an_edit(shelf: Archive) -> None:
    shelve(shelf, replace(ARTICLE, text="更正：本轮金额为3亿元。", published=NOW - timedelta(days=40)))
    assert found(shelf, "蓝湖") == []
    assert len(found(shelf, "更正")) == 1
    assert found(shelf, "after:2026-02-01") == []


def test_an_article_that_says_something_else_has_other_labels(shelf: Archive) -> None:
    with shelf.writing() as tables:
        tables.deals.remove_claims(1)
        tables.index.refresh(1)
    assert found(shelf, "round:B") == []
    assert len(found(shelf, "蓝湖 company:星河智能")) == 1


def test_the_newest_come_first_a_page_at_a_time(archive: Archive) -> None:
    for i in range(150):
        shelve(archive, article(i, "星河智能融资", published=NOW - timedelta(minutes=i * 7)))
    whole = [hit.title and hit.url.rsplit("/", 1)[1] for hit in found(archive, "融资", 1000)]
    assert whole == [str(i) for i in range(150)]
    pages, cursor = [], None
    while page := found(archive, "融资", 40, after=cursor):
        pages += [hit.url.rsplit("/", 1)[1] for hit in page]
        cursor = page[-1].cursor
    assert pages == whole


def test_six_hundred_articles_of_one_day_are_all_found(archive: Archive) -> None:
    day = NOW.replace(hour=0, minute=0)
    for i in range(600):
        shelve(archive, article(i, f"第{i}条 融资", published=day))
    shelve(archive, article(900, "第900条 融资", published=day + timedelta(hours=1)))
    shelve(archive, article(901, "第901条 融资", published=day - timedelta(seconds=1)))
    hits = [hit.url.rsplit("/", 1)[1] for hit in found(archive, "融资", 1000)]
    assert sorted(hits) == sorted([*map(str, range(600)), "900", "901"])
    assert (hits[0], hits[-1]) == ("900", "901")


def test_relevant_is_what_has_the_words_in_its_title_and_often(archive: Archive) -> None:
    shelve(archive, article(1, "一周要闻", "提到了星河智能一次。" + "别的事情说了很多。" * 100))
    shelve(archive, article(2, "星河智能完成融资", "星河智能宣布。星河智能表示。", published=NOW - timedelta(days=9)))
    shelve(archive, article(3, "机器人周报", "星河智能、星河智能、还是星河智能。", published=NOW - timedelta(days=1)))
    assert [hit.url[-1] for hit in found(archive, "星河智能")] == ["1", "3", "2"]
    assert [hit.url[-1] for hit in found(archive, "星河智能", order=Order.RELEVANT)] == ["2", "3", "1"]
    first = found(archive, "星河智能", 1, order=Order.RELEVANT)
    rest = found(archive, "星河智能", order=Order.RELEVANT, after=first[0].cursor)
    assert [hit.url[-1] for hit in rest] == ["3", "1"]


def test_a_hit_shows_where_the_words_stand(shelf: Archive) -> None:
    (hit,) = found(shelf, "智谱ai HANGZHOU 获投")
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["智谱 AI", "Hangzhou"]
    assert [hit.title[start:end] for start, end in hit.title_marks] == ["获投"]


def test_the_snippet_is_the_part_with_most_of_the_words(archive: Archive) -> None:
    shelve(archive, article(1, "周报", "融资。" + "别的事情。" * 100 + "星河智能完成融资。" + "还有事情。" * 100))
    (hit,) = found(archive, "融资 星河智能")
    assert {hit.snippet[start:end] for start, end in hit.marks} == {"星河智能", "融资"}


def test_hits_are_counted_by_company_source_and_month(archive: Archive) -> None:
    mention = Mention("星河智能", "星河智能", Span("title", 0, 4))
    shelve(archive, article(1, "星河智能融资"), mention, mention)
    shelve(archive, article(2, "星河智能融资", source="other", published=NOW - timedelta(days=20)), mention)
    shelve(archive, article(3, "别家融资"))
    with archive.reading() as tables:
        assert tables.search.count(meaning("融资")) == Counts(
            3, more=False, companies=(("星河智能", 2),), sources=(("news", 2), ("other", 1)),
            months=(("2026-03", 2), ("2026-02", 1)),
        )  # fmt: skip
        assert tables.search.count(meaning('"星河智能融资"')).total == 2


def test_a_search_that_takes_too_long_is_ended(shelf: Archive) -> None:
    with shelf.reading(seconds=-1) as tables, pytest.raises(TooSlowError):
        tables.search.find(meaning("融资"))


def test_who_only_asks_cannot_write(shelf: Archive) -> None:
    def written() -> None:
        with shelf.reading(seconds=5) as tables:
            tables.articles.set_mentions(1, [])

    with pytest.raises(ArchiveError):
        written()
    assert len(found(shelf, "company:星河智能")) == 1
    shelve(shelf, article(2, "此后照常写入"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_run_of_an_article_finds_it(shelf: Archive, data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(ARTICLE.text.splitlines()[:2]))
    start = data.draw(st.integers(0, len(line) - 6))
    piece = line[start : start + data.draw(st.integers(1, 6))]
    if any(search_tokens(piece)) and "A" not in (piece[0], piece[-1]) and piece[0] != "I":
        assert len(found(shelf, f'"{piece}"')) == 1


WORDS = ("融资", "完成", "星河", "智能", "B轮", "AI", "open", "2亿", "。", " ", "領投")

QUERIES = ("融资", "完成", "AI", "open", "op*", "星", "B轮", "title:智能", "source:s1", "lang:en")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_index_loses_nothing_that_the_texts_hold(library: Archive, seed: int) -> None:
    chance = random.Random(seed)

    def query(depth: int) -> str:
        kind = chance.choice(("word", "word", "and", "or", "not", "phrase")) if depth else "word"
        if kind == "word":
            return chance.choice(
                ("融资", "完成", "AI", "open", "op*", "星", "B轮", "title:智能", "source:s1", "lang:en")
            )
        if kind == "phrase":
            return f'"{chance.choice(WORDS[:7])}{chance.choice(WORDS[:7])}"'
        if kind == "not":
            return f"-({query(depth - 1)})"
        joint = " OR " if kind == "or" else " "
        return f"({query(depth - 1)}{joint}{query(depth - 1)})"

    asked = meaning(query(3))
    with library.reading() as tables:
        hits = {hit.id for hit in tables.search.find(asked, 1000)}
        everything = {row.id for row, _ in tables.search._fitting(asked, None)}
    assert hits == everything


@pytest.fixture
def library(archive: Archive) -> Archive:
    """An archive with sixty articles of few words."""
    chance = random.Random(5)
    for i in range(60):
        title, text = ("".join(chance.choices(WORDS, k=k)).strip() or "空" for k in (3, 8))
        shelve(archive, article(i, title, text, source=f"s{i % 3}", language=("zh", "en")[i % 2]))
    assert Counter(hit.source for hit in found(archive, "")) == {"s0": 20, "s1": 20, "s2": 20}
    return archive
