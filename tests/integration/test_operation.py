"""What operation does to it: disks that are full, databases that are locked or restarted, machines that sleep."""

import signal
import threading
import time
from datetime import timedelta
from urllib.parse import urlsplit

import psycopg
import pytest

from monitor.archive import Archive
from monitor.errors import ArchiveError
from tests.conftest import POSTGRES, on_sqlite
from tests.fakes.newsroom import B_ROUND, Newsroom
from tests.fakes.program import Program
from tests.fakes.site import Site
from tests.integration.conftest import Publish
from tests.integration.test_crawl import DEAL, wait_for
from tests.integration.test_run import running

on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@on_sqlite
def test_on_a_full_disk_nothing_is_half_stored_and_work_resumes(program: Program, site: Site, publish: Publish) -> None:
    """The limit of a file's size stands for a disk that is full: writes beyond it fail."""
    for number in range(8):
        publish(f"story-{number}", f"{DEAL}，第{number}次报道", f"{'正文。' * 10_000}")
    assert program.run("db", "upgrade").returncode == 0
    full = program.run("crawl", "--json", "--no-deliver", most_bytes=700_000)
    stored = program.ask("search", limit=100)
    assert len(stored) < 8, full.stdout
    assert program.run("db", "check").returncode == 0
    program.let_retries_come_due()
    program.let_pass(timedelta(days=1))
    assert program.run("crawl").returncode == 0
    assert len(program.ask("search", limit=100)) == 8
    titles = [hit["title"] for hit in program.ask("search", "第7次报道", limit=100)]
    assert titles == [f"{DEAL}，第7次报道"]


@on_sqlite
def test_a_writer_waits_for_another_one(archive: Archive) -> None:
    newsroom, done = Newsroom(archive), threading.Event()

    def store() -> None:
        newsroom.tell(B_ROUND)
        done.set()

    with archive.writing() as tables:
        assert tables.articles.count(None, None, None) == 0
        writer = threading.Thread(target=store)
        writer.start()
        assert not done.wait(0.5)
    writer.join(30)
    assert done.is_set()
    with archive.reading() as tables:
        assert tables.articles.count(None, None, None) == 1


@on_postgres
def test_a_database_that_restarts_in_the_middle_loses_nothing(archive: Archive) -> None:
    """All connections end, as they do when Postgres restarts."""
    newsroom = Newsroom(archive)
    newsroom.tell(B_ROUND)
    with pytest.raises(ArchiveError):
        interrupted(archive)
    begun = time.monotonic()
    newsroom.tell("星河智能完成9亿元D轮融资")
    assert time.monotonic() - begun < 5
    with archive.reading() as tables:
        assert tables.articles.count(None, None, None) == 2
        deal = tables.deals.get(1)
        assert deal is not None
        assert not deal.dismissed


def interrupted(archive: Archive) -> None:
    with archive.writing() as tables:
        tables.corrections.set_dismissed(1, dismissed=True)
        disconnect(archive)
        tables.deals.lock()


def disconnect(archive: Archive) -> None:
    name = urlsplit(archive.address).path.lstrip("/")
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))


@on_sqlite
def test_after_a_sleep_what_was_missed_is_done_once(program: Program, site: Site, publish: Publish) -> None:
    publish("deal", DEAL)
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"{site.url}/feed", "every": "1s"}],
        schedule={"tick": "1s", "jitter": "0s", "fastest": "1s"},
    )
    with running(program) as process:
        wait_for(lambda: len(polls(site)) >= 2)
        process.send_signal(signal.SIGSTOP)
        while_asleep = time.monotonic() + 5
        wait_for(lambda: time.monotonic() > while_asleep)
        before = len(polls(site))
        process.send_signal(signal.SIGCONT)
        wait_for(lambda: len(polls(site)) > before)
        soon = time.monotonic() + 1
        wait_for(lambda: time.monotonic() > soon)
        assert len(polls(site)) - before <= 2  # five seconds were missed, with a tick in each


def polls(site: Site) -> list[str]:
    return [path for path in site.paths() if path == "/feed"]
