"""A Postgres that crashes and refuses, a disk that is full."""

import subprocess
import time
from datetime import timedelta
from pathlib import Path

from tests.chaos.conftest import long_form, sound
from tests.fakes.fleet import Fleet, Hosts
from tests.fakes.ownpostgres import OwnPostgres
from tests.fakes.program import Program
from tests.fakes.site import Site
from tests.fakes.slack import FakeSlack
from tests.integration.conftest import Publish
from tests.integration.test_crawl import DEAL, titles, wait_for
from tests.integration.test_run import running


def configured(program: Program, site: Site) -> None:
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"{site.url}/feed", "every": "1s"}],
        channels=[{"name": "deals", "type": "slack", "channel": "#deals"}],
        schedule={"tick": "1s", "jitter": "0s", "fastest": "1s"},
    )


def test_a_postgres_that_crashes_and_refuses_for_a_while_costs_nothing_but_time(
    tmp_path: Path, site: Site, publish: Publish, own_postgres: OwnPostgres
) -> None:
    publish("first", DEAL)
    with FakeSlack(clock=time.time) as slack:
        variables = {"DATABASE_URL": own_postgres.url, "SLACK_BOT_TOKEN": slack.token, "SLACK_API_URL": slack.api}
        program = Program(tmp_path, variables)
        configured(program, site)
        with running(program) as process:
            wait_for(lambda: len(slack.messages) == 1)
            own_postgres.crash()
            publish("second", "星河智能完成9亿元D轮融资")
            refused = time.monotonic() + 5
            wait_for(lambda: time.monotonic() > refused)
            assert process.poll() is None
            own_postgres.start()
            wait_for(lambda: len(slack.messages) == 2)
            for number in range(3):  # in the middle of whatever it does
                publish(f"more-{number}", f"海豚出行上线第{number}条线路")
                own_postgres.crash()
                own_postgres.start()
            wait_for(lambda: len(titles(program)) == 5)
            assert process.poll() is None
        assert sound(program) == []
        assert len(slack.messages) == 2
        assert {alert["state"] for alert in program.ask("alerts", "list")} == {"sent"}


@long_form
def test_a_disk_that_is_full_half_stores_nothing_and_work_goes_on_when_there_is_room(
    tmp_path: Path, site: Site, publish: Publish, small_disk: Path
) -> None:
    program = Program(tmp_path, {"DATABASE_URL": f"sqlite:///{small_disk / 'monitor.db'}"})
    program.configure(companies=[{"name": "星河智能"}], sources=[{"name": "site", "url": f"{site.url}/feed"}])
    said = [f"{DEAL}，第{number}次报道" for number in range(24)]
    for number, title in enumerate(said):
        publish(f"story-{number}", title, f"{'正文。' * 15_000}")
    assert program.run("db", "upgrade").returncode == 0
    program.run("crawl", "--due", "--quiet")
    stored = titles(program)
    assert len(stored) < len(said)
    subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)], check=True)
    assert sound(program) == []
    program.let_retries_come_due()
    program.let_pass(timedelta(days=1))
    assert program.run("crawl").returncode == 0
    assert titles(program) == sorted(said)
    assert sound(program) == []


@long_form
def test_workers_bear_a_postgres_that_crashes(tmp_path: Path, own_postgres: OwnPostgres) -> None:
    program, sources = Program(tmp_path, {"DATABASE_URL": own_postgres.url}), 12
    with Hosts(4, 0.5) as hosts, Fleet(program) as fleet:
        hosts.watched_by(program, sources)
        own_postgres.crash()
        worker = fleet.start("worker", "--concurrency", "4")  # waits for the database, and for the queue in it
        told = tmp_path / "0-worker.log"
        fleet.until(lambda: "cannot be used" in told.read_text(encoding="utf-8"), 30, "a word of it")
        own_postgres.start()
        scheduler = fleet.start("run", "--workers")
        fleet.until(fleet.anything_visited, 60, "work")
        own_postgres.crash()
        own_postgres.start()
        fleet.until(lambda: len(fleet.visited()) == sources, 120, "every visit")
        assert worker.poll() is None
        assert scheduler.poll() is None
        assert set(fleet.visited().values()) == {1}
        assert hosts.asked_at_once() == 1
    assert sound(program) == []
