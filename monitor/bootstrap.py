"""Wiring: from configuration and environment to objects that work. Nothing connects before it is asked to."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from monitor.alerting.console import Console
from monitor.alerting.operations import tell_notices
from monitor.archive import Archive
from monitor.config import Config, load
from monitor.detection import Detector
from monitor.ingest import Ingest
from monitor.settings import Channel, ConsoleChannel, SlackChannel

if TYPE_CHECKING:
    from monitor.alerting.slack import SlackBot, SlackWebhook

DEFAULT_CONFIG = Path("monitor.yaml")
DEFAULT_DATABASE = "sqlite:///monitor.db"


@dataclass(frozen=True, slots=True)
class Environment:
    """What the environment says. `variables` holds secrets too: it is never shown or logged."""

    config_path: Path
    database_url: str
    slack_api: str
    variables: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Environment(config_path={self.config_path})"


def environment(variables: Mapping[str, str] | None = None) -> Environment:
    """The environment of this process, or the variables given.

    MONITOR_CONFIG names the configuration (monitor.yaml), DATABASE_URL the archive (monitor.db here), SLACK_API_URL a
    stand-in for Slack in tests.
    """
    found = os.environ if variables is None else variables
    return Environment(
        config_path=Path(found.get("MONITOR_CONFIG") or DEFAULT_CONFIG),
        database_url=found.get("DATABASE_URL") or DEFAULT_DATABASE,
        slack_api=found.get("SLACK_API_URL") or "https://slack.com/api/",
        variables=found,
    )


def utc_now() -> datetime:
    """The clock of the program."""
    return datetime.now(UTC)


class Application:
    """The parts of one running program, each made when first asked for."""

    def __init__(self, config: Config, env: Environment, console: TextIO) -> None:
        self.config = config
        self.env = env
        self.console = console

    @cached_property
    def archive(self) -> Archive:
        """The archive, connected when first used."""
        return Archive(self.env.database_url)

    @cached_property
    def detector(self) -> Detector:
        """Detection for the watch list and topics."""
        everyone = any(route.everyone for route in self.config.routing)
        return Detector(self.config.companies, self.config.topics, self.config.lexicon, everyone=everyone)

    def ingest(self, *, alert_old: bool = False, silent: bool = False) -> Ingest:
        """The way into the archive; `alert_old` alerts on articles of any age, `silent` on none."""
        max_age: timedelta | None = None if alert_old else timedelta(0) if silent else self.config.alerts.max_age
        return Ingest(self.archive, self.detector, self.config.routing, utc_now, max_age)

    @cached_property
    def channels(self) -> "dict[str, Console | SlackBot | SlackWebhook]":
        """A client for each configured channel; the console where its secret is not set."""
        return {channel.name: self._client(channel) for channel in self.config.channels}

    def tell_notices(self) -> int:
        """Tell the operator what is wrong with sources; returns how many notices were told."""
        name = self.config.alerts.operations
        return tell_notices(self.archive.writing, self.channels[name] if name else None, utc_now)

    def _client(self, channel: Channel) -> "Console | SlackBot | SlackWebhook":
        secret = self.env.variables.get(_secret_of(channel) or "", "")
        if isinstance(channel, ConsoleChannel) or not secret:
            return Console(self.console, channel.language)
        from monitor.alerting.slack import SlackBot, SlackWebhook  # noqa: PLC0415 - loaded by those who use Slack

        if isinstance(channel, SlackChannel):
            return SlackBot(secret, channel.channel, language=channel.language, base_url=self.env.slack_api)
        return SlackWebhook(secret, language=channel.language)


def unconfigured(config: Config, env: Environment) -> list[tuple[str, str]]:
    """Channels that use the console for want of a secret: (name, variable that is not set)."""
    return [
        (channel.name, variable)
        for channel in config.channels
        if (variable := _secret_of(channel)) and not env.variables.get(variable)
    ]


def _secret_of(channel: Channel) -> str | None:
    """The environment variable that holds the channel's secret."""
    if isinstance(channel, ConsoleChannel):
        return None
    return channel.token_env if isinstance(channel, SlackChannel) else channel.url_env


def reconfigured(app: Application) -> Application:
    """The same program on the same archive with the configuration as it is now.

    Raises:
        ConfigError: when that cannot be used.
    """
    fresh = Application(load(app.env.config_path), app.env, app.console)
    _ = fresh.channels
    fresh.archive = app.archive
    return fresh


def application(env: Environment, console: TextIO = sys.stdout) -> Application:
    """The program for the configuration that the environment names; console channels print on `console`.

    Raises:
        ConfigError: when the configuration cannot be used.
    """
    return Application(load(env.config_path), env, console)
