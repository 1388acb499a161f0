"""Channels, routes and alerts in monitor.yaml: what can be said, and what is wrong told with file and line."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from monitor import config
from monitor.errors import ConfigError

HEAD = """\
companies:
  - name: 星河智能
    groups: [robots]
sources: [36kr]
"""
CHANNEL = HEAD + "channels:\n  - name: a\n    type: console\n"


def loaded(text: str) -> config.Config:
    return config.parse(text, Path("m.yaml"))


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        loaded(text)
    return refused.value.problems


def test_a_channel_says_when_it_hears() -> None:
    (channel,) = loaded(
        CHANNEL
        + "    timezone: Asia/Shanghai\n"
        + "    digest: {every: week, weekday: friday, at: 18:30, unless: {status: [denied]}}\n"
        + "    quiet: {from: 22:00, to: 08:00, unless: {min_usd: 100000000}}\n"
        + "    per_hour: 20\n"
    ).channels
    assert channel.digest is not None
    assert (channel.digest.weekday, channel.digest.at) == ("friday", time(18, 30))
    assert channel.quiet is not None
    assert (channel.quiet.begin, channel.quiet.end) == (time(22), time(8))
    assert channel.quiet.unless is not None
    assert (channel.quiet.unless.min_usd, channel.per_hour) == (100_000_000, 20)


def test_an_hourly_digest_is_one_word() -> None:
    (channel,) = loaded(CHANNEL + "    digest: hourly\n").channels
    assert channel.digest is not None
    assert (channel.digest.every, channel.digest.at) == ("hour", time(0))


def test_alerts_have_a_default_and_a_heartbeat() -> None:
    alerts = loaded(CHANNEL + "alerts:\n  match: first\n  default: [a]\n  heartbeat: {channel: a, after: 30m}\n").alerts
    assert (alerts.match, alerts.default) == ("first", ("a",))
    assert alerts.heartbeat is not None
    assert alerts.heartbeat.after == timedelta(minutes=30)


ROUTE = CHANNEL + "routing:\n  - channels: [a]\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CHANNEL + "    digest: houly\n", "m.yaml:8: channels[0].digest: "),
        (CHANNEL + "    digest: {every: daily}\n", "m.yaml:8: channels[0].digest.every: 'daily' is not known"),
        (CHANNEL + "    digest: {every: day, at: 25:00}\n", "m.yaml:8: channels[0].digest.at: "),
        (CHANNEL + "    quiet: {from: 9, to: late}\n", "m.yaml:8: channels[0].quiet.to: 'late' is no time of day"),
        (CHANNEL + "    quiet: {from: 9:00, to: 9:00}\n", "m.yaml:8: channels[0].quiet: these hours have no length"),
        (CHANNEL + "    quiet: {from: 9:00}\n", "m.yaml:8: channels[0].quiet: the key 'to' is missing"),
        (CHANNEL + "    timezone: Shanghai\n", "m.yaml:8: channels[0].timezone: 'Shanghai' is no time zone"),
        (CHANNEL + "    per_hour: 0\n", "m.yaml:8: channels[0].per_hour: "),
        (CHANNEL + "    quite: {}\n", "m.yaml:8: channels[0].quite: unknown key; did you mean 'quiet'?"),
        (
            ROUTE + "    groups: [robot]\n",
            "m.yaml:10: routing[0].groups[0]: there is no group of companies 'robot'; did",
        ),
        (ROUTE + "    sources: [36k]\n", "m.yaml:10: routing[0].sources[0]: there is no source '36k'; did you"),
        (ROUTE + "    rounds: [series a]\n", "m.yaml:10: routing[0].rounds[0]: 'series a' is no round"),
        (ROUTE + "    status: [complete]\n", "m.yaml:10: routing[0].status[0]: 'complete' is not known; did you mean"),
        (ROUTE + "    languages: [de]\n", "m.yaml:10: routing[0].languages[0]: 'de' is not known"),
        (CHANNEL + "alerts: {default: [b]}\n", "m.yaml:8: alerts.default[0]: there is no channel 'b'"),
        (CHANNEL + "alerts: {heartbeat: {channel: b}}\n", "m.yaml:8: alerts.heartbeat.channel: there is no channel"),
        (
            CHANNEL + "web: {url: monitor.example}\n",
            "m.yaml:8: web.url: 'monitor.example' is no address that a browser",
        ),
        (
            CHANNEL + "web: {url: 'https://m.example', listen: '80'}\n",
            "m.yaml:8: web.listen: '80' is no place to listen at",
        ),
        (
            HEAD + "channels:\n  - name: a\n    type: webhook\n    url_env: https://hook.example/s3cret\n",
            "m.yaml:8: channels[0].url_env: the name of an environment variable is expected",
        ),
        (
            HEAD + "channels:\n  - name: a\n    type: apprize\n",
            "m.yaml:6: channels[0]: the type 'apprize' is not known",
        ),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_field(text: str, expected: str) -> None:
    found = problems(text)
    assert any(line.startswith(expected) for line in found), found
    assert "s3cret" not in "".join(found)
