"""Feeds of deals and of searches, read by the parser that reads everybody else's."""

import json
from collections.abc import Iterator

import feedparser
import pytest

from monitor.archive import Archive
from monitor.archive.saved import SavedSearch
from monitor.correcting import Correcting
from monitor.models import Fact
from monitor.settings import Web
from tests.conftest import NOW
from tests.fakes.newsroom import Newsroom
from tests.fakes.visitor import Visitor, looking

BASE = "https://monitor.example.com"


@pytest.fixture
def visitor(archive: Archive) -> Iterator[Visitor]:
    Newsroom(archive).usual()
    with looking(archive, web=Web(url=BASE)) as visitor:
        visitor.host = "monitor.example.com"
        yield visitor


def test_deals_are_a_feed_in_both_formats(visitor: Visitor) -> None:
    answer = visitor.get("/feeds/deals.atom?company=Galaxy AI&company=星河智能&language=zh")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(answer.body)
    assert not feed.bozo
    assert feed.feed.title == "融资动态"
    first = feed.entries[0]
    assert first.id == f"{BASE}/deals/2"
    assert first.title == "星河智能 · 完成融资"
    assert "轮次：B轮" in first.content[0].value
    assert "领投方：蓝湖资本" in first.content[0].value
    assert first.updated_parsed[:3] == (2026, 3, 2)
    told = visitor.get("/feeds/deals.json?company=星河智能").json
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert told["feed_url"].startswith(f"{BASE}/feeds/deals.json?company=")
    assert [item["id"] for item in told["items"]] == [f"{BASE}/deals/2", f"{BASE}/deals/1"]
    assert told["items"][0]["external_url"] == "https://one.example/2"


def test_a_correction_makes_an_item_new(visitor: Visitor, archive: Archive) -> None:
    before = visitor.get("/feeds/deals.atom")
    with archive.writing() as tables:
        Correcting(tables, "Li", NOW.replace(day=9)).edit(2, Fact.AMOUNT, "3亿元")
    after = visitor.get("/feeds/deals.atom", If_None_Match=before.headers["etag"])
    assert after.status == 200
    (entry,) = [entry for entry in feedparser.parse(after.body).entries if entry.id.endswith("/deals/2")]
    assert entry.updated_parsed[:3] == (2026, 3, 9)
    assert "3亿元" in entry.content[0].value
    assert visitor.get("/feeds/deals.atom", If_None_Match=after.headers["etag"]).status == 304


def test_any_search_is_a_feed_and_a_saved_one_by_its_name(visitor: Visitor, archive: Archive) -> None:
    with archive.writing() as tables:
        tables.saved_searches.put(SavedSearch("AI 智能", "人工智能", "Li", NOW))
    for path in ("/feeds/search.atom?q=人工智能", "/feeds/saved/AI%20智能.atom"):
        feed = feedparser.parse(visitor.get(path).body)
        assert [entry.link for entry in feed.entries] == [f"{BASE}/articles/2"]
        assert not feed.bozo
    assert len(visitor.get("/feeds/saved/AI%20智能.json").json["items"]) == 1
    assert len(visitor.get("/feeds/search.json").json["items"]) == 6


def test_what_would_be_markup_is_text(visitor: Visitor) -> None:
    raw = visitor.get("/feeds/search.atom?q=alert").text
    assert "&lt;script&gt;" in raw
    assert "<script>" not in raw


def test_characters_that_no_feed_may_hold_are_left_out(visitor: Visitor, archive: Archive) -> None:
    Newsroom(archive, number=50).tell("星河智能\x0b\x1b完成9亿元D轮融资\ufffe", source="three")
    feed = feedparser.parse(visitor.get("/feeds/search.atom?q=9亿元").body)
    assert not feed.bozo
    assert len(feed.entries) == 1
    assert json.loads(visitor.get("/feeds/deals.json").body)["items"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/feeds/deals.rss", 404),
        ("/feeds/saved/none.atom", 404),
        ("/feeds/deals.atom?after=x", 400),
        ("/feeds/search.atom?q=amount>x", 400),
    ],
)
def test_a_feed_that_there_is_not_is_a_problem(visitor: Visitor, path: str, status: int) -> None:
    answer = visitor.get(path)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
