"""What is wrong with an installation, and what to do about it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from monitor.archive import Archive
from monitor.archive.sources import SourceRow
from monitor.polls import Poll, PollOutcome
from tests.conftest import NOW, on_sqlite
from tests.fakes.program import Program
from tests.fakes.slack import FakeSlack

pytestmark = on_sqlite


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        yield server


@pytest.fixture
def told(program: Program, slack: FakeSlack) -> Program:
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": "http://127.0.0.1:9/feed"}],
        channels=[{"name": "deals", "type": "slack", "channel": "#deals"}],
    )
    secrets = {"SLACK_BOT_TOKEN": slack.token, "SLACK_API_URL": slack.api}
    return Program(program.folder, {**program.variables, **secrets})


def findings(program: Program) -> dict[str, dict[str, Any]]:
    done = program.run("doctor", "--json")
    assert done.returncode in (0, 1), done.stderr
    found = {finding["name"]: finding for finding in json.loads(done.stdout)}
    assert done.returncode == (0 if all(finding["well"] for finding in found.values()) else 1)
    return found


def test_an_installation_that_is_well(told: Program) -> None:
    found = findings(told)
    assert all(finding["well"] for finding in found.values()), found
    assert found["channel deals"]["seen"] == "funding-bot in Test Team: may post to #deals and look there"
    assert found.keys() >= {"configuration", "archive", "disk", "clock", "network"}
    printed = told.run("doctor")
    assert printed.returncode == 0
    assert "✓ channel deals: funding-bot in Test Team" in printed.stdout


def test_a_scheduler_that_does_not_run_is_told(told: Program) -> None:
    assert told.run("db", "upgrade").returncode == 0
    found = findings(told)
    assert not found["tick"]["well"]
    assert "start `monitor run`" in found["tick"]["advice"]


def test_a_token_that_may_too_little(told: Program, slack: FakeSlack) -> None:
    slack.scopes.remove("channels:history")
    found = findings(told)["channel deals"]
    assert found["seen"] == "funding-bot in Test Team: the token lacks channels:history"
    assert "docs/slack-app.yaml" in found["advice"]


def test_a_bot_that_is_no_member(told: Program, slack: FakeSlack) -> None:
    slack.channel("#deals").member = False
    found = findings(told)["channel deals"]
    assert not found["well"]
    assert "not_in_channel" in found["seen"]
    assert "/invite @funding-bot in #deals" in found["advice"]


def test_a_token_that_is_wrong_is_not_shown(told: Program) -> None:
    wrong = Program(told.folder, {**told.variables, "SLACK_BOT_TOKEN": "xoxb-wrong-secret"})
    found = findings(wrong)["channel deals"]
    assert "invalid_auth" in found["seen"]
    assert "SLACK_BOT_TOKEN" in found["advice"]
    assert "xoxb-wrong-secret" not in str(found)


def test_a_secret_that_is_not_set_and_a_network_that_is_not_there(program: Program) -> None:
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "gone", "url": "http://no-such-host.invalid/feed"}],
        channels=[{"name": "deals", "type": "slack", "channel": "#deals"}],
        web={"listen": "0.0.0.0:8080"},
    )
    found = findings(Program(program.folder, {**program.variables, "SLACK_API_URL": "http://127.0.0.1:9/api/"}))
    assert found["channel deals"]["seen"] == "SLACK_BOT_TOKEN is not set"
    assert "127.0.0.1 is out of reach" in found["clock"]["seen"]
    assert "no-such-host.invalid" in found["network"]["seen"]
    assert "set MONITOR_PASSWORD" in found["web"]["seen"]


def test_a_source_that_fails_is_told(told: Program) -> None:
    archive = Archive(told.variables["DATABASE_URL"])
    archive.upgrade()
    with archive.writing() as tables:
        tables.sources.sync([SourceRow("site", "site", "", "")], NOW)
        poll = Poll("site", PollOutcome.NETWORK_ERROR, error="no answer")
        tables.sources.polled(poll, NOW, NOW, ())
    archive.close()
    found = findings(told)["source site"]
    assert found["seen"] == "failing: no answer"
    assert found["advice"] == "monitor sources check site"


def test_a_test_message_is_sent_on_request(told: Program, slack: FakeSlack) -> None:
    assert told.run("doctor", "--send").returncode == 0
    assert len(slack.messages) == 1
