"""Polling state of the sources."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from monitor.archive.rows import insert_or_skip
from monitor.archive.tables import articles, sources
from monitor.models import Poll, PollOutcome, SourceState, Validators


@dataclass(frozen=True, slots=True)
class SourceRow:
    """What the archive knows of a source's configuration.

    `title` is the name people see, `schedule` is in words, `definition` changes when the source is read otherwise.
    """

    name: str
    title: str
    schedule: str
    definition: str


class Sources:
    """The sources of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sync(self, configured: Sequence[SourceRow], at: datetime) -> None:
        """Make rows for new sources, due at once; a source whose configuration was changed is due at once too.

        One that is read otherwise than before (another address, other links) begins anew: no validators, first visit.
        Rows of sources that are no longer configured stay.
        """
        rows = self._connection.execute(
            select(sources.c.name, sources.c.title, sources.c.schedule, sources.c.definition)
        )
        known = {row.name: SourceRow(*row) for row in rows}
        fresh = [{**asdict(row), "next_poll_at": at} for row in configured if row.name not in known]
        if fresh:
            self._connection.execute(insert_or_skip(self._connection, sources), fresh)
        for row in configured:
            old = known.get(row.name, row)
            if old != row:
                changed = {**asdict(row), "next_poll_at": at}
                if old.definition != row.definition:
                    changed |= dict.fromkeys(("etag", "last_modified", "body_hash", "last_success_at"))
                self._connection.execute(update(sources).where(sources.c.name == row.name).values(changed))

    def due(self, names: Sequence[str], at: datetime) -> list[str]:
        """Those of `names` whose time has come, longest waiting first."""
        rows = self._connection.execute(
            select(sources.c.name).where(sources.c.next_poll_at <= at).order_by(sources.c.next_poll_at, sources.c.name)
        )
        wanted = set(names)
        return [row.name for row in rows if row.name in wanted]

    def get(self, name: str) -> SourceState | None:
        """State of one source."""
        row = self._connection.execute(select(sources).where(sources.c.name == name)).one_or_none()
        return None if row is None else _state(row, 0)

    def all(self) -> dict[str, SourceState]:
        """State of every source ever polled, with its number of articles."""
        counts = {
            row.source: row.number
            for row in self._connection.execute(
                select(articles.c.source, func.count().label("number")).group_by(articles.c.source)
            )
        }
        rows = self._connection.execute(select(sources).order_by(sources.c.name))
        return {row.name: _state(row, counts.get(row.name, 0)) for row in rows}

    def polled(self, poll: Poll, at: datetime, next_poll_at: datetime) -> None:
        """Record a poll. Validators and body hash change only if it succeeded, else the last good answer's stay."""
        values: dict[str, Any] = {
            "last_polled_at": at,
            "next_poll_at": next_poll_at,
            "last_outcome": poll.outcome.value,
            "last_error": poll.error,
        }
        if poll.outcome.failed:
            values["failures"] = sources.c.failures + 1
        else:
            values |= {
                "failures": 0,
                "last_success_at": at,
                "etag": poll.validators.etag,
                "last_modified": poll.validators.last_modified,
                "body_hash": poll.body_hash,
            }
        self._connection.execute(update(sources).where(sources.c.name == poll.source).values(values))


def _state(row: Row[Any], number: int) -> SourceState:
    return SourceState(
        name=row.name,
        validators=Validators(row.etag, row.last_modified),
        body_hash=row.body_hash,
        last_polled_at=row.last_polled_at,
        last_success_at=row.last_success_at,
        next_poll_at=row.next_poll_at,
        failures=row.failures,
        last_outcome=PollOutcome(row.last_outcome) if row.last_outcome else None,
        last_error=row.last_error,
        articles=number,
    )
