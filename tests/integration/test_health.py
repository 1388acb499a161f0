"""Whether the program is well: probes, metrics, and the command for a container's health check."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.routing import Route

from monitor.archive import Archive
from monitor.archive.pulses import Job
from monitor.readiness import OVERDUE, readiness
from monitor.web.health import Probes
from monitor.web.serving import serving
from tests.conftest import NOW
from tests.fakes.newsroom import B_ROUND, Newsroom
from tests.fakes.program import Program, free_port
from tests.fakes.visitor import Answer, Visitor
from tests.integration.test_crawl import wait_for

DEADLINE = timedelta(minutes=15)


@pytest.fixture
def visitor(archive: Archive) -> Iterator[Visitor]:
    port = free_port()
    with serving(Probes(archive, lambda: NOW, lambda: DEADLINE).app(), f"127.0.0.1:{port}", "health.listen"):
        yield Visitor(port)


def beat(archive: Archive, ago: timedelta = timedelta()) -> None:
    with archive.writing() as tables:
        for job in Job:
            tables.pulses.beat(job, NOW - ago)


def value(answer: Answer, name: str, **labels: str) -> float:
    families = text_string_to_metric_families(answer.text)
    (found,) = [
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    return float(found)


def test_a_program_whose_jobs_go_on_is_ready(visitor: Visitor, archive: Archive) -> None:
    assert visitor.get("/healthz").text == "ok\n"
    before = visitor.get("/readyz")
    assert before.status == 503
    assert not before.json["tick"]["well"]
    beat(archive)
    after = visitor.get("/readyz")
    assert after.status == 200
    assert after.json["delivery"]["seen"] == "last ran 0 s ago"
    assert visitor.get("/articles/1").status == 404  # nothing else is answered here


def test_a_job_that_is_silent_is_seen(archive: Archive) -> None:
    beat(archive, timedelta(minutes=5))
    well = {check.name: check.well for check in readiness(archive, NOW, DEADLINE)}
    assert well == {"archive": True, "tick": True, "delivery": False, "alerts": True}  # a tick may wait for its crawl
    beat(archive, timedelta(minutes=20))
    assert not {check.name: check.well for check in readiness(archive, NOW, DEADLINE)}["tick"]
    without = readiness(archive, NOW, DEADLINE, scheduled=False)
    assert [check.name for check in without] == ["archive", "alerts"]
    assert all(check.well for check in without)


def test_alerts_that_do_not_go_out_are_seen(archive: Archive) -> None:
    Newsroom(archive).tell(B_ROUND)
    late = readiness(archive, NOW + OVERDUE, DEADLINE, scheduled=False)
    assert [check.well for check in late] == [True, False]
    assert late[1].seen == "the one due first has waited 10.0 minutes"


def test_an_archive_that_is_not_there_is_told_without_its_password(tmp_path_factory: pytest.TempPathFactory) -> None:
    gone = Archive("postgresql://monitor:hunter2@127.0.0.1:1/none")
    (check,) = readiness(gone, NOW, DEADLINE)
    assert not check.well
    assert "hunter2" not in check.seen


def test_metrics_tell_what_was_done_and_what_waits(visitor: Visitor, archive: Archive) -> None:
    newsroom = Newsroom(archive)
    newsroom.tell(B_ROUND)
    newsroom.tell("星河智能完成9亿元D轮融资", age=10)
    beat(archive, timedelta(seconds=30))
    waiting = visitor.get("/metrics")
    assert waiting.headers["content-type"].startswith("text/plain; version=")
    assert value(waiting, "monitor_up") == 1
    assert value(waiting, "monitor_articles_total") == 2
    assert value(waiting, "monitor_alerts", state="pending") == 1
    assert value(waiting, "monitor_alerts", state="suppressed") == 1
    assert value(waiting, "monitor_job_silent_seconds", job="tick") == 30
    newsroom.deliver(minutes=4)
    sent = visitor.get("/metrics")
    assert value(sent, "monitor_alert_lag_seconds_count") == 1
    assert value(sent, "monitor_alert_lag_seconds_sum") == 240
    assert value(sent, "monitor_alert_lag_seconds_bucket", le="120.0") == 0
    assert value(sent, "monitor_alert_lag_seconds_bucket", le="300.0") == 1


def test_metrics_of_an_archive_that_does_not_answer() -> None:
    port = free_port()
    probes = Probes(Archive("postgresql://127.0.0.1:1/none"), lambda: NOW, lambda: DEADLINE)
    assert all(isinstance(route, Route) for route in probes.routes)
    with serving(probes.app(), f"127.0.0.1:{port}", "health.listen"):
        answer = Visitor(port).get("/metrics")
        assert value(answer, "monitor_up") == 0
        assert Visitor(port).get("/readyz").status == 503
        assert Visitor(port).get("/healthz").status == 200


def test_the_command_says_whether_a_scheduler_is_at_work(program: Program) -> None:
    port = free_port()
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "x", "url": "http://127.0.0.1:9/feed"}],
        health={"listen": f"127.0.0.1:{port}"},
    )
    assert program.run("db", "upgrade").returncode == 0
    idle = program.run("health")
    assert idle.returncode == 1
    assert "✗ tick: has never run" in idle.stdout
    assert program.run("health", "--no-scheduler").returncode == 0
    running = program.start("run")
    try:
        wait_for(lambda: program.run("health").returncode == 0)
        assert Visitor(port).get("/readyz").status == 200
    finally:
        running.terminate()
        running.communicate(timeout=20)
    assert [check["name"] for check in program.ask("health", "--no-scheduler")] == ["archive", "alerts"]
