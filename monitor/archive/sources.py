"""Polling state of the sources and of the ways to their entries."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from types import EllipsisType
from typing import Any

from sqlalchemy import Connection, Row, case, delete, func, select, update

from monitor.archive.crawl_tables import sources, subscriptions, ways
from monitor.archive.rows import insert_or_skip
from monitor.archive.tables import articles
from monitor.models import FeedHints
from monitor.polls import Poll, PollOutcome, SourceState, Validators, WayState, Wishes


@dataclass(frozen=True, slots=True)
class SourceRow:
    """What the archive knows of a source's configuration.

    `title` is the name people see, `schedule` is in words, `definition` changes when the source is read otherwise,
    `home` is its address.
    """

    name: str
    title: str
    schedule: str
    definition: str
    home: str = ""


class Sources:
    """The sources of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sync(self, configured: Sequence[SourceRow], at: datetime) -> None:
        """Make rows for new sources, due at once; rows of sources that are no longer configured stay.

        One that is read otherwise than before (another address, other links) begins anew, at once: no validators, first
        visit, no subscription. One whose schedule was changed is due at once too, unless it is gone or its server has
        asked to wait.
        """
        rows = self._connection.execute(
            select(sources.c.name, sources.c.title, sources.c.schedule, sources.c.definition, sources.c.home)
        )
        known = {row.name: SourceRow(*row) for row in rows}
        fresh = [{**asdict(row), "next_poll_at": at} for row in configured if row.name not in known]
        if fresh:
            self._connection.execute(insert_or_skip(self._connection, sources), fresh)
        for row in configured:
            old = known.get(row.name, row)
            if old != row:
                changed: dict[str, Any] = asdict(row)
                if old.definition != row.definition:
                    changed |= {"next_poll_at": at, "last_success_at": None, "failures": 0}
                    changed |= {"problem": None, "problem_at": None}
                    for table in (ways, subscriptions):
                        self._connection.execute(delete(table).where(table.c.source == row.name))
                elif old.schedule != row.schedule:
                    changed["next_poll_at"] = case((sources.c.failures == 0, at), else_=sources.c.next_poll_at)
                self._connection.execute(update(sources).where(sources.c.name == row.name).values(changed))

    def due(self, names: Sequence[str], at: datetime) -> list[str]:
        """Those of `names` whose time has come, longest waiting first."""
        rows = self._connection.execute(
            select(sources.c.name).where(sources.c.next_poll_at <= at).order_by(sources.c.next_poll_at, sources.c.name)
        )
        wanted = set(names)
        return [row.name for row in rows if row.name in wanted]

    def is_due(self, name: str, at: datetime) -> bool:
        """True if the source's time has come."""
        query = select(sources.c.name).where(sources.c.name == name, sources.c.next_poll_at <= at)
        return self._connection.execute(query).one_or_none() is not None

    def get(self, name: str) -> SourceState | None:
        """State of one source."""
        row = self._connection.execute(select(sources).where(sources.c.name == name)).one_or_none()
        return None if row is None else _state(row, self._ways(name).get(name, []), 0)

    def all(self) -> dict[str, SourceState]:
        """State of every source ever polled, with its number of articles."""
        counts = {
            row.source: row.number
            for row in self._connection.execute(
                select(articles.c.source, func.count().label("number")).group_by(articles.c.source)
            )
        }
        found = self._ways()
        rows = self._connection.execute(select(sources).order_by(sources.c.name))
        return {row.name: _state(row, found.get(row.name, []), counts.get(row.name, 0)) for row in rows}

    def _ways(self, name: str | None = None) -> dict[str, list[WayState]]:
        query = select(ways).order_by(ways.c.position)
        found: dict[str, list[WayState]] = defaultdict(list)
        for row in self._connection.execute(query if name is None else query.where(ways.c.source == name)):
            found[row.source].append(_way(row))
        return found

    def polled(
        self,
        poll: Poll,
        at: datetime,
        next_poll_at: datetime | None,
        recent: Sequence[datetime],
        failures: int | None = None,
        *,
        known: datetime | EllipsisType | None = ...,
    ) -> bool:
        """Record a poll, when the next is due (None: never), and the times of the source's newest articles.

        `known` is when the source was polled last as far as who polled it knows: False, and nothing is changed, if
        another process has polled it since.

        Validators and body hash of the way change only if it succeeded, else the last good answer's stay. `failures`
        are the visits in a row that failed; without it, one more than before.
        """
        values: dict[str, Any] = {
            "last_polled_at": at,
            "next_poll_at": next_poll_at,
            "last_outcome": poll.outcome.value,
            "last_error": poll.error,
            "recent": [int(moment.timestamp()) for moment in recent],
        }
        if poll.outcome.failed:
            values["failures"] = sources.c.failures + 1 if failures is None else failures
        else:
            values |= {"failures": 0, "last_success_at": at}
        change = update(sources).where(sources.c.name == poll.source)
        if not isinstance(known, EllipsisType):
            change = change.where(sources.c.last_polled_at.is_not_distinct_from(known))
        changed = self._connection.execute(change.values(values)).rowcount
        if changed:
            self._way_polled(poll, at)
        return bool(changed)

    def _way_polled(self, poll: Poll, at: datetime) -> None:
        key = {"source": poll.source, "position": poll.position}
        self._connection.execute(insert_or_skip(self._connection, ways), [key])
        values: dict[str, Any] = {"asked_at": at, **({"full_at": at} if poll.full else {})}
        if poll.outcome.failed:
            values |= {"failures": ways.c.failures + 1, "closed": poll.outcome is PollOutcome.GONE}
        else:
            values |= {
                "failures": 0,
                "rests_until": None,
                "etag": poll.validators.etag,
                "last_modified": poll.validators.last_modified,
                "body_hash": poll.body_hash,
                "wishes": _stored_wishes(poll.wishes),
            }
            values |= {"moved_to": poll.moved_to} if poll.moved_to else {}
        self._connection.execute(
            update(ways).where(ways.c.source == poll.source, ways.c.position == poll.position).values(values)
        )

    def rest(self, name: str, positions: Sequence[int], until: datetime) -> None:
        """Leave ways of a source alone until a time, as their server asks."""
        if positions:
            rows = [{"source": name, "position": position} for position in positions]
            self._connection.execute(insert_or_skip(self._connection, ways), rows)
            chosen = (ways.c.source == name, ways.c.position.in_(positions))
            self._connection.execute(update(ways).where(*chosen).values(rests_until=until))

    def hasten(self, name: str, soonest: timedelta, at: datetime) -> None:
        """Let a source be polled at once, but no sooner than `soonest` after its last poll.

        Not so one that fails or is gone: its server may have asked to wait.
        """
        row = self._connection.execute(select(sources).where(sources.c.name == name)).one_or_none()
        if row is None or row.failures or row.next_poll_at is None:
            return
        soon = max(at, row.last_polled_at + soonest) if row.last_polled_at else at
        if soon < row.next_poll_at:
            self._connection.execute(update(sources).where(sources.c.name == name).values(next_poll_at=soon))

    def reopen(self, name: str, at: datetime) -> None:
        """Let a source be asked again by all of its ways, at once."""
        self._connection.execute(
            update(ways).where(ways.c.source == name).values(closed=False, failures=0, rests_until=None)
        )
        self._connection.execute(
            update(sources).where(sources.c.name == name).values(failures=0, next_poll_at=at, problem=None)
        )

    def set_problem(self, name: str, problem: str | None, at: datetime) -> None:
        """Remember what is wrong with a source, so that it is told once; None when it is well again."""
        values = {"problem": problem, "problem_at": at if problem else None}
        self._connection.execute(update(sources).where(sources.c.name == name).values(values))


def _way(row: Row[Any]) -> WayState:
    return WayState(
        position=row.position,
        validators=Validators(row.etag, row.last_modified),
        body_hash=row.body_hash,
        moved_to=row.moved_to,
        failures=row.failures,
        asked_at=row.asked_at,
        full_at=row.full_at,
        closed=row.closed,
        rests_until=row.rests_until,
        wishes=_wishes(row.wishes or {}),
    )


def _stored_wishes(wishes: Wishes) -> dict[str, Any]:
    hints = wishes.hints
    return {
        "fresh_for": wishes.fresh_for and wishes.fresh_for.total_seconds(),
        "every": hints.every and hints.every.total_seconds(),
        "skip_hours": sorted(hints.skip_hours),
        "skip_days": sorted(hints.skip_days),
        "hubs": list(hints.hubs),
        "topic": hints.topic,
        "next_archive": hints.next_archive,
    }


def _wishes(stored: dict[str, Any]) -> Wishes:
    if not stored:
        return Wishes()
    every, fresh_for = stored["every"], stored["fresh_for"]
    hints = FeedHints(
        every=every and timedelta(seconds=every),
        skip_hours=frozenset(stored["skip_hours"]),
        skip_days=frozenset(stored["skip_days"]),
        hubs=tuple(stored.get("hubs", ())),  # archives from before have none
        topic=stored["topic"],
        next_archive=stored["next_archive"],
    )
    return Wishes(fresh_for=fresh_for and timedelta(seconds=fresh_for), hints=hints)


def _state(row: Row[Any], found: Sequence[WayState], number: int) -> SourceState:
    return SourceState(
        name=row.name,
        ways=tuple(found),
        last_polled_at=row.last_polled_at,
        last_success_at=row.last_success_at,
        next_poll_at=row.next_poll_at,
        failures=row.failures,
        last_outcome=PollOutcome(row.last_outcome) if row.last_outcome else None,
        last_error=row.last_error,
        recent=tuple(datetime.fromtimestamp(moment, UTC) for moment in row.recent),
        problem=row.problem,
        problem_at=row.problem_at,
        articles=number,
    )
