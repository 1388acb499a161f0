"""robots.txt as RFC 9309 has it, on Protego's reading of the rules."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from protego import Protego

MAX_SIZE = 500 * 1024
"""Bytes that count; the standard asks for that many at least (RFC 9309, 2.5)."""

KEPT = timedelta(days=1)
"""How long an answer is used (RFC 9309, 2.4)."""

ASKED_AGAIN = timedelta(minutes=15)
"""After which a host whose robots.txt could not be had is asked again."""

LONGEST_DELAY = 3600.0
"""Seconds; a longer Crawl-delay would mean that the site is not to be read at all, and says so otherwise."""


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one host. `unreachable`: its robots.txt could not be had, so that nothing may be fetched."""

    rules: Protego | None = None
    unreachable: bool = False

    def allows(self, url: str, agent: str) -> bool:
        """Whether an agent may fetch a URL of the host."""
        if self.unreachable:
            return False
        return self.rules is None or bool(self.rules.can_fetch(url, agent))

    def crawl_delay(self, agent: str) -> float | None:
        """Seconds between two requests; no part of the standard, but asked for by many sites. None if it is not."""
        delay = None if self.rules is None else self.rules.crawl_delay(agent)
        if delay is None or not math.isfinite(delay) or delay <= 0:
            return None
        return min(float(delay), LONGEST_DELAY)

    def sitemaps(self) -> tuple[str, ...]:
        """Addresses of sitemaps, as they are written."""
        return () if self.rules is None else tuple(self.rules.sitemaps)


def read_robots(body: bytes) -> Robots:
    """The rules in a robots.txt; what is no rule is passed over, and what is beyond 500 KiB does not count."""
    if len(body) > MAX_SIZE:
        body = body[:MAX_SIZE].rpartition(b"\n")[0]  # a rule cut in two would mean something else
    return Robots(Protego.parse(body.decode("utf-8-sig", "replace")))


def read_answer(status: int | None, body: bytes) -> Robots:
    """What an answer to /robots.txt allows; `status` is None if there was none.

    As RFC 9309, 2.3.1: 4xx means that there are no rules, 5xx and silence that nothing may be fetched for now; 429 is a
    server that cannot answer now. Redirects that do not end count as no rules.
    """
    if status is None or status >= 500 or status == 429:
        return Robots(unreachable=True)
    return read_robots(body) if 200 <= status < 300 else Robots()


def usable_until(status: int | None, fetched_at: datetime) -> datetime:
    """Until when an answer is used before the host is asked again."""
    return fetched_at + (ASKED_AGAIN if read_answer(status, b"").unreachable else KEPT)
