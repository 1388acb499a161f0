"""Figures of the archive for a monitoring system: what was done, what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Select, func, select

from monitor.archive.alert_tables import alerts
from monitor.archive.alerts import Alerts
from monitor.archive.crawl_tables import entries, sources, visits
from monitor.archive.jobs import Jobs
from monitor.archive.lags import lags
from monitor.archive.tables import articles, claims
from monitor.models import AlertState

LAG_BOUNDS = (60, 120, 300, 600, 1800, 3600, 21_600, 86_400)
"""Seconds from publication to alert up to which alerts are counted."""

RECENT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counters:
    """Totals of the archive; `polls` are those that are still on record (`scheduler.RUNS_KEPT`), `pending` the entries
    whose page is to be fetched, `retried` those of them whose page could not be had or read yet.

    `overdue` is for how long the alert has waited that should have gone out first; `lags` counts the alerts of the last
    day by how many seconds after publication they were sent at most, `lag_sum` adds these up. `jobs` are the visits
    that wait for workers, or go on, by state; empty where there are none.
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
    jobs: dict[str, int]
    workers: int


class CounterTable:
    """The figures of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, now: datetime) -> Counters:
        """The figures as they are now."""
        spans = [seconds for _, seconds in lags(self._connection, alerts.c.sent_at >= now - RECENT)]
        waiting = select(func.count()).select_from(entries).where(entries.c.state == "pending")
        return Counters(
            articles=self._newest(articles.c.id),
            claims=self._newest(claims.c.id),
            polls=dict(self._pairs(select(visits.c.outcome, func.count()).group_by(visits.c.outcome))),
            alerts=Alerts(self._connection).count(),
            failing=self._number(select(func.count()).select_from(sources).where(sources.c.failures > 0)),
            troubled=self._number(select(func.count()).select_from(sources).where(sources.c.problem.is_not(None))),
            pending=self._number(waiting),
            retried=self._number(waiting.where(entries.c.attempts > 0)),
            overdue=self.overdue(now),
            lags=[(bound, sum(span <= bound for span in spans)) for bound in LAG_BOUNDS],
            lag_number=len(spans),
            lag_sum=sum(spans),
            jobs=Jobs(self._connection).depth(),
            workers=Jobs(self._connection).workers(),
        )

    def overdue(self, now: datetime) -> timedelta:
        """For how long the alert has waited that should have gone out first, whatever its channel waits for."""
        waiting = (AlertState.PENDING.value, AlertState.SENDING.value)
        first: datetime | None = self._connection.execute(
            select(func.min(alerts.c.next_attempt_at)).where(alerts.c.state.in_(waiting))
        ).scalar_one()
        return max(now - first, timedelta()) if first else timedelta()

    def _newest(self, column: Column[int]) -> int:
        """The highest number of a row: counting them all would read the whole of a large table."""
        found: int | None = self._connection.execute(select(func.max(column))).scalar_one()
        return found or 0

    def _number(self, statement: Select[int]) -> int:
        found: int = self._connection.execute(statement).scalar_one()
        return found

    def _pairs(self, statement: Select[str, int]) -> list[tuple[str, int]]:
        return [(row[0], row[1]) for row in self._connection.execute(statement)]
