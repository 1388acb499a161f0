"""Whatever stands in a stored article finds it, on both databases alike."""

import json
import os
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.archive import Archive
from monitor.models import Article
from monitor.searching.query import parse
from monitor.text import CJK, clean, clean_line, fold, search_tokens
from tests.conftest import NOW, opened
from tests.fakes.library import shelve

SUBSTRINGS = 200
DATA = os.environ.get("MONITOR_TEST_DATA")
needs_data = pytest.mark.skipif(DATA is None, reason="MONITOR_TEST_DATA names no folder with real articles")


@pytest.fixture
def archives(tmp_path: Path, postgres_url: str) -> Iterator[tuple[Archive, Archive]]:
    """The same real articles on SQLite and on Postgres."""
    with opened(f"sqlite:///{tmp_path / 'archive.db'}") as one, opened(postgres_url) as other:
        for article in real_articles():
            for archive in (one, other):
                shelve(archive, article)
        yield one, other


def real_articles() -> list[Article]:
    lines = [line for file in ("articles_dev", "stream_dev") for line in _lines(f"{file}.jsonl")]
    return [
        Article(
            f"https://news.example/{i}", "news", clean_line(item["title"]), clean(item.get("text") or ""), published=NOW
        )
        for i, item in enumerate(map(json.loads, lines))
    ]


def _lines(name: str) -> list[str]:
    return (Path(DATA or "") / "funding" / name).read_text(encoding="utf-8").splitlines()


def pieces(articles: list[Article], chance: random.Random) -> Iterator[tuple[int, str]]:
    """Substrings of two to six characters that cut no Latin word, each with the number of its article."""
    latin = re.compile(f"[^\\W_{CJK}]")
    drawn = 0
    while drawn < SUBSTRINGS:
        number = chance.randrange(len(articles))
        line = chance.choice([articles[number].title, *articles[number].text.splitlines()])
        start, size = chance.randrange(max(1, len(line))), chance.randint(2, 6)
        around, piece = (
            (line[max(0, start - 1) : start], line[start + size : start + size + 1]),
            line[start : start + size],
        )
        cuts = any(
            latin.match(fold(outer)[:1]) and latin.match(fold(inner)[:1])
            for outer, inner in ((around[0], piece[:1]), (around[1], piece[-1:]))
            if outer and inner
        )
        if not cuts and '"' not in piece and any(search_tokens(piece)):
            drawn += 1
            yield number, piece


@needs_data
def test_two_hundred_substrings_of_real_articles_find_theirs_on_both_databases(
    archives: tuple[Archive, Archive],
) -> None:
    articles, today = real_articles(), NOW.date()
    for number, piece in pieces(articles, random.Random(11)):
        hits = []
        for archive in archives:
            with archive.reading() as tables:
                hits.append([hit.url for hit in tables.search.find(parse(f'"{piece}"', today), 1000)])
        assert articles[number].url in hits[0], piece
        assert hits[0] == hits[1], piece
