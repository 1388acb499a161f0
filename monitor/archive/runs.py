"""Crawl runs and the visits in them."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, update

from monitor.archive.crawl_tables import runs, visits
from monitor.polls import Poll


class Runs:
    """The crawl runs of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def start(self, at: datetime) -> int:
        """Record that a run began; returns its id."""
        key = self._connection.execute(insert(runs).values(started_at=at, counts={})).inserted_primary_key
        return int(key[0]) if key else 0

    def visited(self, run_id: int, poll: Poll, seen: int, new: int, at: datetime) -> None:
        """Record one poll of a source: how many entries it had, and how many were new."""
        self._connection.execute(
            insert(visits).values(
                run_id=run_id,
                source=poll.source,
                polled_at=at,
                outcome=poll.outcome.value,
                entries=seen,
                new=new,
                error=poll.error,
            )
        )

    def finish(self, run_id: int, counts: Mapping[str, int], at: datetime) -> None:
        """Record that a run ended and what it did."""
        self._connection.execute(update(runs).where(runs.c.id == run_id).values(finished_at=at, counts=dict(counts)))

    def forget(self, before: datetime) -> int:
        """Remove runs (and their visits) that began before a time; returns how many."""
        return self._connection.execute(delete(runs).where(runs.c.started_at < before)).rowcount
