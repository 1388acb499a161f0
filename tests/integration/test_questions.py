"""Asking the archive on the command line."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from monitor.archive import Archive
from monitor.models import Mention, Span
from tests.conftest import NOW, on_sqlite
from tests.fakes.library import article, shelve
from tests.fakes.program import Program
from tests.fakes.site import Site
from tests.integration.conftest import Publish

DEAL = "星河智能完成2亿元B轮融资，蓝湖资本领投"
OTHER = "远山科技完成5000万美元A轮融资"


@pytest.fixture
def told(program: Program, site: Site, publish: Publish) -> Program:
    """A deal of a watched company, known by an alias too, and one of a company that was watched then."""
    publish("deal", DEAL, hours=3)
    publish("other", OTHER, hours=2)
    sources = [{"name": "site", "url": f"{site.url}/feed"}]
    watched = {"name": "星河智能", "aliases": ["Galaxy AI"]}
    program.configure(companies=[watched, {"name": "远山科技"}], sources=sources)
    assert program.run("crawl").returncode == 0
    program.configure(companies=[watched], sources=sources)
    return program


def test_queries_filters_counts_and_their_faults(told: Program) -> None:
    assert [hit["title"] for hit in told.ask("search", "融资", 'company:"Galaxy AI"')] == [DEAL]
    assert [hit["title"] for hit in told.ask("search", "--company", "Galaxy AI", "--source", "site")] == [DEAL]
    assert [hit["title"] for hit in told.ask("search", "round:A", "OR", "蓝湖")] == [OTHER, DEAL]
    assert [hit["title"] for hit in told.ask("search", "--lang", "zh", "融资 -远山科技")] == [DEAL]
    assert told.ask("search", "融资", "--order", "relevant")[0]["title"] in (DEAL, OTHER)
    counts = told.ask("search", "融资", "--counts")
    assert (counts["total"], counts["more"], counts["companies"]) == (2, False, [["星河智能", 1], ["远山科技", 1]])
    refused = told.run("search", "融资", "round:Q")
    assert refused.returncode == 1
    assert "at character 4, 'round:Q': Q is no round" in refused.stderr
    assert refused.stderr.splitlines()[-2:] == ["  融资 round:Q", "       ^^^^^^^"]
    shown = told.run("search", "蓝湖")
    assert DEAL in shown.stdout
    assert "\x1b" not in shown.stdout


def test_deals_by_investor_and_worth_as_json_and_csv(told: Program) -> None:
    assert [deal["company"] for deal in told.ask("deals")] == ["远山科技", "星河智能"]
    assert [deal["company"] for deal in told.ask("deals", "--investor", "蓝湖")] == ["星河智能"]
    assert [deal["company"] for deal in told.ask("deals", "--min-usd", "40000000")] == ["远山科技"]
    rows = list(csv.DictReader(io.StringIO(told.run("deals", "--csv").stdout)))
    assert [(row["company"], row["amount_usd"]) for row in rows] == [("远山科技", "50000000"), ("星河智能", "27800000")]


def test_companies_are_listed_with_their_deals_and_when_they_were_named(told: Program) -> None:
    found = {row["company"]: row for row in told.ask("companies")}
    assert [(deal["round"], deal["amount_low"]) for deal in found["星河智能"]["deals"]] == [("B", 200_000_000)]
    assert (found["星河智能"]["articles"], found["星河智能"]["watched"]) == (1, True)
    assert (len(found["远山科技"]["deals"]), found["远山科技"]["watched"]) == (1, False)
    (one,) = told.ask("companies", "Galaxy AI")
    assert one["company"] == "星河智能"
    shown = told.run("companies", "星河智能").stdout
    assert "B, completed, 2亿元 (CNY)" in shown
    assert "蓝湖资本" in shown
    unknown = told.run("companies", "无名")
    assert (unknown.returncode, "knows no company" in unknown.stderr) == (1, True)


def test_stats_tell_what_the_archive_holds(told: Program) -> None:
    found = told.ask("stats")
    assert (found["articles"], found["deals"], found["sources"]) == (2, 2, 1)
    assert found["rounds"] == {"A": 1, "B": 1}
    assert sum(found["raised"].values()) == pytest.approx(77_800_000)
    assert sum(found["daily"]["site"].values()) == 2
    assert found["alerts"] == {"sent": 2}
    assert found["lag"]["alerts"] == 2
    assert found["lag"]["median"] == pytest.approx(2.5 * 3600, abs=600)
    assert "2 articles, 2 deals, 1 sources" in told.run("stats").stdout
    assert told.ask("stats", "--before", "2020-01-01")["rounds"] == {}


def test_the_index_is_made_anew(told: Program) -> None:
    assert "2 articles indexed" in told.run("db", "reindex").stderr
    assert [hit["title"] for hit in told.ask("search", "融资 round:B")] == [DEAL]


@on_sqlite
def test_an_empty_archive_says_so(program: Program) -> None:
    assert program.run("db", "upgrade").returncode == 0
    assert "nothing found" in program.run("search").stderr
    assert "no deals" in program.run("deals").stderr
    assert program.run("stats").stdout.startswith("0 articles, 0 deals, 0 sources")
    assert [row["company"] for row in program.ask("companies")] == ["星河智能"]


def test_figures_are_by_day_in_utc_and_of_the_time_asked_for(archive: Archive) -> None:
    late = datetime(2026, 2, 28, 23, 59, tzinfo=UTC)
    mention = Mention("星河智能", "星河智能", Span("title", 0, 4))
    shelve(archive, article(1, "星河智能", published=late), mention)
    shelve(archive, article(2, "星河智能", published=late + timedelta(minutes=1)), mention, mention)
    shelve(archive, article(3, "别的", source="other"))
    with archive.reading() as tables:
        found = tables.statistics.figures()
        february = tables.statistics.figures(before=late + timedelta(minutes=1))
        companies = tables.statistics.companies(["月之暗面", "星河智能"])
    assert found.daily == {"news": {"2026-02-28": 1, "2026-03-01": 1}, "other": {"2026-03-02": 1}}
    assert (found.first, found.last, found.lag) == (late, NOW, None)
    assert february.daily == {"news": {"2026-02-28": 1}}
    assert [(one.company, one.articles, one.deals) for one in companies] == [("星河智能", 2, ()), ("月之暗面", 0, ())]
    assert companies[0].last == late + timedelta(minutes=1)
