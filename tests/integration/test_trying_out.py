"""`detect`, `explain`, `backtest`: rules can be tried before they go live."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.archive import Archive
from tests.fakes.program import Program
from tests.fakes.site import Site
from tests.integration.conftest import Publish
from tests.integration.test_crawl import DEAL

ITEMS = [
    {"id": "a", "title": "传星河智能洽谈B轮融资", "text": "", "url": "", "published_at": "2026-03-01T08:00:00Z"},
    {"id": "b", "title": "星河智能完成2亿元B轮融资，蓝湖资本领投", "text": "", "published_at": "2026-03-20T08:00:00Z"},
    {"id": 7, "title": "北方石墨获投5000万美元", "text": "", "published_at": "2026-03-20T09:00:00Z"},
    {"id": "c", "title": "今天天气很好"},
]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path, {"DATABASE_URL": f"sqlite:///{tmp_path / 'archive.db'}"})


def detect(program: Program, *options: str) -> dict[str, list[dict[str, object]]]:
    path = program.folder / "items.jsonl"
    path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in ITEMS), encoding="utf-8")
    done = program.run("detect", str(path), *options)
    assert done.returncode == 0, done.stderr
    return {row["id"]: row["deals"] for row in map(json.loads, done.stdout.splitlines())}


def test_detect_gives_a_line_for_each_line_with_the_deals_of_every_company(program: Program) -> None:
    found = detect(program, "--all")
    assert list(found) == ["a", "b", "7", "c"]
    (deal,) = found["b"]
    expected = {
        "company": "星河智能",
        "watched": None,
        "news": True,
        "status": "completed",
        "round": "B",
        "amount_text": "2亿元",
        "amount_low": 200_000_000,
        "amount_high": 200_000_000,
        "currency": "CNY",
        "lead_investors": ["蓝湖资本"],
        "investors": ["蓝湖资本"],
        "evidence": "星河智能完成2亿元B轮融资，蓝湖资本领投",
    }
    assert {key: deal[key] for key in expected} == expected
    assert (found["c"], [deal["company"] for deal in found["7"]]) == ([], ["北方石墨"])


def test_detect_joins_a_rumour_and_its_completion_in_one_event(program: Program) -> None:
    found = detect(program, "--all")
    assert found["a"][0]["event"] == found["b"][0]["event"] != found["7"][0]["event"]


@pytest.mark.parametrize("name", ["watch.txt", "watch.yaml"])
def test_detect_names_the_watched_company_and_leaves_others_out(program: Program, name: str) -> None:
    watch = program.folder / name
    text = "星河智能\n" if name == "watch.txt" else "companies:\n  - {name: 星河智能, aliases: [Galaxy AI]}\n"
    watch.write_text(text, encoding="utf-8")
    found = detect(program, "--watch", str(watch))
    assert [deal["watched"] for deals in found.values() for deal in deals] == ["星河智能", "星河智能"]


def test_detect_names_file_and_line_of_what_is_no_item(program: Program) -> None:
    path = program.folder / "items.jsonl"
    path.write_text('{"id": "a", "title": "x"}\n{"id": "b", "title": 7}\n{"title"\n', encoding="utf-8")
    done = program.run("detect", str(path))
    assert done.returncode == 1
    assert f"{path}:3: " in done.stderr
    assert len(done.stdout.splitlines()) == 2


def test_detect_writes_nothing_beside_its_output(program: Program) -> None:
    detect(program, "--all")
    assert [path.name for path in program.folder.iterdir()] == ["items.jsonl"]


def test_explain_shows_the_claim_with_its_rule_and_what_was_refused(program: Program) -> None:
    text = program.folder / "article.txt"
    text.write_text(
        "星河智能完成2亿元B轮融资\n星河智能宣布完成B轮融资，金额2亿元，由蓝湖资本领投。\n北方石墨递交招股书，拟募资3亿港元。\n",
        encoding="utf-8",
    )
    program.configure(companies=[{"name": "星河智能"}, {"name": "北方石墨"}], sources=["36kr"])
    done = program.run("explain", str(text))
    assert done.returncode == 0, done.stderr
    assert "✓ 星河智能: news, completed" in done.stdout
    assert "rule: " in done.stdout
    assert "✗ 北方石墨: refused by the rule ipo" in done.stdout


def test_explain_reads_a_page_from_its_site(program: Program, site: Site, publish: Publish) -> None:
    story = publish("deal", DEAL)
    program.configure(companies=[{"name": "星河智能"}], sources=["36kr"])
    found = program.ask("explain", story.url)
    assert found["page"]["title"] == DEAL
    assert [claim["company"] for claim in found["detection"]["claims"]] == ["星河智能"]


def test_explain_says_when_a_page_cannot_be_had(program: Program, site: Site) -> None:
    program.configure(companies=[{"name": "星河智能"}], sources=["36kr"])
    done = program.run("explain", f"{site.url}/none")
    assert (done.returncode, "HTTP status 404" in done.stderr) == (1, True)


def test_backtest_shows_what_another_watch_list_would_gain_and_lose(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", DEAL)
    publish("same", "星河智能完成2亿元融资")
    publish("other", "海豚出行完成5000万元A轮融资")
    sources = [{"name": "site", "url": f"{site.url}/feed"}]
    program.configure(companies=[{"name": "星河智能"}], sources=sources)
    program.run("crawl")
    unchanged = program.ask("backtest")
    assert [len(unchanged[key]) for key in ("gained", "lost", "unchanged")] == [0, 0, 1]
    program.configure(companies=[{"name": "海豚出行"}], sources=sources)
    changed = program.ask("backtest")
    assert [alert["company"] for alert in changed["gained"]] == ["海豚出行"]
    assert [alert["company"] for alert in changed["lost"]] == ["星河智能"]
    assert len(program.ask("alerts", "list")) == 1


def test_a_route_for_everyone_above_an_amount_tells_of_companies_nobody_watches(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("big", "北方石墨获投5000万美元")
    publish("small", "东岸食品完成300万元天使轮融资")
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"{site.url}/feed"}],
        routing=[{"everyone": True, "min_usd": 10_000_000, "channels": ["screen"]}],
    )
    program.run("crawl")
    assert [alert["company"] for alert in program.ask("alerts", "list")] == ["北方石墨"]
    assert {deal["company"] for deal in program.ask("deals")} == {"北方石墨", "东岸食品"}


def test_a_route_for_investors_tells_where_a_watched_company_puts_its_money(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", "北方石墨完成2亿元B轮融资，星河智能领投")
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"{site.url}/feed"}],
        routing=[{"roles": ["investor"], "everyone": True, "channels": ["screen"]}],
    )
    told = program.run("crawl").stdout
    assert "星河智能 · Invests in 北方石墨" in told


def test_groups_a_default_and_the_first_route_that_fits_decide_where_alerts_go(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("a", "星河智能完成2亿元B轮融资")
    publish("b", "海豚出行完成1000万元天使轮融资")
    program.configure(
        companies=[{"name": "星河智能", "groups": ["robots"]}, {"name": "海豚出行"}],
        sources=[{"name": "site", "url": f"{site.url}/feed"}],
        channels=[{"name": name, "type": "console"} for name in ("robots", "big", "rest")],
        routing=[
            {"groups": ["robots"], "status": ["completed"], "channels": ["robots"]},
            {"min_usd": 10_000_000, "channels": ["big"]},
        ],
        alerts={"match": "first", "default": ["rest"]},
    )
    assert program.run("crawl").returncode == 0
    found = {(alert["channel"], alert["company"]) for alert in program.ask("alerts", "list")}
    assert found == {("robots", "星河智能"), ("rest", "海豚出行")}


def test_a_channel_that_takes_nothing_for_an_hour_is_told_of_in_another(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("a", "星河智能完成2亿元B轮融资")
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"{site.url}/feed"}],
        channels=[{"name": "deals", "type": "console"}, {"name": "mail", "type": "console"}],
        routing=[{"channels": ["deals"]}],
        alerts={"heartbeat": {"channel": "mail"}},
    )
    program.run("crawl", "--no-deliver")
    archive = Archive(program.variables["DATABASE_URL"])
    archive.upgrade()
    with archive.writing() as tables:
        tables.channel_states.failed("gone", datetime.now(UTC) - timedelta(hours=2))
    archive.close()
    done = program.run("crawl")
    assert "Channel gone has taken no alert since" in done.stdout
    assert "has taken no alert" not in program.run("crawl").stdout
