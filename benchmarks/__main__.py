"""Speed as ratios within one run: `make bench`. Absolute numbers are printed too, but say more about the machine."""

import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from monitor.archive import Archive
from monitor.archive.engine import open_engine
from monitor.archive.search import Query
from monitor.detection import Detector
from monitor.models import Article
from monitor.settings import Company

NOW = datetime(2026, 3, 2, tzinfo=UTC)
_WORDS = [
    "公司",
    "今天",
    "发布",
    "新品",
    "模型",
    "市场",
    "用户",
    "增长",
    "机器人",
    "芯片",
    "数据",
    "平台",
    "研发",
    "团队",
    "杭州",
    "上海",
    "行业",
    "客户",
    "产线",
    "工厂",
    "服务",
    "海外",
]
_FUNDING = "{}宣布完成B轮融资，金额2亿元，由蓝湖资本领投，老股东跟投。"


def main() -> None:
    """Run all benchmarks and print a table."""
    table = Table("what", "rate", "ratio", box=None)
    chance = random.Random(1)  # noqa: S311 - repeatable texts, not secrets
    for row in (*_detection(chance), *_archive(chance)):
        table.add_row(*row)
    Console().print(table)


def _detection(chance: random.Random) -> list[tuple[str, str, str]]:
    few = Detector(_companies(100), ())
    many = Detector(_companies(10_000), ())
    ordinary = [_text(chance, 2500) for _ in range(100)]
    funding = [f"{_FUNDING.format('企业7')}\n{piece}" for piece in ordinary]
    base = _rate(lambda: [few.detect("标题", piece) for piece in ordinary], 100)
    large = _rate(lambda: [many.detect("标题", piece) for piece in ordinary], 100)
    deals = _rate(lambda: [many.detect("标题", piece) for piece in funding], 100)
    double = _rate(lambda: [many.detect("标题", f"{piece}\n{piece}") for piece in ordinary], 100)
    return [
        ("articles of 2,500 characters, 100 companies", f"{base:,.0f}/s", "1.00"),
        ("the same, 10,000 companies", f"{large:,.0f}/s", f"{large / base:.2f}"),
        ("the same, with a deal in each", f"{deals:,.0f}/s", f"{deals / large:.2f}"),
        ("articles of 5,000 characters", f"{double:,.0f}/s", f"{double / large:.2f}"),
    ]


def _archive(chance: random.Random, number: int = 5_000) -> list[tuple[str, str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        archive = Archive(url)
        archive.upgrade()
        article = Article("https://bench.example/", "bench", "标题", "", language="zh")
        begun = time.perf_counter()
        with archive.writing() as tables:
            for i in range(number):
                body = _text(chance, 1500) + ("独角兽" if i % 500 == 0 else "")
                published = NOW - timedelta(minutes=i)
                tables.articles.put(replace(article, url=f"{article.url}{i}", text=body, published=published), NOW)
        stored = number / (time.perf_counter() - begun)
        with archive.reading() as tables:
            rare = _rate(lambda: tables.search.find(Query("独角兽")), 1)
            common = _rate(lambda: tables.search.find(Query("机器人 芯片")), 1)
        engine = open_engine(url)
        like = text("SELECT id FROM articles WHERE text LIKE '%独角兽%' ORDER BY sorted_at DESC LIMIT 20")
        with engine.connect() as connection:
            scan = _rate(lambda: connection.execute(like).all(), 1)
        engine.dispose()
        archive.close()
    return [
        (f"articles of 1,500 characters stored and indexed ({number:,})", f"{stored:,.0f}/s", ""),
        ("searches for a rare term by LIKE", f"{scan:,.0f}/s", "1.00"),
        ("the same by the index", f"{rare:,.0f}/s", f"{rare / scan:.1f}"),
        ("searches for two common terms by the index", f"{common:,.0f}/s", f"{common / scan:.1f}"),
    ]


def _companies(number: int) -> list[Company]:
    return [
        Company(name=f"企业{i}", aliases=(f"企业{i}科技", f"Company {i}", f"上海企业{i}科技有限公司"))
        for i in range(number)
    ]


def _text(chance: random.Random, length: int) -> str:
    sentences: list[str] = []
    while sum(len(sentence) for sentence in sentences) < length:
        sentences.append("".join(chance.choices(_WORDS, k=12)) + "。" + ("\n" if chance.random() < 0.2 else ""))
    return "".join(sentences)[:length]


def _rate(work: Callable[[], object], items: int, seconds: float = 1.0) -> float:
    """Items a second, over at least `seconds`."""
    work()
    done, begun = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - begun) < seconds:
        work()
        done += items
    return done / elapsed


if __name__ == "__main__":
    main()
