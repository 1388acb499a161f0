"""What a run knows of the hosts it asks: who waits, whose turn it is, what robots.txt says."""

import math
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from scrapy import Request

from monitor.archive import Archive
from monitor.archive.hosts import RobotsRow

PATIENCE = 3
"""Requests to one host that may go without an answer in one run. The rest waits for the next run, so that a dead site
does not hold up the others until the run's deadline."""

LEASE = timedelta(minutes=1)
"""A run that has not renewed its claim on a host by then is taken for dead."""


def _machine() -> str:
    """Where the numbers of processes mean the same: containers of one name have numbers of their own each."""
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:  # no Linux
        space = ""
    return f"{socket.gethostname()}{space.removeprefix('pid:')}"


MACHINE = _machine()
OWNER = f"{MACHINE}:{os.getpid()}"
"""This process, among all that may crawl for one archive."""

_order = count()


@dataclass(slots=True, eq=False)
class Host:
    """A host with the requests that wait for it. `asked` is when it answered last, in seconds of a monotonic clock."""

    name: str
    queue: list[tuple[int, int, Request]] = field(default_factory=list)
    busy: Request | None = None
    waking: bool = False
    delay: float = 0.0
    asked: float | None = None
    unanswered: int = 0

    def push(self, request: Request) -> None:
        """Let a request wait, behind others of its priority."""
        heappush(self.queue, (-request.priority, next(_order), request))

    def pop(self) -> Request:
        """The request whose turn it is."""
        return heappop(self.queue)[2]

    @property
    def first(self) -> Request:
        """The request whose turn it is, left where it is."""
        return self.queue[0][2]

    def rests_for(self, now: float) -> float:
        """Seconds for which the host is to be left alone."""
        return 0.0 if self.asked is None else max(0.0, self.asked + self.delay - now)


class HostBook:
    """Claims on hosts and their robots.txt, shared by all runs through the archive; without one, of this run alone."""

    def __init__(self, archive: Callable[[], Archive | None], clock: Callable[[], datetime]) -> None:
        self._archive = archive
        self._clock = clock
        self._robots: dict[str, RobotsRow] = {}
        self._held: dict[str, float] = {}

    def holds(self, host: str) -> bool:
        """True while this run's claim on a host is good: a process that was stopped for a while has lost its own."""
        return time.monotonic() < self._held.get(host, 0.0)

    def claim(self, host: str) -> tuple[bool, float | None]:
        """Take a host for this run: whether that worked, and how many seconds ago it was asked last."""
        archive = self._archive()
        held = time.monotonic() + LEASE.total_seconds()
        if archive is None:
            self._held[host] = math.inf
            return True, None
        now = self._clock()
        with archive.writing() as tables:
            found = tables.hosts.claim(host, OWNER, now, LEASE)
            if not found.taken and _dead(found.holder):
                tables.hosts.release(host, found.holder, None)
                found = tables.hosts.claim(host, OWNER, now, LEASE)
        if found.taken:
            self._held[host] = held
        return found.taken, None if found.asked_at is None else (now - found.asked_at).total_seconds()

    def renew(self) -> None:
        """Hold on to what this run has claimed."""
        if (archive := self._archive()) is not None:
            held = time.monotonic() + LEASE.total_seconds()
            with archive.writing() as tables:
                mine = tables.hosts.renew(OWNER, self._clock(), LEASE)
            self._held = {host: held for host in self._held if host in mine}

    def release(self, host: str, asked_ago: float | None) -> None:
        """Let another run have the host; it was asked so many seconds ago, None if never."""
        self._held.pop(host, None)
        if (archive := self._archive()) is not None:
            asked_at = None if asked_ago is None else self._clock() - timedelta(seconds=asked_ago)
            with archive.writing() as tables:
                tables.hosts.release(host, OWNER, asked_at)

    def robots(self, origin: str) -> RobotsRow | None:
        """The robots.txt of an origin as it was answered last."""
        if origin not in self._robots and (archive := self._archive()) is not None:
            with archive.reading() as tables:
                found = tables.hosts.robots(origin)
            if found is not None:
                self._robots[origin] = found
        return self._robots.get(origin)

    def keep_robots(self, origin: str, status: int | None, body: str) -> None:
        """Remember an answer; `status` is None if there was none."""
        self._robots[origin] = RobotsRow(status, body, self._clock())
        if (archive := self._archive()) is not None:
            with archive.writing() as tables:
                tables.hosts.keep_robots(origin, self._robots[origin])


def host_of(request: Request) -> str:
    """The host that a request asks, whatever the port: it is one machine."""
    return urlsplit(request.url).hostname or ""


def origin_of(request: Request) -> str:
    """Scheme and authority: what one robots.txt is for (RFC 9309, 2.3)."""
    parts = urlsplit(request.url)
    return f"{parts.scheme}://{parts.netloc}"


def _dead(owner: str) -> bool:
    """True if `owner` was a process of this machine and is no more."""
    machine, _, process = owner.rpartition(":")
    if machine != MACHINE or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
