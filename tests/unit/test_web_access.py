"""Passwords and tokens: which are needed, and how often one may be wrong."""

import pytest

from monitor.errors import ConfigError
from monitor.settings import Web
from monitor.web.access import TRIES, WITHIN, Access, Attempts, access

PASSWORD, TOKEN = "correct horse battery", "a-token-of-24-characters"
SECRETS = Access(PASSWORD, {"reader": TOKEN})


def test_attempts_count_for_a_quarter_of_an_hour() -> None:
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    for _ in range(TRIES):
        assert attempts.wait("1.2.3.4") == 0
        attempts.failed("1.2.3.4")
    assert attempts.wait("1.2.3.4") > 0
    assert attempts.wait("1.2.3.5") == 0
    now[0] = WITHIN + 1
    assert attempts.wait("1.2.3.4") == 0


def test_many_addresses_together_are_stopped_too() -> None:
    attempts = Attempts(lambda: 0.0)
    for number in range(100):
        attempts.failed(f"10.0.0.{number}")
    assert attempts.wait("10.1.1.1") > 0


def test_a_public_address_needs_a_password_or_a_token() -> None:
    for listen in ("0.0.0.0:8080", "192.168.1.5:8080", "[::]:8080", "monitor.example.com:80"):
        with pytest.raises(ConfigError, match="can be reached from other machines: set MONITOR_PASSWORD"):
            access(Web(listen=listen), {})
        assert not access(Web(listen=listen), {"MONITOR_PASSWORD": PASSWORD}).open
        assert not access(Web(listen=listen), {"MONITOR_TOKENS": TOKEN}).open
    for listen in ("127.0.0.1:8080", "127.9.9.9:80", "[::1]:8080", "localhost:8080"):
        assert access(Web(listen=listen), {}).open


def test_a_short_secret_is_refused_and_none_is_shown() -> None:
    with pytest.raises(ConfigError, match="MONITOR_PASSWORD: the password is shorter") as refused:
        access(Web(), {"MONITOR_PASSWORD": "hunter2"})
    assert "hunter2" not in str(refused.value)
    with pytest.raises(ConfigError, match="the token 'ci' is shorter") as refused:
        access(Web(), {"MONITOR_TOKENS": "ci:hunter2"})
    assert "hunter2" not in str(refused.value)
    assert PASSWORD not in repr(SECRETS)
    assert TOKEN not in repr(SECRETS)
    assert access(Web(), {"MONITOR_TOKENS": f"{TOKEN} ci:{TOKEN}2"}).tokens == {"token 1": TOKEN, "ci": f"{TOKEN}2"}
