"""What is wrong with an installation, and what to do about it: one thing after the other, from the ground up."""

import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from monitor.alerting.slack import SlackBot
from monitor.archive import Archive
from monitor.bootstrap import Application, unconfigured
from monitor.config import Config
from monitor.errors import ConfigError, DeliveryError, MonitorError
from monitor.readiness import Check, readiness
from monitor.settings import SlackChannel
from monitor.web.access import access

CLOCK_OFF = 60.0
"""Seconds that this clock may differ from others: articles' times are compared with it."""

LEAST_ROOM = 1_000_000_000
"""Bytes that are to be free where the archive lies."""

SCOPES = ("chat:write", "channels:history", "channels:read")
"""What the token of a Slack app is to be allowed: to post, and to look whether a message arrived."""

_SECONDS = 10


def examine(program: Application, now: Callable[[], datetime]) -> Iterator[Check]:
    """Look at everything in turn; the configuration has been read, or there would be no program."""
    config = program.config
    yield Check(
        "configuration", True, f"{config.path}: {len(config.companies)} companies, {len(config.sources)} sources"
    )
    yield from _secrets(program)
    yield from _archive(program, now())
    yield _clock(program.env.slack_api, now)
    yield from _network(config)
    yield from _channels(program)
    yield from _sources(program)


def _secrets(program: Application) -> Iterator[Check]:
    for channel, variable in unconfigured(program.config, program.env):
        advice = f"set {variable}; until then its alerts appear on the console"
        yield Check(f"channel {channel}", well=False, seen=f"{variable} is not set", advice=advice)
    if program.config.web is not None:
        try:
            found = access(program.config.web, program.env.variables)
        except ConfigError as error:
            yield Check("web", well=False, seen=error.problems[0], advice="set the variable in the environment")
        else:
            who = "who reaches this machine" if found.open else "who has the password or a token"
            yield Check("web", well=True, seen=f"{program.config.web.listen} answers {who}")


def _archive(program: Application, now: datetime) -> Iterator[Check]:
    archive = program.archive
    if not archive.exists:
        yield Check("archive", well=True, seen=f"{archive.address}: not there yet; `monitor run` makes it")
    else:
        for check in readiness(archive, now, program.config.schedule.deadline):
            yield check if check.well else replace(check, advice=_ADVICE.get(check.name, ""))
        yield from _workers(archive)
    if archive.folder is not None:
        yield _room(archive.folder)


def _workers(archive: Archive) -> Iterator[Check]:
    """Whether somebody takes the visits that wait; nothing where none ever did."""
    with suppress(MonitorError), archive.reading() as tables:
        jobs, workers = tables.jobs.depth(), tables.jobs.workers()
        if jobs:
            well = workers > 0 or not jobs["todo"]
            advice = "" if well else "start `monitor worker`, or the scheduler without --workers"
            yield Check("workers", well=well, seen=f"{workers} at work, {jobs['todo']} visits wait", advice=advice)


_ADVICE: Mapping[str, str] = {
    "archive": "is DATABASE_URL right, does the database run? after an update: monitor db upgrade",
    "tick": "start `monitor run`; with cron this is as it should be (monitor health --no-scheduler)",
    "delivery": "start `monitor run`; with cron this is as it should be (monitor health --no-scheduler)",
    "alerts": "why they wait: monitor alerts list --state pending",
}


def _room(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    advice = "" if free >= LEAST_ROOM else "make room: a write that finds none fails, and is tried again"
    return Check("disk", free >= LEAST_ROOM, f"{folder}: {free / 1e9:.1f} GB free", advice)


def _clock(address: str, now: Callable[[], datetime]) -> Check:
    """Held against the Date of Slack's answer: it has to be reached anyway."""
    try:
        theirs = _date_of(address)
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return Check(
            "clock", well=False, seen=f"{urlsplit(address).hostname} is out of reach: {reason}",
            advice="is the network there, does a proxy or firewall let it through?",
        )  # fmt: skip
    off = abs((now() - theirs).total_seconds())
    advice = "" if off <= CLOCK_OFF else "let the machine set its clock by NTP"
    return Check("clock", off <= CLOCK_OFF, f"{off:.0f} s from that of {urlsplit(address).hostname}", advice)


def _date_of(address: str) -> datetime:
    parts = urlsplit(address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_SECONDS)
    try:
        connection.request("HEAD", parts.path or "/")
        return parsedate_to_datetime(connection.getresponse().headers["Date"] or "")
    finally:
        connection.close()


def _network(config: Config) -> Iterator[Check]:
    """Whether the names of the sources' hosts are known."""
    hosts = sorted({urlsplit(source.url).hostname or "" for source in config.sources} - {""})
    with ThreadPoolExecutor(16) as pool:
        unknown = [host for host, found in zip(hosts, pool.map(_resolves, hosts), strict=True) if not found]
    shown = ", ".join(unknown[:5]) + (" …" if len(unknown) > 5 else "")
    if unknown:
        advice = "all of them: is DNS there? some: have these sites moved? monitor sources check"
        yield Check("network", well=False, seen=f"{len(unknown)} of {len(hosts)} hosts are not known: {shown}",
                      advice=advice)  # fmt: skip
    else:
        yield Check("network", well=True, seen=f"the names of {len(hosts)} hosts are known")


def _resolves(host: str) -> bool:
    try:
        socket.getaddrinfo(host, None)
    except (OSError, UnicodeError):
        return False
    return True


def _channels(program: Application) -> Iterator[Check]:
    for channel in program.config.channels:
        client = program.channels[channel.name]
        if isinstance(channel, SlackChannel) and isinstance(client, SlackBot):
            yield from _slack(channel, client)


def _slack(channel: SlackChannel, client: SlackBot) -> Iterator[Check]:
    name = f"channel {channel.name}"
    try:
        bot, scopes = client.check(), client.scopes()
    except DeliveryError as error:
        yield Check(name, well=False, seen=str(error), advice=f"copy the bot token (xoxb-…) into {channel.token_env}")
        return
    missing = [scope for scope in SCOPES if scopes and scope not in scopes]
    if missing:
        advice = "add them to the app (OAuth & Permissions), install it again: docs/slack-app.yaml"
        yield Check(name, well=False, seen=f"{bot}: the token lacks {', '.join(missing)}", advice=advice)
        return
    try:
        client.look()
    except DeliveryError as error:
        advice = f"invite the bot: /invite @{bot.split()[0]} in {channel.channel}; private: scopes groups:…"
        yield Check(name, well=False, seen=f"{bot}: {error}", advice=advice)
        return
    yield Check(name, well=True, seen=f"{bot}: may post to {channel.channel} and look there")


def _sources(program: Application) -> Iterator[Check]:
    if not program.archive.exists:
        return
    try:
        with program.archive.reading(5.0) as tables:
            states = tables.sources.all()
    except MonitorError:
        return  # said above
    configured = [states[source.name] for source in program.config.sources if source.name in states]
    troubled = [state for state in configured if state.problem or state.failures]
    for state in troubled:
        seen = f"{state.problem or 'failing'}: {state.last_error or 'no error on record'}"
        yield Check(f"source {state.name}", False, seen, f"monitor sources check {state.name}")
    if configured and not troubled:
        yield Check("sources", well=True, seen=f"{len(configured)} are read well")
