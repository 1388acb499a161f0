"""Feedback, previews and cases: what an analyst does with alerts on the command line."""

import json
from pathlib import Path

import pytest

from monitor.archive import Archive
from monitor.archive.alerts import AlertFilter
from monitor.models import Opinion
from tests.conftest import NOW, on_sqlite
from tests.fakes.program import Program
from tests.fakes.site import Site
from tests.integration.conftest import Publish

FALSE_ALARM = "海豚出行完成1亿元A轮融资"
DEAL = "星河智能完成2亿元B轮融资"


@pytest.fixture
def judged(program: Program, site: Site, publish: Publish) -> Program:
    """Two deals were told; of one somebody said that it is relevant, of the other two people that it is not."""
    program.configure(
        companies=[{"name": "星河智能"}, {"name": "海豚出行"}], sources=[{"name": "site", "url": f"{site.url}/feed"}]
    )
    publish("deal", DEAL)
    publish("alarm", FALSE_ALARM)
    assert program.run("crawl").returncode == 0
    archive = Archive(program.variables["DATABASE_URL"])
    with archive.writing() as tables:
        for alert in tables.alerts.find(AlertFilter()):
            if alert.company == "星河智能":
                tables.feedback.give(alert.id, "U1", Opinion.RELEVANT, NOW)
            else:
                tables.feedback.give(alert.id, "U1", Opinion.IRRELEVANT, NOW)
                tables.feedback.give(alert.id, "U2", Opinion.IRRELEVANT, NOW)
    archive.close()
    return program


def test_feedback_shows_precision_by_rule_and_source(judged: Program) -> None:
    found = judged.ask("feedback")
    assert {"kind": "source", "name": "site", "relevant": 1, "judged": 2, "precision": 0.5} in found
    assert {row["judged"] for row in found if row["kind"] == "all"} == {2}
    assert any(row["kind"] == "rule" for row in found)
    assert "50%" in judged.run("feedback").stdout


@on_sqlite
def test_without_feedback_it_says_where_feedback_comes_from(program: Program, publish: Publish) -> None:
    publish("deal", DEAL)
    program.run("crawl")
    assert "buttons of the cards" in program.run("feedback").stderr


def test_feedback_becomes_cases_on_which_rules_can_be_tried(judged: Program) -> None:
    written = judged.run("feedback", "--cases").stdout
    cases = {case["title"]: case for case in map(json.loads, written.splitlines())}
    assert (cases[DEAL]["relevant"], cases[FALSE_ALARM]["relevant"]) == (True, False)
    assert cases[DEAL]["deals"][0]["amount_low"] == 200_000_000
    assert cases[FALSE_ALARM]["deals"] == []
    path = judged.folder / "cases.jsonl"
    path.write_text(written, encoding="utf-8")
    tried = judged.ask("backtest", "--cases", str(path))
    assert tried["right"] == 1
    assert {case["company"] for case in tried["cases"] if case["relevant"] != case["alerts"]} == {"海豚出行"}
    assert "false alarm" in judged.run("backtest", "--cases", str(path)).stdout


@on_sqlite
def test_a_line_that_is_no_case_is_named(judged: Program, tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text('{"id": "1", "company": "x", "topic": "funding"}\n', encoding="utf-8")
    done = judged.run("backtest", "--cases", str(path))
    assert done.returncode == 1
    assert f"{path}:1: relevant: Field required" in done.stderr


@on_sqlite
def test_a_preview_shows_what_would_have_gone_where_and_when_and_sends_nothing(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", "星河智能完成B轮融资", hours=3)
    publish("more", DEAL, hours=2)
    program.run("crawl", "--no-deliver")
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"{site.url}/feed"}],
        channels=[
            {"name": "now", "type": "console"},
            {"name": "later", "type": "console", "digest": {"every": "day", "at": "09:00"}},
        ],
    )
    before = program.ask("alerts", "list")
    found = program.ask("alerts", "preview")
    told = [(row["channel"], row["kind"], row["held"], row["changes"]) for row in found]
    assert told == [
        ("now", "card", None, []),
        ("later", "card", "digest", []),
        ("now", "follow_up", None, ["amount"]),
        ("later", "follow_up", "digest", ["amount"]),
    ]
    assert program.ask("alerts", "list") == before
    done = program.run("alerts", "preview")
    assert "now: 2 alerts" in done.stderr
