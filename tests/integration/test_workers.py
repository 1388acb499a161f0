"""Visits shared among workers: the queue, the processes that take from it, and what becomes of those that die."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from monitor.archive import Archive
from monitor.archive.sources import SourceRow
from monitor.bootstrap import application, environment
from monitor.crawling.due import sync_sources
from monitor.crawling.errands import Errands
from monitor.crawling.givingup import give_up
from monitor.crawling.hosts import LEASE, HostBook
from monitor.errors import ArchiveError
from monitor.polls import Poll, PollOutcome
from monitor.workers.deferring import Deferring
from monitor.workers.queue import VERSION, VisitQueue
from tests.conftest import on_sqlite
from tests.fakes.fleet import Fleet, Hosts, children
from tests.fakes.outbox import Clock
from tests.fakes.program import Program
from tests.integration.conftest import Publish
from tests.integration.test_crawl import DEAL, wait_for

on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
FEW = 12
STALLED = "UPDATE monitor_jobs.procrastinate_workers SET last_heartbeat = now() - interval '1 minute' WHERE id = %s"


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    with Hosts(4, 0.2) as found:
        yield found


@pytest.fixture
def fleet(program: Program, hosts: Hosts) -> Iterator[Fleet]:
    """Twelve sources on four hosts, on the archive that `program` has."""
    Archive(program.variables["DATABASE_URL"]).upgrade()
    hosts.watched_by(program, FEW)
    with Fleet(program) as found:
        yield found


@on_postgres
def test_workers_visit_each_source_once_and_no_host_is_asked_by_two(fleet: Fleet, hosts: Hosts) -> None:
    fleet.start("run", "--workers")
    for _ in range(2):
        fleet.start("worker", "--concurrency", "4")
    fleet.until(lambda: len(fleet.visited()) == FEW and not fleet.busy(), 90, "every visit")
    assert set(fleet.visited().values()) == {1}
    assert hosts.asked_at_once() == 1
    assert sorted(hosts.site.paths()) == sorted(f"/feed/{number}" for number in range(FEW))


@on_postgres
def test_what_a_killed_worker_had_begun_is_done_by_another(fleet: Fleet, hosts: Hosts, program: Program) -> None:
    fleet.start("run", "--workers")
    killed = fleet.start("worker", "--concurrency", "4")
    fleet.until(lambda: fleet.busy() == 4, 60, "work")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    with psycopg.connect(program.variables["DATABASE_URL"], autocommit=True) as connection:
        (worker,) = connection.execute("SELECT id FROM monitor_jobs.procrastinate_workers").fetchall()[0]
        connection.execute(STALLED, (worker,))
    fleet.start("worker", "--concurrency", "4")
    fleet.until(lambda: len(fleet.visited()) == FEW and not fleet.busy(), 90, "every visit")
    assert set(fleet.visited().values()) == {1}
    assert hosts.asked_at_once() == 1


@on_postgres
def test_a_crawl_that_is_killed_costs_a_worker_nothing_but_time(fleet: Fleet) -> None:
    fleet.start("run", "--workers")
    worker = fleet.start("worker", "--concurrency", "4")
    fleet.until(lambda: len(fleet.visited()) > 0 and fleet.busy() > 0, 60, "work")
    for child in children(worker):
        os.kill(child, signal.SIGKILL)
    fleet.until(lambda: len(fleet.visited()) == FEW and not fleet.busy(), 90, "every visit")
    assert worker.poll() is None
    assert set(fleet.visited().values()) == {1}


@on_postgres
def test_a_worker_that_is_told_to_end_gives_back_what_it_had_begun(fleet: Fleet) -> None:
    fleet.start("run", "--workers")
    worker = fleet.start("worker", "--concurrency", "4")
    fleet.until(lambda: fleet.busy() > 0, 60, "work")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(15) == 0
    fleet.start("worker", "--concurrency", "4")
    fleet.until(lambda: len(fleet.visited()) == FEW and not fleet.busy(), 60, "every visit")
    assert set(fleet.visited().values()) == {1}


@on_postgres
def test_a_deal_that_a_worker_found_is_told_by_the_scheduler(program: Program, publish: Publish) -> None:
    publish("deal", DEAL)
    with Fleet(program) as fleet:
        fleet.start("run", "--workers")
        fleet.start("worker")
        told = program.folder / "0-run.log"
        fleet.until(lambda: "星河智能 ·" in told.read_text(encoding="utf-8"), 60, "an alert")
        fleet.until(lambda: program.ask("alerts", "list")[0]["state"] == "sent", 30, "its record")
    assert told.read_text(encoding="utf-8").count("星河智能 ·") == 1
    assert [alert["company"] for alert in program.ask("alerts", "list")] == ["星河智能"]
    assert "星河智能 ·" not in (program.folder / "1-worker.log").read_text(encoding="utf-8")


@on_sqlite
@pytest.mark.parametrize("command", [("worker",), ("run", "--workers")])
def test_on_sqlite_it_says_what_workers_need(program: Program, command: tuple[str, ...]) -> None:
    done = program.run(*command)
    assert done.returncode == 3
    assert "let DATABASE_URL name one" in done.stderr
    assert "Traceback" not in done.stderr


@on_postgres
def test_the_queue_of_another_version_is_made_anew_and_workers_wait_for_that(
    archive: Archive, database_url: str
) -> None:
    queue = VisitQueue(archive, database_url)
    with pytest.raises(ArchiveError, match="not there yet"):
        queue.check()
    queue.prepare()
    queue.check()
    with archive.writing() as tables:
        assert not tables.jobs.make(VERSION, "no definition is read where nothing is to be made")
        assert tables.jobs.make("procrastinate 2.0", "CREATE TABLE procrastinate_jobs ()")
    with pytest.raises(ArchiveError, match=r"is of procrastinate 2\.0"):
        queue.check()
    queue.prepare()
    queue.check()
    assert archive.drift() == []


@on_postgres
def test_what_waits_already_is_not_deferred_again(
    archive: Archive, database_url: str, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(program.folder)
    found = application(environment({"DATABASE_URL": database_url}))
    queue = VisitQueue(archive, database_url)
    sync_sources(found)
    for _ in range(3):
        Deferring(queue).poll(found)
        with archive.reading() as tables:
            assert tables.jobs.depth() == {"todo": 1, "doing": 0}
            assert tables.jobs.queued() == {"site"}
            assert tables.jobs.workers() == 0


def test_a_source_whose_visits_never_end_well_is_polled_less_and_less(
    archive: Archive, database_url: str, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(program.folder)
    found = application(environment({"DATABASE_URL": database_url}))
    sync_sources(found)
    waits = []
    for number in range(1, 4):
        now = datetime.now(UTC)
        give_up(found, "site", "the crawl process died")
        give_up(found, "no such source", "the crawl process died")
        with archive.reading() as tables:
            state = tables.sources.get("site")
        assert state is not None
        assert state.next_poll_at is not None
        assert (state.failures, state.last_error) == (number, "the crawl process died")
        waits.append(state.next_poll_at - now)
    assert waits == sorted(waits)
    assert waits[2] > 3 * waits[0]


def test_a_poll_counts_only_if_nobody_else_has_polled_meanwhile(archive: Archive, clock: Clock) -> None:
    now = clock()
    with archive.writing() as tables:
        tables.sources.sync([SourceRow("s", "S", "", "")], now)
        assert tables.sources.polled(Poll("s", PollOutcome.NEW), now, now + LEASE, (), known=None)
    late = Poll("s", PollOutcome.HTTP_ERROR, error="late")
    with archive.writing() as tables:
        assert not tables.sources.polled(late, now + LEASE, now, (), known=None)
        assert tables.sources.polled(late, now + LEASE, now, (), known=now)


def test_a_run_that_was_stopped_for_a_while_has_lost_its_hosts(archive: Archive, clock: Clock) -> None:
    book = HostBook(lambda: archive, clock)
    assert book.claim("a.example")[0]
    assert book.claim("b.example")[0]
    assert book.holds("a.example")
    clock.advance(minutes=2)
    with archive.writing() as tables:
        assert tables.hosts.claim("a.example", "another", clock(), LEASE).taken
    book.renew()
    assert not book.holds("a.example")
    assert book.holds("b.example")
    assert not book.claim("a.example")[0]


@on_postgres
def test_a_leader_that_does_not_stir_loses_its_lock(archive: Archive, database_url: str) -> None:
    """Postgres ends its session; here the test does, as a minute is long."""
    frozen, other = archive.leadership(), archive.leadership()
    assert frozen.take()
    assert not other.take()
    with psycopg.connect(database_url, autocommit=True) as connection:
        sessions = connection.execute(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())"
        ).fetchall()
        (pid,) = {row[0] for row in sessions}
        connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
    wait_for(other.take)  # a session that is told to end takes a moment
    assert not frozen.take()
    other.release()


def test_errands_are_read_and_told_line_by_line(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.write_text('{"visit": "一"}\n{"visit": "b"}\n', encoding="utf-8")
    with given.open(encoding="utf-8") as lines, (tmp_path / "told").open("w+", encoding="utf-8") as told:
        errands, taken = Errands(lines, told), []
        while not errands.ended:
            taken += list(errands.taken())
        taken += list(errands.taken())
        errands.done("一")
        errands.failed("b", "why")
        errands.beat()
        told.seek(0)
        assert told.read() == '{"done": "一"}\n{"failed": "b", "error": "why"}\n'
    assert taken == ["一", "b"]
