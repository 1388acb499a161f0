"""Backups of a running archive, the way back, and an archive on another database."""

import threading
from pathlib import Path

import pytest

from monitor.archive import Archive
from monitor.archive.alerts import AlertFilter
from monitor.archive.deals import DealFilter
from monitor.correcting import Correcting
from monitor.errors import ArchiveError
from monitor.models import Fact
from monitor.searching.query import parse
from tests.conftest import NOW, database, on_sqlite, opened
from tests.fakes.newsroom import Newsroom
from tests.fakes.program import Program


def titles(archive: Archive, query: str) -> list[str]:
    with archive.reading() as tables:
        return [hit.title for hit in tables.search.find(parse(query, NOW.date()))]


def equal(one: Archive, other: Archive) -> bool:
    return all(compared.same for compared in one.compared_with(other))


@pytest.fixture
def stocked(archive: Archive) -> Archive:
    Newsroom(archive).usual()
    with archive.writing() as tables:
        Correcting(tables, "Li", NOW).edit(2, Fact.AMOUNT, "3亿元")
        Correcting(tables, "Li", NOW).merge(2, 1)
    return archive


def test_a_backup_holds_all_that_there_is(stocked: Archive, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    stocked.backup(file)
    with stocked.writing() as tables:
        Correcting(tables, "Li", NOW).dismiss(2)
    with opened(f"sqlite:///{tmp_path / 'before.db'}") as before:
        list(stocked.copy_to(before))
        stocked.restore(file, force=True)
        assert not equal(stocked, before)
    with stocked.reading() as tables:
        assert 2 in {deal.id for deal in tables.deals.find(DealFilter())}
    assert len(titles(stocked, "融资")) == 5
    assert not list(tmp_path.glob("*.part"))


@on_sqlite
def test_a_backup_is_of_one_moment_while_others_write(stocked: Archive, tmp_path: Path) -> None:
    ended = threading.Event()

    def write() -> None:
        newsroom = Newsroom(stocked, number=1000)
        while not ended.is_set():
            newsroom.tell(f"星河智能完成{newsroom.number}亿元D轮融资")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            stocked.backup(tmp_path / f"backup-{number}")
    finally:
        ended.set()
        writer.join()
    for number in range(5):
        with opened(f"sqlite:///{tmp_path / f'backup-{number}'}") as found, found.reading() as tables:
            told = {alert.article_id for alert in tables.alerts.find(AlertFilter(), 10_000)}
            assert max(told) <= tables.articles.count(None, None, None)
            assert tables.index.missing() == []


@on_sqlite
def test_what_is_no_sound_backup_is_refused(stocked: Archive, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    stocked.backup(file)
    with pytest.raises(ArchiveError, match="is there already"):
        stocked.backup(file)
    with pytest.raises(ArchiveError, match="--force replaces it"):
        stocked.restore(file, force=False)
    with pytest.raises(ArchiveError, match="there is no such file"):
        stocked.restore(tmp_path / "none", force=True)
    damaged = tmp_path / "damaged"
    whole = bytearray(file.read_bytes())
    whole[4096:12_288] = b"\xff" * 8192
    damaged.write_bytes(whole)
    (tmp_path / "text").write_text("no archive", encoding="utf-8")
    for wrong in ("damaged", "text"):
        with pytest.raises(ArchiveError, match=r"is no archive|is not sound"):
            stocked.restore(tmp_path / wrong, force=True)
    assert len(titles(stocked, "融资")) == 5
    with pytest.raises(ArchiveError, match="cannot be written"):
        stocked.backup(tmp_path / "no-folder" / "backup")


@pytest.mark.parametrize("other_kind", ["sqlite", "postgres"])
def test_an_archive_is_copied_to_either_database(
    stocked: Archive, other_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    if other_kind == "postgres" and "postgresql" in stocked.address:
        pytest.skip("one empty Postgres database a test")
    with opened(database(request, other_kind, folder)) as other:
        steps = list(stocked.copy_to(other))
        assert {step.table for step in steps if step.done} >= {"articles", "deals", "claims", "alerts", "corrections"}
        assert equal(stocked, other)
        with other.writing() as tables:
            list(tables.index.complete())
        assert titles(other, "融资") == titles(stocked, "融资")
        Newsroom(other, number=50).tell("星河智能完成9亿元D轮融资")  # new rows get new numbers
        with other.reading() as tables:
            assert [deal.round for deal in tables.deals.find(DealFilter())].count("D") == 1


def test_a_copy_that_was_ended_goes_on(stocked: Archive, tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'other.db'}") as other:
        for step in stocked.copy_to(other):
            if step.table == "claims":
                break
        assert not equal(stocked, other)
        list(stocked.copy_to(other))
        assert equal(stocked, other)
        list(stocked.copy_to(other))
        assert equal(stocked, other)


@on_sqlite
def test_another_archive_is_no_target(stocked: Archive, tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'other.db'}") as other:
        newsroom = Newsroom(other)
        for number in range(30):
            newsroom.tell(f"星河智能完成{2**number}元A轮融资", days=-60 * number)
        with pytest.raises(ArchiveError, match="the target holds other"):
            list(stocked.copy_to(other))


@on_sqlite
def test_a_difference_is_found(stocked: Archive, tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'other.db'}") as other:
        list(stocked.copy_to(other))
        with other.writing() as tables:
            tables.corrections.set_dismissed(2, dismissed=True)
        assert [compared.table for compared in stocked.compared_with(other) if not compared.same] == ["deals"]


@on_sqlite
def test_the_commands(program: Program, tmp_path: Path) -> None:
    program.configure(companies=[{"name": "星河智能"}], sources=[{"name": "x", "url": "http://127.0.0.1:9/feed"}])
    with opened(program.variables["DATABASE_URL"]) as archive:
        Newsroom(archive).usual()
    file = str(tmp_path / "backup")
    assert program.run("db", "backup", file).returncode == 0
    refused = program.run("db", "restore", file)
    assert refused.returncode == 3
    assert "--force replaces it" in refused.stderr
    assert program.run("db", "restore", file, "--force").returncode == 0
    copied = program.run("db", "copy", f"sqlite:///{tmp_path / 'other.db'}")
    assert copied.returncode == 0, copied.stderr
    other = Program(tmp_path, {"DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}"})
    assert len(other.ask("search", "融资")) == len(program.ask("search", "融资")) == 5
    with opened(program.variables["DATABASE_URL"]) as archive:
        leadership = archive.leadership()
        assert leadership.take()
        refused = program.run("db", "restore", file, "--force")
        leadership.release()
    assert refused.returncode == 3
    assert "a scheduler runs on it" in refused.stderr
