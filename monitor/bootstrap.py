"""Wiring: from configuration and environment to objects that work. Nothing connects before it is asked to."""

import os
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from monitor.alerting.rules import Routing
from monitor.archive import Archive
from monitor.config import Config, load
from monitor.ingest import Ingest
from monitor.settings import (
    AppriseChannel,
    Channel,
    ConsoleChannel,
    SignedChannel,
    SlackChannel,
    WebhookChannel,
)

# What writes and sends cards is loaded by those who do: a crawl run does neither, and memory is what it is short of.
if TYPE_CHECKING:
    from monitor.alerting.apprise import AppriseClient
    from monitor.alerting.console import Console
    from monitor.alerting.content import Style
    from monitor.alerting.slack import SlackBot, SlackWebhook
    from monitor.alerting.webhook import SignedWebhook
    from monitor.detection.detector import Detector

    Client = Console | SlackBot | SlackWebhook | SignedWebhook | AppriseClient

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

    def routing(self, max_age: timedelta | None) -> Routing:
        """Who hears what and when; articles older than `max_age` are told to nobody (None: of any age)."""
        alerts = self.config.alerts
        groups = defaultdict(set)
        for company in self.config.companies:
            for group in company.groups:
                groups[group].add(company.name)
        return Routing(
            routes=self.config.routing,
            match=alerts.match,
            default=alerts.default,
            groups=groups,
            channels={channel.name: channel for channel in self.config.channels},
            max_age=max_age,
        )

    @cached_property
    def detector(self) -> "Detector":
        """Detection for the watch list and topics."""
        from monitor.detection.detector import Detector  # noqa: PLC0415 - loaded by those who detect

        everyone = any(route.everyone for route in self.config.routing)
        return Detector(self.config.companies, self.config.topics, self.config.lexicon, everyone=everyone)

    def ingest(self, *, alert_old: bool = False, silent: bool = False) -> Ingest:
        """The way into the archive; `alert_old` alerts on articles of any age, `silent` on none."""
        max_age: timedelta | None = None if alert_old else timedelta(0) if silent else self.config.alerts.max_age
        return Ingest(self.archive, self.detector, self.routing(max_age), utc_now)

    @cached_property
    def channels(self) -> "dict[str, Client]":
        """A client for each configured channel; the console where its secret is not set."""
        return {channel.name: self._client(channel) for channel in self.config.channels}

    @property
    def per_hour(self) -> dict[str, int]:
        """How many messages an hour channels take that say so."""
        return {channel.name: channel.per_hour for channel in self.config.channels if channel.per_hour is not None}

    def tell_notices(self) -> int:
        """Tell the operator what is wrong with sources and channels; returns how many notices were told."""
        from monitor.alerting.operations import UNDELIVERED, tell_notices, watch_delivery  # noqa: PLC0415

        heartbeat = self.config.alerts.heartbeat
        if heartbeat is not None:
            watch_delivery(self.archive, heartbeat.after, utc_now())

        def teller(problem: str) -> "Client | None":
            told = heartbeat.channel if heartbeat and problem == UNDELIVERED else self.config.alerts.operations
            return self.channels[told] if told else None

        return tell_notices(self.archive, teller, utc_now)

    def _style(self, channel: Channel) -> "Style":
        """How the messages of a channel look; its buttons work where a bot posts them and an app token is set."""
        from monitor.alerting.content import Style  # noqa: PLC0415

        return Style(
            channel.language,
            self.config.web.url if self.config.web else None,
            interactive=isinstance(channel, SlackChannel) and self.app_token is not None,
        )

    @property
    def app_token(self) -> str | None:
        """The token for Socket Mode; a secret."""
        return self.env.variables.get(self.config.alerts.app_token_env) or None

    def _client(self, channel: Channel) -> "Client":
        style = self._style(channel)
        secrets = [self.env.variables.get(name, "") for name in secrets_of(channel)]
        if isinstance(channel, ConsoleChannel) or not all(secrets):
            from monitor.alerting.console import Console  # noqa: PLC0415

            return Console(self.console, style)
        return _connected(channel, secrets, style, self.env.slack_api)


def _connected(channel: Channel, secrets: list[str], style: "Style", slack_api: str) -> "Client":
    """A client with its secrets."""
    match channel:
        case SlackChannel():
            from monitor.alerting.slack import SlackBot  # noqa: PLC0415

            return SlackBot(secrets[0], channel.channel, style=style, base_url=slack_api)
        case WebhookChannel():
            from monitor.alerting.slack import SlackWebhook  # noqa: PLC0415

            return SlackWebhook(secrets[0], style=style)
        case SignedChannel():
            from monitor.alerting.webhook import SignedWebhook  # noqa: PLC0415

            return SignedWebhook(secrets[0], secrets[1], clock=utc_now, style=style)
        case AppriseChannel():
            from monitor.alerting.apprise import AppriseClient  # noqa: PLC0415

            return AppriseClient(secrets[0], style=style)
    raise AssertionError(f"a channel of the type {channel.type} has no client")


def unconfigured(config: Config, env: Environment) -> list[tuple[str, str]]:
    """Channels that use the console for want of a secret: (name, variable that is not set)."""
    return [
        (channel.name, variable)
        for channel in config.channels
        for variable in secrets_of(channel)
        if not env.variables.get(variable)
    ]


def secrets_of(channel: Channel) -> tuple[str, ...]:
    """The environment variables that hold the channel's secrets."""
    match channel:
        case SlackChannel():
            return (channel.token_env,)
        case SignedChannel():
            return (channel.url_env, channel.secret_env)
        case WebhookChannel() | AppriseChannel():
            return (channel.url_env,)
    return ()


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
