"""Figures of the archive for a monitoring system: what was done, what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Select, func, select

from monitor.archive.alert_tables import alerts
from monitor.archive.crawl_tables import entries, sources, visits
from monitor.archive.tables import articles, claims
from monitor.models import AlertKind, AlertState

LAG_BOUNDS = (60, 120, 300, 600, 1800, 3600, 21_600, 86_400)
"""Seconds from publication to alert up to which alerts are counted."""

RECENT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counters:
    """Totals of the archive; `polls` are those that are still on record (`scheduler.RUNS_KEPT`), `pending` the entries
    whose page is to be fetched, `retried` those of them whose page could not be had or read yet.

    `overdue` is for how long the alert has waited that should have gone out first; `lags` counts the alerts of the last
    day by how many seconds after publication they were sent at most, `lag_sum` adds these up.
    """

    articles: int
    claims: int
    polls: dict[str, int]
    alerts: dict[str, int]
    failing: int
    troubled: int
    pending: int
    retried: int
    overdue: timedelta
    lags: Sequence[tuple[int, int]]
    lag_number: int
    lag_sum: float


class CounterTable:
    """The figures of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, now: datetime) -> Counters:
        """The figures as they are now."""
        spans = self._lags(now - RECENT)
        waiting = select(func.count()).select_from(entries).where(entries.c.state == "pending")
        return Counters(
            articles=self._newest(articles.c.id),
            claims=self._newest(claims.c.id),
            polls=dict(self._pairs(select(visits.c.outcome, func.count()).group_by(visits.c.outcome))),
            alerts=dict(self._pairs(select(alerts.c.state, func.count()).group_by(alerts.c.state))),
            failing=self._number(select(func.count()).select_from(sources).where(sources.c.failures > 0)),
            troubled=self._number(select(func.count()).select_from(sources).where(sources.c.problem.is_not(None))),
            pending=self._number(waiting),
            retried=self._number(waiting.where(entries.c.attempts > 0)),
            overdue=self.overdue(now),
            lags=[(bound, sum(span <= bound for span in spans)) for bound in LAG_BOUNDS],
            lag_number=len(spans),
            lag_sum=sum(spans),
        )

    def overdue(self, now: datetime) -> timedelta:
        """For how long the alert has waited that should have gone out first; none for a channel that pauses longer."""
        waiting = (AlertState.PENDING.value, AlertState.SENDING.value)
        first: datetime | None = self._connection.execute(
            select(func.min(alerts.c.next_attempt_at)).where(alerts.c.state.in_(waiting))
        ).scalar_one()
        return max(now - first, timedelta()) if first else timedelta()

    def _lags(self, since: datetime) -> list[float]:
        """Seconds from publication to sending, of cards of that time that were not held back."""
        statement = (
            select(alerts.c.sent_at, articles.c.published_at)
            .join(articles, articles.c.id == alerts.c.article_id)
            .where(
                alerts.c.state == AlertState.SENT.value,
                alerts.c.kind == AlertKind.CARD.value,
                alerts.c.held.is_(None),
                alerts.c.sent_at >= since,
                articles.c.published_at.is_not(None),
            )
        )
        rows = self._connection.execute(statement)
        return [max((row.sent_at - row.published_at).total_seconds(), 0.0) for row in rows]

    def _newest(self, column: Column[int]) -> int:
        """The highest number of a row: counting them all would read the whole of a large table."""
        found: int | None = self._connection.execute(select(func.max(column))).scalar_one()
        return found or 0

    def _number(self, statement: Select[int]) -> int:
        found: int = self._connection.execute(statement).scalar_one()
        return found

    def _pairs(self, statement: Select[str, int]) -> list[tuple[str, int]]:
        return [(row[0], row[1]) for row in self._connection.execute(statement)]
