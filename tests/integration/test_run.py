"""The long-running program, as `monitor run` does it."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

from tests.conftest import on_sqlite
from tests.fakes.program import Program, free_port
from tests.fakes.site import Site
from tests.fakes.slack import FakeSlack
from tests.integration.conftest import Publish
from tests.integration.test_crawl import DEAL, titles, wait_for


@contextmanager
def running(program: Program) -> Iterator["subprocess.Popen[str]"]:
    process = program.start("run")
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def stop(process: "subprocess.Popen[str]") -> tuple[float, str, str]:
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    return time.monotonic() - begun, out, err


def test_run_polls_delivers_and_ends_within_eight_seconds_of_sigterm(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", DEAL)
    with running(program) as process:
        wait_for(lambda: any(a["state"] == "sent" for a in _alerts(program)))
        seconds, out, err = stop(process)
    assert process.returncode == 0, err
    assert seconds < 8
    assert out.count("星河智能 ·") == 1
    assert "Watching 1 companies in 1 sources" in err


def test_a_restart_polls_no_earlier_and_tells_nothing_twice(program: Program, site: Site, publish: Publish) -> None:
    publish("deal", DEAL)
    outputs = []
    for _ in range(3):
        with running(program) as process:
            wait_for(lambda: any(a["state"] == "sent" for a in _alerts(program)))
            outputs.append(stop(process)[1])
    assert [out.count("星河智能 ·") for out in outputs] == [1, 0, 0]
    assert site.paths().count("/feed") == 1


@on_sqlite
def test_a_source_is_polled_again_when_its_time_has_come(program: Program, site: Site, publish: Publish) -> None:
    publish("deal", DEAL)
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"{site.url}/feed", "every": "1s"}],
        schedule={"tick": "1s", "jitter": "0s"},
    )
    with running(program) as process:
        wait_for(lambda: site.paths().count("/feed") >= 3)
        publish("later", "星河智能发布新模型")
        wait_for(lambda: len(titles(program)) == 2)
        stop(process)
    assert titles(program) == sorted([DEAL, "星河智能发布新模型"])


def test_a_killed_program_leaves_an_alert_that_goes_out_once_after_the_restart(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", DEAL)
    with FakeSlack() as slack:
        slack.fail_next("ratelimited", retry_after=10, method="chat.postMessage")
        told = _with_slack(program, site, slack)
        with running(told) as process:
            wait_for(lambda: any(a["error"] for a in _alerts(told)))
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        assert slack.messages == []
        with running(told) as process:
            wait_for(lambda: bool(slack.messages))
            wait_for(lambda: [a["state"] for a in _alerts(told)] == ["sent"])
            stop(process)
        assert len(slack.messages) == 1


@on_sqlite
def test_a_crawl_run_past_its_deadline_is_ended_and_the_program_goes_on(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", DEAL)
    site.fallback = _hang_once(site)
    site._answers.pop("/deal")
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"{site.url}/feed"}],
        schedule={"tick": "1s", "deadline": "4s"},
    )
    with running(program) as process:
        wait_for(lambda: "/deal" in site.paths())
        wait_for(lambda: titles(program) == [DEAL], seconds=60)
        _, _, err = stop(process)
    assert "deadline" in err


@on_sqlite
def test_a_change_of_the_configuration_is_taken_up_and_a_broken_one_is_told(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", DEAL)
    source = {"name": "site", "url": f"{site.url}/feed", "every": "1s"}
    parts = {"sources": [source], "schedule": {"tick": "1s", "jitter": "0s"}}
    program.configure(companies=[{"name": "海豚出行"}], **parts)
    with running(program) as process:
        wait_for(lambda: site.paths().count("/feed") >= 1)
        (program.folder / "monitor.yaml").write_text("companies: [", encoding="utf-8")
        polls = site.paths().count("/feed")
        program.configure(companies=[{"name": "星河智能"}], channels=[{"name": "new", "type": "console"}], **parts)
        wait_for(lambda: site.paths().count("/feed") > polls + 1)
        publish("later", "星河智能完成3亿元C轮融资")
        wait_for(lambda: any(a["state"] == "sent" for a in _alerts(program)))
        _, out, err = stop(process)
    assert out.count("星河智能 ·") == 1
    assert "taken up" in err


def test_a_crawl_run_ends_with_the_program_that_was_killed(program: Program, site: Site, publish: Publish) -> None:
    for i in range(40):
        publish(f"a{i}", f"第{i}条")

    def slow(_path: str) -> None:
        time.sleep(0.5)

    for i in range(40):
        site._answers.pop(f"/a{i}")
    site.fallback = slow
    with running(program) as process:
        wait_for(lambda: len(site.paths()) > 3)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        asked = len(site.paths())
        wait_for(lambda: _quiet(site))
        assert len(site.paths()) - asked < 20


def _quiet(site: Site) -> bool:
    """Nothing is asked for three seconds."""
    before = len(site.paths())
    time.sleep(3)
    return len(site.paths()) == before


def _hang_once(site: Site) -> Callable[[str], None]:
    """The page hangs when it is first asked for, and is not there afterwards."""

    def answer(path: str) -> None:
        if site.paths().count(path) == 1:
            time.sleep(25)

    return answer


def _answers(listen: str) -> bool:
    connection = HTTPConnection(listen, timeout=5)
    try:
        connection.request("GET", "/articles/1")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _with_slack(program: Program, site: Site, slack: FakeSlack) -> Program:
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"{site.url}/feed"}],
        channels=[{"name": "deals", "type": "slack", "channel": "#deals"}],
    )
    variables = {**program.variables, "SLACK_BOT_TOKEN": slack.token, "SLACK_API_URL": slack.api}
    return Program(program.folder, variables)


def _alerts(program: Program) -> list[dict[str, str]]:
    done = program.run("alerts", "list", "--json")
    if done.returncode == 3:  # the archive is not there yet
        return []
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found


def test_a_second_scheduler_on_the_same_archive_waits_and_takes_over_when_the_first_is_killed(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", DEAL)
    listen = f"127.0.0.1:{free_port()}"
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"{site.url}/feed"}],
        web={"url": f"http://{listen}", "listen": listen},
    )
    with running(program) as first:
        wait_for(lambda: any(a["state"] == "sent" for a in _alerts(program)))
        with running(program) as second:
            assert second.stderr is not None
            said = ""
            while "this one waits" not in said:
                said += second.stderr.readline()
            os.kill(first.pid, signal.SIGKILL)
            first.wait()
            while "this one goes on" not in said:
                said += second.stderr.readline()
            wait_for(lambda: _answers(listen))
            seconds, _, err = stop(second)
        assert second.returncode == 0, err
        assert seconds < 8
    assert site.paths().count("/feed") == 1


@on_sqlite
def test_a_scheduler_that_waits_ends_when_it_is_told_to(program: Program, site: Site, publish: Publish) -> None:
    publish("deal", DEAL)
    with running(program) as first:
        wait_for(lambda: any(a["state"] == "sent" for a in _alerts(program)))
        with running(program) as second:
            assert second.stderr is not None
            while "this one waits" not in second.stderr.readline():
                pass
            seconds, _, _ = stop(second)
        assert (second.returncode, seconds < 8) == (0, True)
        stop(first)
