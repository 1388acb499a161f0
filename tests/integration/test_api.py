"""The archive for other programs: JSON by OpenAPI."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.archive import Archive
from monitor.archive.alerts import AlertFilter
from monitor.archive.deals import DealFilter
from monitor.correcting import Correcting
from monitor.models import Fact
from tests.conftest import NOW, on_sqlite
from tests.fakes.newsroom import Newsroom
from tests.fakes.visitor import Visitor, looking


@pytest.fixture
def visitor(archive: Archive) -> Iterator[Visitor]:
    Newsroom(archive).usual()
    with looking(archive) as visitor:
        yield visitor


def whole(visitor: Visitor, path: str, limit: int = 2) -> list[Any]:
    """All pages of a list together."""
    joint = "&" if "?" in path else "?"
    answer = visitor.get(f"{path}{joint}limit={limit}").json
    items = answer["items"]
    while answer["next"]:
        assert len(answer["items"]) == limit
        answer = visitor.get(f"{path}{joint}limit={limit}&cursor={answer['next']}").json
        items += answer["items"]
    return list(items)


def test_deals_come_page_by_page_and_by_filter(visitor: Visitor, archive: Archive) -> None:
    with archive.reading() as tables:
        expected = [deal.id for deal in tables.deals.walk(DealFilter())]
    found = whole(visitor, "/api/deals", 1)
    assert [deal["id"] for deal in found] == expected
    assert [deal["id"] for deal in whole(visitor, "/api/deals?company=星河智能&round=B")] == [2]
    assert {deal["status"] for deal in whole(visitor, "/api/deals?status=in_talks")} == {"in_talks"}
    assert [deal["round"] for deal in whole(visitor, "/api/deals?min_usd=20000000&after=2026-03-02")] == ["B"]


def test_a_deal_has_its_reports_and_corrections(visitor: Visitor, archive: Archive) -> None:
    with archive.writing() as tables:
        Correcting(tables, "Li", NOW).edit(2, Fact.AMOUNT, "3亿元")
        Correcting(tables, "Li", NOW).merge(2, 1)
    deal = visitor.get("/api/deals/2").json
    assert deal["corrected"] == ["amount"]
    assert deal["amount_low"] == 3e8
    assert 2e8 in {report["amount_low"] for report in deal["reports"]}
    assert [made["kind"] for made in deal["corrections"]] == ["edit", "merge"]
    assert visitor.get("/api/deals/1").json["id"] == 2


def test_articles_come_newest_first_and_whole(visitor: Visitor) -> None:
    found = whole(visitor, "/api/articles")
    assert len(found) == 6
    assert [one["sorted_at"] for one in found] == sorted((one["sorted_at"] for one in found), reverse=True)
    assert {one["id"] for one in whole(visitor, "/api/articles?company=砺原机器人")} == {4, 6}
    assert {one["source"] for one in whole(visitor, "/api/articles?source=two")} == {"two"}
    article = visitor.get("/api/articles/2").json
    assert article["claims"][0]["company"] == "星河智能"
    assert article["deals"] == [2]
    assert "红杉中国" in article["text"]


def test_search_has_marks_and_counts(visitor: Visitor) -> None:
    answer = visitor.get("/api/search?q=人工智能&counts=true").json
    (hit,) = answer["items"]
    start, end = hit["marks"][0]
    assert hit["snippet"][start:end] == "人工智能"
    assert answer["counts"]["total"] == 1
    assert answer["counts"]["sources"] == {"one": 1}
    assert visitor.get("/api/search?q=人工智能").json["counts"] is None
    ranked = whole(visitor, "/api/search?q=融资&order=relevant", 1)
    assert sorted(one["id"] for one in ranked) == sorted(one["id"] for one in whole(visitor, "/api/search?q=融资", 1))


def test_companies_sources_and_alerts(visitor: Visitor, archive: Archive) -> None:
    assert {one["company"] for one in whole(visitor, "/api/companies", 1)} == {"星河智能", "砺原机器人"}
    company = visitor.get("/api/companies/星河智能").json
    assert len(company["deals"]) == 2
    assert company["articles"] == 4
    assert visitor.get("/api/sources").json == {"items": [], "next": None}
    with archive.reading() as tables:
        expected = [alert.id for alert in tables.alerts.find(AlertFilter())]
    assert [alert["id"] for alert in whole(visitor, "/api/alerts", 1)] == expected
    assert {alert["state"] for alert in whole(visitor, "/api/alerts?state=sent")} == {"sent"}


def test_who_has_the_same_already_is_told_so(visitor: Visitor, archive: Archive) -> None:
    first = visitor.get("/api/deals")
    assert visitor.get("/api/deals", If_None_Match=first.headers["etag"]).status == 304
    assert visitor.get("/api/deals", If_None_Match=f'W/{first.headers["etag"]}, "x"').status == 304
    with archive.writing() as tables:
        Correcting(tables, "Li", NOW).dismiss(2)
    assert visitor.get("/api/deals", If_None_Match=first.headers["etag"]).status == 200


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/deals/99", 404, "Not Found"),
        ("/api/deals?cursor=x", 400, "no cursor of this list"),
        ("/api/deals?status=maybe", 422, "status"),
        ("/api/deals?after=0", 422, "write a day as 2026-01-31"),
        ("/api/deals?company=%00", 422, "company"),
        ("/api/search?q=amount>x", 400, "amount"),
        ("/api/articles/0", 422, "number"),
        ("/api/articles?limit=1000", 422, "limit"),
        ("/api/companies/nobody", 404, "Not Found"),
        ("/api/x", 404, "Not Found"),
    ],
)
def test_an_error_says_what_is_wrong(visitor: Visitor, path: str, status: int, said: str) -> None:
    answer = visitor.get(path)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == status
    assert said in f"{answer.json['title']} {answer.json.get('detail')}"


@on_sqlite
def test_it_does_what_its_description_says(visitor: Visitor, tmp_path: Path) -> None:
    """Schemathesis asks whatever the description allows, and much that it does not."""
    # A cursor or query may look right and be none, which no schema tells: 400 is described for these.
    (tmp_path / "schemathesis.toml").write_text(
        '[checks.positive_data_acceptance]\nexpected-statuses = ["2xx", 400, 404]\n', encoding="utf-8"
    )
    address = f"http://127.0.0.1:{visitor.port}/api/openapi.json"
    options = ("--max-examples", "12", "--generation-deterministic", "--no-color")
    program = Path(sys.executable).parent / "schemathesis"
    done = subprocess.run(
        [program, "--config-file", tmp_path / "schemathesis.toml", "run", address, *options],
        capture_output=True, text=True, timeout=300, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "Tested: 9" in done.stdout
