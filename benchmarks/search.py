"""How fast and large the search index is: `python -m benchmarks.search [ARTICLES] [--postgres ADDRESS] [--keep FILE]`.

The articles have 1,500 characters each, of sentences drawn from real ones where MONITOR_TEST_DATA names a folder of
them, else of made-up ones. Times are in milliseconds, of the connection that a page would use; the same questions are
put to LIKE, and to trigrams (FTS5's, pg_trgm) over the same texts if there are at most 50,000 of them.
"""

import argparse
import json
import os
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import track
from sqlalchemy import Connection, Engine, text

from benchmarks.texts import article
from monitor.archive import Archive
from monitor.archive.engine import open_engine
from monitor.archive.search import Order
from monitor.models import Article, Mention, Span
from monitor.searching.query import parse

NOW = datetime(2026, 3, 2, tzinfo=UTC)
LENGTH, BATCH, TRIGRAMS_UP_TO = 1500, 500, 50_000
RARE_EVERY = 5_000
"""Articles of which one names the rare company."""

_SENTENCE = re.compile(r"[^。！？!?\n]{6,300}[。！？!?]")
DRAWN = 60
"""Questions of each kind, drawn from what is stored."""


def questions(archive: Archive, chance: random.Random) -> dict[str, tuple[str, ...]]:
    """Terms of two characters, phrases of six, three terms of one text, and the rare company."""
    with archive.reading() as tables:
        newest = tables.articles.count(None, None, None)
        texts = [found.article.text for _ in range(DRAWN) if (found := tables.articles.get(chance.randint(1, newest)))]
    runs = [chance.choice(re.findall("[\u4e00-\u9fff]{6,}", one) or ["人工智能公司"]) for one in texts]
    return {
        "two characters": tuple(run[:2] for run in runs),
        "a phrase": tuple(f'"{run[:6]}"' for run in runs),
        "three words": tuple(" ".join(chance.sample(re.findall("[\u4e00-\u9fff]{2}", one), 3)) for one in texts),
        "a rare company": ("company:墨丘利动力", "墨丘利动力"),
    }


def sentences(chance: random.Random) -> list[str]:
    """Real sentences from the folder that MONITOR_TEST_DATA names, else made-up ones."""
    folder = os.environ.get("MONITOR_TEST_DATA")
    if not folder:
        return [article(chance, 60) for _ in range(5000)]
    found: list[str] = []
    for file in (*Path(folder).glob("funding/*.jsonl"), Path(folder) / "html" / "zh.json"):
        raw = file.read_text(encoding="utf-8")
        for item in (json.loads(line) for line in raw.splitlines()) if file.suffix == ".jsonl" else json.loads(raw):
            found += [s for value in item.values() if isinstance(value, str) for s in _SENTENCE.findall(value)]
    return found


def articles(number: int, pool: list[str], chance: random.Random) -> Iterator[Article]:
    """So many articles over two years, in order of time; one in `RARE_EVERY` names the rare company."""
    step = timedelta(days=730) / number
    for i in range(number):
        body = "墨丘利动力发布新品。" if i % RARE_EVERY == 0 else ""
        while len(body) < LENGTH:
            body += chance.choice(pool)
        yield Article(
            f"https://bench.example/{i}", f"source-{i % 40}", chance.choice(pool)[:40], body[:LENGTH], language="zh",
            published=NOW - timedelta(days=730) + i * step,
        )  # fmt: skip


Store = Callable[[Archive, list[Article]], float]
"""Stores articles; returns the seconds that indexing took."""


def fill(archive: Archive, made: Iterator[Article], number: int, console: Console, store: Store | None = None) -> float:
    """Store and index the articles; returns the milliseconds that indexing took for one."""
    store = store or _store
    spent, batch = 0.0, []
    for one in track(made, "storing", total=number, console=console, transient=True):
        batch.append(one)
        if len(batch) == BATCH:
            spent += store(archive, batch)
            batch = []
    spent += store(archive, batch)
    return spent / number * 1000


def _store(archive: Archive, batch: list[Article]) -> float:
    with archive.writing() as tables:
        ids = []
        for one in batch:
            article_id, _ = tables.articles.put(one, NOW)
            if one.text.startswith("墨丘利"):
                tables.articles.set_mentions(article_id, [Mention("墨丘利动力", "墨丘利动力", Span("text", 0, 5))])
            ids.append(article_id)
        begun = time.perf_counter()
        for article_id in ids:
            tables.index.refresh(article_id)
        return time.perf_counter() - begun


def timed(ask: Callable[[str], object], drawn: tuple[str, ...], times: int = 20) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds, the questions taking turns."""
    spent = []
    for i in range(times * len(drawn)):
        begun = time.perf_counter()
        ask(drawn[i % len(drawn)])
        spent.append((time.perf_counter() - begun) * 1000)
    return statistics.median(spent), statistics.quantiles(spent, n=20)[-1]


def measure(archive: Archive, chance: random.Random, console: Console) -> None:
    """Newest 20 hits, by relevance, and counts."""

    def newest(query: str) -> None:
        with archive.reading(seconds=30) as tables:
            tables.search.find(parse(query, NOW.date()), 20)

    def relevant(query: str) -> None:
        with archive.reading(seconds=30) as tables:
            tables.search.find(parse(query, NOW.date()), 20, order=Order.RELEVANT)

    def counted(query: str) -> None:
        with archive.reading(seconds=30) as tables:
            tables.search.count(parse(query, NOW.date()))

    for name, drawn in questions(archive, chance).items():
        for how, ask in (("newest 20", newest), ("by relevance", relevant), ("counts", counted)):
            median, slow = timed(ask, drawn, 3 if ask is newest else 1)
            console.print(f"{name}, {how}: median {median:.1f} ms, 95th percentile {slow:.1f} ms")
    median, slow = timed(newest, ("人", "芯*", "-融资", "source:source-7 融资", "after:2026-02 融资"))
    console.print(
        f"one character, prefix, minus, fields, newest 20: median {median:.1f} ms, 95th percentile {slow:.1f} ms"
    )


def sizes(engine: Engine) -> tuple[int, int]:
    """Bytes of the texts and of the index."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            texts = _one(
                connection, "SELECT sum(length(CAST(text AS BLOB)) + length(CAST(title AS BLOB))) FROM articles"
            )
            index = _one(
                connection,
                "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'article_terms%' OR name LIKE '%article_positions%'",
            )
        else:
            texts = _one(connection, "SELECT sum(octet_length(text) + octet_length(title)) FROM articles")
            index = _one(
                connection,
                "SELECT pg_total_relation_size('article_terms') + pg_total_relation_size('article_positions')",
            )
    return texts, index


def _one(connection: Connection, statement: str) -> int:
    return int(connection.execute(text(statement)).scalar_one() or 0)


def others(engine: Engine, number: int, console: Console) -> None:
    """LIKE, and trigrams: the same questions in two characters and one of three."""
    like = text("SELECT id FROM articles WHERE text LIKE :like ORDER BY sorted_at DESC LIMIT 20")
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite" and number <= TRIGRAMS_UP_TO:
            connection.execute(text("CREATE VIRTUAL TABLE trigrams USING fts5(text, tokenize='trigram', content='')"))
            connection.execute(text("INSERT INTO trigrams (rowid, text) SELECT id, text FROM articles"))
            size = _one(connection, "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'trigrams%'")
            find = text("SELECT rowid FROM trigrams WHERE trigrams MATCH :term ORDER BY rowid DESC LIMIT 20")
            for term in ("融资", "人工智能"):
                hits = connection.execute(find, {"term": f'"{term}"'}).all()
                median, _ = timed(lambda q: connection.execute(find, {"term": f'"{q}"'}).all(), (term,))
                console.print(
                    f"FTS5 trigram, {term}: {len(hits)} hits, median {median:.1f} ms; index {size / 1e6:,.0f} MB"
                )
        if engine.dialect.name != "sqlite" and number <= TRIGRAMS_UP_TO:
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
            connection.execute(text("CREATE INDEX trigrams ON articles USING gin (text gin_trgm_ops)"))
            size = _one(connection, "SELECT pg_relation_size('trigrams')")
            console.print(f"pg_trgm index: {size / 1e6:,.0f} MB")
        for term in ("墨丘利", "融资", "不存在吧"):
            median, _ = timed(lambda q: connection.execute(like, {"like": f"%{q}%"}).all(), (term,), 3)
            console.print(f"LIKE, {term}: median {median:.1f} ms")


def main() -> None:
    """Fill an archive, measure it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("number", nargs="?", type=int, default=20_000)
    parser.add_argument("--postgres", help="address of an empty database, instead of SQLite")
    parser.add_argument("--keep", type=Path, help="the SQLite file, kept, and used again if it is there")
    asked = parser.parse_args()
    console, chance = Console(highlight=False), random.Random(3)  # noqa: S311 - repeatable texts, not secrets
    with tempfile.TemporaryDirectory() as folder:
        url = asked.postgres or f"sqlite:///{asked.keep or Path(folder) / 'bench.db'}"
        archive = Archive(url)
        archive.upgrade()
        with archive.reading() as tables:
            filled = tables.articles.count(None, None, None)
        if not filled:
            spent = fill(archive, articles(asked.number, sentences(chance), chance), asked.number, console)
            console.print(f"{asked.number:,} articles; indexing one takes {spent:.2f} ms")
        engine = open_engine(url)
        if asked.postgres:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
        texts, index = sizes(engine)
        console.print(f"texts {texts / 1e6:,.0f} MB, index {index / 1e6:,.0f} MB: {index / texts:.2f} times the texts")
        measure(archive, chance, console)
        others(engine, asked.number, console)
        engine.dispose()
        archive.close()


if __name__ == "__main__":
    main()
