"""Speed of storing and searching."""

import random
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from benchmarks.texts import Row, article, rate
from monitor.archive import Archive
from monitor.archive.engine import open_engine
from monitor.models import Article
from monitor.searching.query import parse

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def rows(chance: random.Random, number: int = 5_000) -> list[Row]:
    """Storing `number` articles, then searches against LIKE."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        archive = Archive(url)
        archive.upgrade()
        blank = Article("https://bench.example/", "bench", "标题", "", language="zh")
        begun = time.perf_counter()
        with archive.writing() as tables:
            for i in range(number):
                body = article(chance, 1500) + ("独角兽" if i % 500 == 0 else "")
                published = NOW - timedelta(minutes=i)
                made = replace(blank, url=f"{blank.url}{i}", text=body, published=published)
                article_id, _ = tables.articles.put(made, NOW)
                tables.index.refresh(article_id)
        stored = number / (time.perf_counter() - begun)
        with archive.reading() as tables:
            rare = rate(lambda: tables.search.find(parse("独角兽", NOW.date())), 1)
            common = rate(lambda: tables.search.find(parse("机器人 芯片", NOW.date())), 1)
        engine = open_engine(url)
        like = text("SELECT id FROM articles WHERE text LIKE '%独角兽%' ORDER BY sorted_at DESC LIMIT 20")
        with engine.connect() as connection:
            scan = rate(lambda: connection.execute(like).all(), 1)
        engine.dispose()
        archive.close()
    return [
        (f"articles of 1,500 characters stored and indexed ({number:,})", f"{stored:,.0f}/s", ""),
        ("searches for a rare term by LIKE", f"{scan:,.0f}/s", "1.00"),
        ("the same by the index", f"{rare:,.0f}/s", f"{rare / scan:.1f}"),
        ("searches for two common terms by the index", f"{common:,.0f}/s", f"{common / scan:.1f}"),
    ]
