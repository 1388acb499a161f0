"""Migrations bring any archive to the tables of the code."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from monitor.archive import Archive
from monitor.archive.alerts import AlertFilter
from monitor.archive.engine import open_engine
from monitor.archive.schema import head
from monitor.errors import ArchiveError
from monitor.models import AlertKind, AlertState
from monitor.searching.query import parse
from tests.conftest import NOW
from tests.fakes.older import older_archive
from tests.fakes.program import ROOT


def test_the_schema_is_in_step_with_the_tables_of_the_code(archive: Archive) -> None:
    archive.check_version()
    assert archive.drift() == []


def test_the_newest_migration_is_the_one_that_alembic_knows_as_its_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == head()


def test_an_archive_without_tables_is_refused_with_what_to_do(database_url: str) -> None:
    with pytest.raises(ArchiveError, match=r"monitor db upgrade|monitor crawl"):
        Archive(database_url).check_version()


def test_asking_for_an_archive_that_is_not_there_makes_none(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="there is no archive yet"):
        Archive(f"sqlite:///{tmp_path / 'none.db'}").check_version()
    assert list(tmp_path.iterdir()) == []


def test_upgrading_twice_changes_nothing(archive: Archive) -> None:
    archive.upgrade()
    assert archive.drift() == []


def test_processes_that_start_at_once_upgrade_one_after_the_other(database_url: str) -> None:
    failures: list[Exception] = []
    barrier = threading.Barrier(3)

    def upgrade() -> None:
        archive = Archive(database_url)
        barrier.wait()
        try:
            archive.upgrade()
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)
        archive.close()

    threads = [threading.Thread(target=upgrade) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    Archive(database_url).check_version()


def test_an_archive_of_a_newer_program_is_refused(archive: Archive, database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(ArchiveError, match="newer than this program"):
        archive.upgrade()


@pytest.mark.parametrize("version", ["0001", "0002", "0003", "0004", "0005", "0006"])
def test_an_archive_of_any_version_is_brought_to_the_newest_with_what_it_holds(database_url: str, version: str) -> None:
    older_archive(database_url, version)
    archive = Archive(database_url)
    archive.upgrade()
    assert archive.drift() == []
    with archive.reading() as tables:
        topic, waiting = tables.alerts.find(AlertFilter())
        found = [
            hit.id for hit in tables.search.find(parse("title:T source:one company:Acme status:completed", NOW.date()))
        ]
    assert found == [1]  # what was stored before there were labels and positions is indexed by the upgrade
    assert (waiting.id, waiting.deal_id, waiting.state, waiting.kind) == (1, 1, AlertState.PENDING, AlertKind.CARD)
    assert (topic.id, topic.deal_id, topic.state) == (2, None, AlertState.SENT)
    leased = archive.outbox.lease("deals", NOW, NOW + timedelta(minutes=2))
    assert leased is not None
    assert [report.title for report in leased.reports] == ["T"]
    archive.close()
