"""A worker whose machine sleeps, and wakes up when others have its visits."""

import time
from pathlib import Path

import psycopg

from monitor.archive import Archive
from monitor.workers.worker import FROZEN
from tests.chaos.conftest import long_form
from tests.fakes.fleet import Fleet, Hosts, freeze, thaw
from tests.fakes.program import Program
from tests.integration.test_workers import STALLED

SOURCES = 12


@long_form
def test_a_worker_that_was_frozen_begins_anew(tmp_path: Path, postgres_url: str) -> None:
    Archive(postgres_url).upgrade()
    program = Program(tmp_path, {"DATABASE_URL": postgres_url})
    with Hosts(4, 0.3) as hosts, Fleet(program) as fleet:
        hosts.watched_by(program, SOURCES)
        fleet.start("run", "--workers")
        frozen = fleet.start("worker", "--concurrency", "4")
        fleet.until(lambda: len(fleet.visited()) > 0 and fleet.busy() > 0, 60, "work")
        freeze(frozen)
        begun = time.monotonic()
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            (worker,) = connection.execute("SELECT id FROM monitor_jobs.procrastinate_workers").fetchall()[0]
            connection.execute(STALLED, (worker,))
        fleet.start("worker", "--concurrency", "4")
        fleet.until(lambda: len(fleet.visited()) == SOURCES and not fleet.busy(), 120, "every visit")
        fleet.until(lambda: time.monotonic() - begun > FROZEN + 2, 60, "a long sleep")
        thaw(frozen)
        told = tmp_path / "1-worker.log"
        fleet.until(lambda: "it begins anew" in told.read_text(encoding="utf-8"), 30, "the word of it")
        fleet.until(lambda: told.read_text(encoding="utf-8").count("takes visits") == 2, 30, "another beginning")
        assert frozen.poll() is None
        assert set(fleet.visited().values()) == {1}
        assert hosts.asked_at_once() == 1
