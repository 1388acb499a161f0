"""robots.txt as RFC 9309 has it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from protego import Protego

MAX_SIZE = 512_000


@dataclass(frozen=True, slots=True)
class Robots:
    """Rules."""

    rules: Protego | None
    unreachable: bool = False

    def allows(self, url: str, agent: str) -> bool:
        """Whether."""
        return self.rules is None or bool(self.rules.can_fetch(url, agent))

    def crawl_delay(self, agent: str) -> float | None:
        """Delay."""
        return None if self.rules is None else self.rules.crawl_delay(agent)


def read_answer(status: int | None, body: bytes) -> Robots:
    """Rules."""
    if status is None or status >= 500 or status == 429:
        return Robots(None, unreachable=True)
    return Robots(Protego.parse(body.decode("utf-8", "replace")) if status == 200 else None)


def usable_until(status: int | None, fetched_at: datetime) -> datetime:
    """Until."""
    return fetched_at + (
        timedelta(minutes=10) if status is None or status >= 500 or status == 429 else timedelta(days=1)
    )
