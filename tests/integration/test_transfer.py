"""The archive and files of other programs: export, import."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyarrow import parquet

from monitor.archive import Archive
from monitor.exporting import Format, Kind, articles, write
from monitor.searching.nodes import All
from tests.conftest import on_sqlite, opened
from tests.fakes.library import article, shelve
from tests.fakes.program import Program
from tests.integration.conftest import Publish

DEAL = "星河智能完成2亿元B轮融资，蓝湖资本领投"


@pytest.fixture
def told(program: Program, publish: Publish) -> Program:
    """Two articles, one of them about a deal."""
    publish("deal", DEAL, hours=3)
    publish("other", "=HYPERLINK(1) 星河智能发布新品", hours=2)
    assert program.run("crawl").returncode == 0
    return program


def test_articles_go_out_as_json_lines_and_come_back_elsewhere(told: Program, tmp_path: Path) -> None:
    lines = told.run("export", "articles").stdout.splitlines()
    newest, deal = map(json.loads, lines)
    assert (deal["title"], deal["companies"]) == (DEAL, ["星河智能"])
    (claim,) = deal["claims"]
    assert (claim["round"], claim["amount_low"], claim["sentence"]) == ("B", 200_000_000, DEAL)
    assert newest["claims"] == []
    assert [json.loads(line)["title"] for line in told.run("export", "articles", "蓝湖").stdout.splitlines()] == [DEAL]

    file = tmp_path / "articles.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    other = Program(tmp_path, {"DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}"})
    assert other.ask("import", str(file)) == {"new": 2, "edited": 0, "unchanged": 0}
    assert other.ask("import", str(file)) == {"new": 0, "edited": 0, "unchanged": 2}
    again = [json.loads(line) for line in other.run("export", "articles").stdout.splitlines()]
    left_out = {"id", "fetched_at"}
    assert [{k: v for k, v in one.items() if k not in left_out} for one in again] == [
        {k: v for k, v in one.items() if k not in left_out} for one in (newest, deal)
    ]
    assert [one["company"] for one in other.ask("deals")] == ["星河智能"]
    assert {alert["state"] for alert in other.ask("alerts", "list")} <= {"suppressed"}


def test_csv_quotes_formulas_and_parquet_keeps_types(told: Program) -> None:
    for name in ("articles.csv", "articles.parquet"):
        assert told.run("export", "articles", "-o", str(told.folder / name)).returncode == 0
    assert told.run("export", "deals", "-o", str(told.folder / "deals.parquet")).returncode == 0
    with (told.folder / "articles.csv").open(encoding="utf-8", newline="") as stream:
        titles = [row["title"] for row in csv.DictReader(stream)]
    assert titles == ["'=HYPERLINK(1) 星河智能发布新品", DEAL]
    table = parquet.read_table(told.folder / "articles.parquet")
    assert table.column("title").to_pylist()[1] == DEAL
    assert str(table.schema.field("published_at").type) == "timestamp[us, tz=UTC]"
    (deal,) = parquet.read_table(told.folder / "deals.parquet").to_pylist()
    assert (deal["company"], deal["amount_low"], deal["lead_investors"]) == ("星河智能", 2e8, ["蓝湖资本"])


@on_sqlite
def test_what_cannot_be_exported_is_told_and_leaves_no_file(told: Program) -> None:
    for arguments, said in (
        (("articles", "-o", "a.xlsx"), "the ending tells no format"),
        (("articles", "--format", "parquet"), "Parquet is written to a file"),
        (("deals", "融资"), "a query is for articles"),
        (("articles", "round:Q"), "is no round"),
        (("articles", "-o", "none/a.csv"), "No such file"),
    ):
        done = told.run("export", *arguments)
        assert (done.returncode > 0, said in done.stderr) == (True, True), done.stderr
    assert not [file for file in told.folder.iterdir() if file.suffix in (".xlsx", ".csv", ".part", ".parquet")]


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    def broken() -> Iterator[dict[str, int]]:
        yield {"id": 1}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(broken(), Kind.DEALS, Format.JSONL, tmp_path / "deals.jsonl")
    assert list(tmp_path.iterdir()) == []


@on_sqlite
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "articles.jsonl:2"),
        ('{"title": "x"}', "article 2: url"),
        ('{"url": "ftp://x.example/a", "title": "x"}', "article 2: url"),
        ('{"url": "https://x.example/a"}', "article 2: title"),
        ('{"url": "https://x.example/a", "title": "x", "source": ""}', "--source"),
        (
            '{"url": "https://x.example/a", "title": "x", "source": "s", "published_at": "soon"}',
            "article 2: published_at",
        ),
    ],
)
def test_a_file_with_a_fault_changes_nothing(program: Program, line: str, said: str) -> None:
    file = program.folder / "articles.jsonl"
    file.write_text('{"url": "https://x.example/b", "title": "好", "source": "s"}\n' + line, encoding="utf-8")
    done = program.run("import", str(file))
    assert done.returncode == 1
    assert said in done.stderr
    assert program.ask("search") == []


def test_an_export_reads_one_article_after_the_other(archive: Archive, tmp_path: Path) -> None:
    for i in range(70):
        shelve(archive, article(i, f"第{i}条"))
    with archive.reading() as tables:
        records = articles(tables, All())
        assert next(iter(records))["title"] == "第69条"
        assert write(records, Kind.ARTICLES, Format.JSONL, tmp_path / "a.jsonl") == 69
    with opened(f"sqlite:///{tmp_path / 'empty.db'}") as empty, empty.reading() as tables:
        assert write(articles(tables, All()), Kind.ARTICLES, Format.PARQUET, tmp_path / "a.parquet") == 0
    assert parquet.read_table(tmp_path / "a.parquet").num_rows == 0
