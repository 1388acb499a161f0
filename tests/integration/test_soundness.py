"""`monitor db check`: a sound archive passes, and each kind of damage is found and named."""

import pytest
from sqlalchemy import text

from monitor.archive import Archive
from monitor.archive.engine import open_engine
from tests.conftest import NOW, on_sqlite
from tests.fakes.newsroom import Newsroom
from tests.fakes.program import Program
from tests.integration.conftest import Publish
from tests.integration.test_crawl import DEAL

DAMAGES = {
    "each article is in the search index": "DELETE FROM article_positions WHERE article_id = 1",
    "each deal is told by a report, or by people": "UPDATE claims SET deal_id = NULL WHERE deal_id = 1",
    "each merged deal is part of one that is there": "UPDATE deals SET merged_into = 4711 WHERE id = 1",
    "what was read stands in its article": "UPDATE articles SET title = '' WHERE id = 1",
    "mentions lie within their article": 'UPDATE mentions SET "end" = 999999 WHERE id = 1',
    "each alert is in a state that goes on": "UPDATE alerts SET sent_at = NULL WHERE state = 'sent'",
    "each member of a digest has one": "UPDATE alerts SET state = 'gathered' WHERE id = 1",
    "each text is what was stored": "UPDATE articles SET text = 'x' || text WHERE id = 5",
    "each entry that waits says what to fetch": (
        "INSERT INTO entries (source, url, fingerprint, state, baseline, seen_at)"
        " VALUES ('s', 'https://a.example/', '', 'pending', false, '2026-03-02')"
    ),
}


def wrong(archive: Archive) -> set[str]:
    with archive.reading() as tables:
        found = list(tables.soundness.all())
    assert len({finding.what for finding in found}) == len(found)
    assert all(finding.advice and finding.first for finding in found if finding.wrong)
    return {finding.what for finding in found if finding.wrong}


def test_an_archive_at_work_is_sound(archive: Archive) -> None:
    newsroom = Newsroom(archive)
    newsroom.usual()
    newsroom.tell("星河智能完成3亿元C轮融资", url="https://one.example/late")
    newsroom.tell("星河智能完成3亿元C轮融资", "另有说明。", url="https://one.example/late")
    with archive.writing() as tables:
        tables.retention.empty_texts(NOW)
    assert wrong(archive) == set()


@pytest.mark.parametrize("what", DAMAGES)
def test_damage_is_found_and_named(archive: Archive, database_url: str, what: str) -> None:
    Newsroom(archive).usual()
    engine = open_engine(database_url)
    with engine.begin() as connection:
        assert connection.execute(text(DAMAGES[what])).rowcount
    engine.dispose()
    assert what in wrong(archive)


@on_sqlite
def test_a_row_that_belongs_to_nothing_is_found(archive: Archive, database_url: str) -> None:
    Newsroom(archive).usual()
    engine = open_engine(database_url)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("UPDATE claims SET deal_id = 4711 WHERE id = 1")
    engine.dispose()
    assert "the database finds nothing wrong" in wrong(archive)


def test_the_command_says_what_is_wrong_and_what_to_do(program: Program, publish: Publish) -> None:
    publish("deal", DEAL)
    assert program.run("crawl").returncode == 0
    well = program.run("db", "check")
    assert well.returncode == 0, well.stderr
    assert "✗" not in well.stdout
    assert well.stdout.strip().endswith("all right")
    engine = open_engine(program.variables["DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM article_positions"))
    engine.dispose()
    ill = program.run("db", "check")
    assert ill.returncode == 3
    assert "✗ each article is in the search index: 1 are not: 1\n    → monitor db reindex" in ill.stdout
    assert "not sound: 1 of " in ill.stderr
    assert program.run("db", "reindex").returncode == 0
    assert all(finding["wrong"] == 0 for finding in program.ask("db", "check"))
