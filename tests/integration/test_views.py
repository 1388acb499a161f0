"""What people ask the database itself."""

import re
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor.archive.engine import open_engine
from tests.fakes.program import ROOT, Program
from tests.integration.conftest import Publish

DEAL = "星河智能完成2亿元B轮融资，蓝湖资本领投"


@pytest.fixture
def told(program: Program, publish: Publish) -> Program:
    publish("deal", DEAL, "人工智能公司星河智能完成融资。", hours=3)
    assert program.run("crawl").returncode == 0
    return program


def test_views_show_articles_deals_reports_and_alerts(told: Program) -> None:
    engine = open_engine(told.variables["DATABASE_URL"])
    with engine.connect() as connection:
        rows = {
            name: connection.execute(text(f"SELECT * FROM archive_{name}")).mappings().all()  # noqa: S608
            for name in ("articles", "deals", "reports", "alerts")
        }
    engine.dispose()
    (article,), (deal,), (alert,) = rows["articles"], rows["deals"], rows["alerts"]
    assert article["title"] == DEAL
    assert (deal["company"], deal["round"], deal["amount_low"], deal["articles"]) == ("星河智能", "B", 2e8, 1)
    assert {(row["deal_id"], row["title"]) for row in rows["reports"] if row["news"]} == {(deal["id"], DEAL)}
    assert (alert["state"], alert["deal_id"]) == ("sent", deal["id"])
    assert abs(float(alert["lag_seconds"]) - 3 * 3600) < 600


def test_the_statements_of_the_documentation_work(told: Program) -> None:
    written = (ROOT / "docs" / "sql.md").read_text(encoding="utf-8")
    statements = re.findall(r"^    (?:--.*\n    )?(SELECT(?:.|\n    )*?;)", written, re.MULTILINE)
    engine = open_engine(told.variables["DATABASE_URL"])
    other = "::tsquery" if engine.dialect.name == "sqlite" else " MATCH "
    with engine.connect() as connection:
        found = [connection.execute(text(statement)).all() for statement in statements if other not in statement]
    engine.dispose()
    assert [len(rows) for rows in found] == [1, 1, 1]


def test_a_file_can_be_asked_while_it_is_open_for_reading_alone(tmp_path: Path) -> None:
    program = Program(tmp_path, {"DATABASE_URL": f"sqlite:///{tmp_path / 'archive.db'}"})
    assert program.run("db", "upgrade").returncode == 0
    with sqlite3.connect(f"file:{tmp_path / 'archive.db'}?mode=ro", uri=True) as connection:
        assert connection.execute("SELECT count(*) FROM archive_deals").fetchone() == (0,)
