"""What is logged, in lines for people and for machines, and what never is."""

import json
import logging

import pytest

from monitor.cli.logs import set_up

SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-very-secret",
    "DATABASE_URL": "postgresql://monitor:dbsecret1@host/monitor",
    "MONITOR_TOKENS": "ci:token-number-one reader:token-number-two",
    "HOME": "/home/somebody",
}


def test_a_message_is_a_line_of_json_with_what_it_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    set_up({**SECRETS, "MONITOR_LOG": "json"}, verbose=False)
    logging.getLogger("monitor.x").info("stored %d", 7, extra={"run": 3, "source": "site", "article": 7})
    logging.getLogger("monitor.x").debug("not told")
    said = json.loads(capsys.readouterr().err)
    assert (said["level"], said["logger"], said["message"]) == ("info", "monitor.x", "stored 7")
    assert (said["run"], said["source"], said["article"]) == (3, "site", 7)
    assert said["at"].endswith("+00:00")


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_secret_is_written(capsys: pytest.CaptureFixture[str], form: str) -> None:
    set_up({**SECRETS, "MONITOR_LOG": form}, verbose=True)
    log = logging.getLogger("monitor.x")
    try:
        raise ValueError("xoxb-very-secret in an error")
    except ValueError:
        log.exception("with %s and %s", "token-number-two", "dbsecret1")
    log.info("host of somebody: postgresql://monitor:dbsecret1@host")
    said = capsys.readouterr().err
    for secret in ("xoxb-very-secret", "token-number-two", "dbsecret1"):
        assert secret not in said
    assert "***" in said
    assert "host of somebody" in said
    assert "ValueError: *** in an error" in said
