"""Hosts: who may ask one now, when it was asked last, its robots.txt."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select, update

from monitor.archive.crawl_tables import hosts, robots
from monitor.archive.rows import insert_or_skip


@dataclass(frozen=True, slots=True)
class RobotsRow:
    """A host's robots.txt as it was answered last; `status` None if it was not answered."""

    status: int | None
    body: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """Whether a host was `taken`, else who holds it; `asked_at` is when it was asked last, by whomever."""

    taken: bool
    holder: str
    asked_at: datetime | None


class Hosts:
    """The hosts of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(self, host: str, owner: str, at: datetime, lasting: timedelta) -> Claim:
        """Take a host for `owner`, unless another holds it."""
        self._connection.execute(insert_or_skip(self._connection, hosts), [{"host": host}])
        free = or_(hosts.c.claimed_until.is_(None), hosts.c.claimed_until <= at, hosts.c.claimed_by == owner)
        self._connection.execute(
            update(hosts).where(hosts.c.host == host, free).values(claimed_by=owner, claimed_until=at + lasting)
        )
        row = self._connection.execute(select(hosts).where(hosts.c.host == host)).one()
        return Claim(row.claimed_by == owner, row.claimed_by, row.asked_at)

    def renew(self, owner: str, at: datetime, lasting: timedelta) -> set[str]:
        """Hold on to all hosts that `owner` has still; returns them."""
        mine = hosts.c.claimed_by == owner
        self._connection.execute(update(hosts).where(mine).values(claimed_until=at + lasting))
        return set(self._connection.execute(select(hosts.c.host).where(mine)).scalars())

    def release(self, host: str, owner: str, asked_at: datetime | None) -> None:
        """Let go of a host, if `owner` has it; `asked_at` is when it was asked last, None if it was not."""
        values = {"claimed_by": None, "claimed_until": None} | ({"asked_at": asked_at} if asked_at else {})
        self._connection.execute(update(hosts).where(hosts.c.host == host, hosts.c.claimed_by == owner).values(values))

    def robots(self, origin: str) -> RobotsRow | None:
        """The robots.txt of an origin (scheme and authority), None if it was never asked for."""
        row = self._connection.execute(select(robots).where(robots.c.origin == origin)).one_or_none()
        return None if row is None else RobotsRow(row.status, row.body, row.fetched_at)

    def keep_robots(self, origin: str, found: RobotsRow) -> None:
        """Remember an answer."""
        values = {"status": found.status, "body": found.body, "fetched_at": found.fetched_at}
        self._connection.execute(insert_or_skip(self._connection, robots), [{"origin": origin, **values}])
        self._connection.execute(update(robots).where(robots.c.origin == origin).values(values))
