"""What the archive forgets by rule, and what it never does."""

from datetime import timedelta

import pytest

from monitor.archive import Archive
from monitor.archive.deals import DealFilter
from monitor.models import RawPage
from monitor.retention import forget
from monitor.searching.query import parse
from monitor.settings import Retention
from tests.conftest import NOW
from tests.fakes.newsroom import Newsroom
from tests.fakes.program import Program

YEAR = timedelta(days=365)


@pytest.fixture
def old(archive: Archive) -> Archive:
    """Articles of two years ago (a deal, a company named, nobody named) and of today."""
    newsroom = Newsroom(archive)
    for days in (-730, 0):
        newsroom.tell("星河智能完成2亿元B轮融资", days=days)
        newsroom.tell("星河智能发布新品", "星河智能的新品使用了人工智能。", days=days)
        newsroom.tell("今日天气", "今天晴，人工智能预报明天有雨。", days=days)
    with archive.writing() as tables:
        tables.raw_pages.put(1, RawPage("https://x.example", "text/html", b"old"), NOW - 2 * YEAR)
        tables.raw_pages.put(4, RawPage("https://x.example", "text/html", b"new"), NOW)
    return archive


def found(archive: Archive, query: str) -> list[int]:
    with archive.reading() as tables:
        return [hit.id for hit in tables.search.find(parse(query, NOW.date()))]


def test_articles_that_name_nobody_go_with_their_place_in_the_index(old: Archive) -> None:
    assert found(old, "人工智能") == [6, 5, 3, 2]
    assert forget(old, Retention(unmentioned=YEAR), NOW) == {"unmentioned": 1}
    assert found(old, "人工智能") == [6, 5, 2]
    with old.reading() as tables:
        assert tables.articles.get(3) is None
        assert tables.index.missing() == []
    assert forget(old, Retention(unmentioned=YEAR), NOW) == {"unmentioned": 0}


def test_texts_go_and_titles_and_deals_stay(old: Archive) -> None:
    assert forget(old, Retention(texts=YEAR), NOW) == {"texts": 2}
    assert found(old, "人工智能") == [6, 5]
    assert found(old, "星河智能 新品") == [5, 2]
    assert found(old, "company:星河智能") == [5, 4, 2, 1]
    with old.reading() as tables:
        told = tables.articles.get(1)
        assert told is not None
        assert told.article.text
        assert [deal.articles for deal in tables.deals.find(DealFilter())] == [1, 1]
    assert forget(old, Retention(texts=YEAR), NOW) == {"texts": 0}


def test_pages_as_they_were_fetched_go_by_age(old: Archive) -> None:
    assert forget(old, Retention(raw_pages=YEAR), NOW) == {"raw_pages": 1}
    with old.reading() as tables:
        assert tables.raw_pages.count(None) == 1


def test_many_go_batch_by_batch_and_it_can_be_stopped(archive: Archive) -> None:
    newsroom = Newsroom(archive)
    for _ in range(450):
        newsroom.tell("今日天气", days=-730)
    steps = iter((False, True))
    assert forget(archive, Retention(unmentioned=YEAR), NOW, lambda: next(steps)) == {"unmentioned": 200}
    assert forget(archive, Retention(unmentioned=YEAR), NOW) == {"unmentioned": 250}
    assert found(archive, "天气") == []


def test_nothing_is_forgotten_unless_it_is_said(old: Archive) -> None:
    assert forget(old, Retention(), NOW) == {}


def test_the_command_forgets_now(program: Program) -> None:
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "x", "url": "http://127.0.0.1:9/feed"}],
        retention={"unmentioned": "365d"},
    )
    assert program.run("db", "upgrade").returncode == 0
    assert program.ask("db", "forget") == {"unmentioned": 0}
