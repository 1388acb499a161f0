"""Whose turn it is: one request at a time to a host, over all sources, with its robots.txt kept to."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator
from typing import Self

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest, ResponseDataLossError
from scrapy.http import Response
from scrapy.utils.asyncio import create_looping_call
from twisted.python.failure import Failure

from monitor.archive.hosts import RobotsRow
from monitor.bootstrap import utc_now
from monitor.crawling.hosts import LEASE, PATIENCE, Host, HostBook, host_of, origin_of
from monitor.crawling.visits import Visits
from monitor.parsing.robots import MAX_SIZE, Robots, read_answer, usable_until

logger = logging.getLogger(__name__)

NO_PAGE = "no_page"
"""Meta key of a request to an address made for programs, as a standard asks for: robots.txt does not speak of it."""

_ASKING = "robots_of"
"""Meta key of a request for the robots.txt of an origin."""

_REFUSED = "refused"
"""Meta key of the reason why a request is not sent."""

_ANSWERED = (DownloadCancelledError, ResponseDataLossError)
"""What an answer leads to that is too large, or cut short: the host is there."""

_CLAIMED_ELSEWHERE = 2.0
"""Seconds until a host that another run holds is asked for again."""


class NotNowError(IgnoreRequest):
    """A host that does not answer, or whose robots.txt cannot be had: another run may ask again."""


class ForbiddenError(IgnoreRequest):
    """What robots.txt forbids."""


class TurnScheduler(BaseScheduler):
    """Scrapy's scheduler, which hands out a request only when it is its host's turn.

    Scrapy's own limits count what it has taken up already: thirty requests that wait for one slow host would hold up
    all others. Here they wait outside.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        visits = crawler.get_extension(Visits)
        self._book = HostBook(lambda: visits.archive if visits is not None else None, utc_now)
        self._obeys = crawler.settings.getbool("MONITOR_OBEY_ROBOTS", True)
        self._agent = str(crawler.settings["USER_AGENT"])
        self._hosts: dict[str, Host] = {}
        self._ready: deque[Host] = deque()
        self._refused: dict[str, IgnoreRequest] = {}
        self._read: dict[str, tuple[RobotsRow, Robots]] = {}
        self._renewing = create_looping_call(self._book.renew)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Called by Scrapy."""
        return cls(crawler)

    def open(self, spider: Spider) -> None:  # noqa: ARG002
        """Called by Scrapy."""
        self._renewing.start(LEASE.total_seconds() / 3, now=False)

    def close(self, reason: str) -> None:  # noqa: ARG002
        """Called by Scrapy: what still waits is pending in the archive."""
        if self._renewing.running:
            self._renewing.stop()
        for host in self._hosts.values():
            self._leave(host)

    def has_pending_requests(self) -> bool:
        """Called by Scrapy: True while a request waits."""
        return any(host.queue for host in self._hosts.values())

    def enqueue_request(self, request: Request) -> bool:
        """Called by Scrapy: let a request wait for its host's turn."""
        name = host_of(request)
        host = self._hosts.setdefault(name, Host(name))
        host.push(request)
        self._consider(host)
        return True

    def next_request(self) -> Request | None:
        """Called by Scrapy: a request whose turn it is, None if there is none now."""
        while self._ready:
            host = self._ready.popleft()
            if not self._claimed(host):
                self._wake(host, _CLAIMED_ELSEWHERE)
            elif wait := self._rests_for(host):
                self._wake(host, wait)
            else:
                host.busy = self._next_of(host)
                return host.busy
        return None

    def done(self, request: Request, *, answered: bool | None) -> None:
        """The request got its answer, or none; `answered` is None if it was not sent."""
        host = self._hosts.get(host_of(request))
        if host is None or host.busy is not request:
            return
        host.busy = None
        if answered is not None:
            host.unanswered = 0 if answered else host.unanswered + 1
            host.asked = self._now()
        if not host.queue:
            self._leave(host)
        self._consider(host)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _consider(self, host: Host) -> None:
        if host.queue and host.busy is None and not host.waking and host not in self._ready:
            self._ready.append(host)

    def _wake(self, host: Host, wait: float) -> None:
        """Look at a host again in `wait` seconds."""

        def wake() -> None:
            host.waking = False
            engine = self._crawler.engine
            if host.queue and engine.running:
                engine.crawl(host.pop())  # comes back at once by enqueue_request, and makes Scrapy look

        host.waking = True
        asyncio.get_running_loop().call_later(wait, wake)

    def _claimed(self, host: Host) -> bool:
        if self._book.holds(host.name):
            return True
        taken, ago = self._book.claim(host.name)
        if ago is not None:
            host.asked = max(host.asked or 0.0, self._now() - ago)
        return taken

    def _rests_for(self, host: Host) -> float:
        rules = self._rules(origin_of(host.first)) if self._obeys else None
        host.delay = (rules and rules.crawl_delay(self._agent)) or 0.0
        return host.rests_for(self._now())

    def _leave(self, host: Host) -> None:
        if self._book.holds(host.name):
            self._book.release(host.name, None if host.asked is None else self._now() - host.asked)

    def _next_of(self, host: Host) -> Request:
        request = host.first
        free = _ASKING in request.meta or NO_PAGE in request.meta
        if self._obeys and not free and host.unanswered < PATIENCE:
            origin = origin_of(request)
            rules = self._rules(origin)
            if rules is None and origin not in self._refused:
                return self._ask_for_rules(request)
            return _refused(host.pop(), self._objection(request, origin, rules))
        silent = NotNowError(f"{host.name} does not answer") if host.unanswered >= PATIENCE else None
        return _refused(host.pop(), silent)

    def _objection(self, request: Request, origin: str, rules: Robots | None) -> IgnoreRequest | None:
        if rules is None:
            return self._refused[origin]
        if rules.unreachable:
            return NotNowError(f"{origin}/robots.txt cannot be had: nothing is fetched")
        if not rules.allows(request.url, self._agent):
            return ForbiddenError(f"{origin}/robots.txt forbids it")
        return None

    def _rules(self, origin: str) -> Robots | None:
        """The rules of an origin; None if they are to be asked for."""
        row = self._book.robots(origin)
        if row is None or usable_until(row.status, row.fetched_at) <= utc_now():
            return None
        if origin not in self._read or self._read[origin][0] is not row:
            self._read[origin] = (row, read_answer(row.status, row.body.encode()))
        return self._read[origin][1]

    def _ask_for_rules(self, request: Request) -> Request:
        origin = origin_of(request)
        return Request(
            f"{origin}/robots.txt",
            callback=self._rules_came,
            errback=self._no_rules,
            priority=request.priority + 1,
            dont_filter=True,
            meta={_ASKING: origin, "dont_retry": True},
        )

    def _rules_came(self, response: Response) -> Iterator[None]:
        body = response.body[:MAX_SIZE].decode("utf-8", "replace").replace("\0", "")
        self._book.keep_robots(response.meta[_ASKING], response.status, body)
        yield from ()

    def _no_rules(self, failure: Failure) -> Iterator[None]:
        origin = failure.request.meta[_ASKING]  # type: ignore[attr-defined]
        if isinstance(failure.value, IgnoreRequest) and not isinstance(failure.value, NotNowError):
            self._refused[origin] = failure.value  # a host that is not to be asked at all
        else:
            self._book.keep_robots(origin, None, "")
        yield from ()


class Turns:
    """Downloader middleware, next to the downloader, that tells the scheduler when a host is free again."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Called by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse what the scheduler has refused: only so does it reach the request's errback."""
        if (reason := request.meta.pop(_REFUSED, None)) is not None:
            raise reason

    def process_response(self, request: Request, response: Response) -> Response:
        """The host is free."""
        self._done(request, answered=True)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """The host is free, and has given no answer, or none that can be used."""
        self._done(request, answered=None if isinstance(exception, IgnoreRequest) else isinstance(exception, _ANSWERED))

    def _done(self, request: Request, *, answered: bool | None) -> None:
        engine = self._crawler.engine
        scheduler = engine.scheduler
        if isinstance(scheduler, TurnScheduler):
            scheduler.done(request, answered=answered)


def _refused(request: Request, reason: IgnoreRequest | None) -> Request:
    """The request, marked with the reason why it is not to be sent, if there is one."""
    if reason is not None:
        request.meta[_REFUSED] = reason
    return request
