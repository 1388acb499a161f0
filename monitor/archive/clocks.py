"""What is to be done when the clock was put back: times that lie ahead by mistake must not be waited for."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select, update

from monitor.archive.alert_tables import alerts, channel_states
from monitor.archive.crawl_tables import entries, hosts, sources
from monitor.models import AlertState

OFF = timedelta(minutes=1)
"""By how much clocks of machines may differ."""

_LONGEST_PAUSE, _LONGEST_LEASE = timedelta(hours=1), timedelta(minutes=3)
"""Nothing is paused (`delivery.LONGEST_PAUSE`) or leased (`delivery.LEASE`, `hosts.LEASE`) for longer."""


class Clocks:
    """Times of the archive against the clock, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def mend(self, now: datetime) -> bool:
        """If something was done at times that have not come yet, let what waits because of that be due; True if so."""
        polled: datetime | None = self._connection.execute(select(func.max(sources.c.last_polled_at))).scalar_one()
        newest = select(alerts.c.created_at).order_by(alerts.c.id.desc()).limit(1)
        told: datetime | None = self._connection.execute(newest).scalar_one_or_none()
        if max(polled or now, told or now) <= now + OFF:
            return False
        self._mend_crawling(now)
        self._mend_alerts(now)
        return True

    def _mend_crawling(self, now: datetime) -> None:
        early = sources.c.last_polled_at > now
        self._connection.execute(update(sources).where(early).values(next_poll_at=now, last_polled_at=now))
        self._connection.execute(update(hosts).where(hosts.c.asked_at > now).values(asked_at=now))
        held = hosts.c.claimed_until > now + _LONGEST_LEASE
        self._connection.execute(update(hosts).where(held).values(claimed_by=None, claimed_until=None))
        waits = (entries.c.state == "pending", entries.c.seen_at > now, entries.c.next_attempt_at > now)
        self._connection.execute(update(entries).where(*waits).values(next_attempt_at=now, seen_at=now))

    def _mend_alerts(self, now: datetime) -> None:
        early = alerts.c.created_at > now
        waits = alerts.c.state.in_([AlertState.PENDING.value, AlertState.HELD.value])
        retried = and_(
            alerts.c.state == AlertState.PENDING.value, alerts.c.next_attempt_at > now + _LONGEST_PAUSE
        )  # one that is held may well wait for days
        ahead = (waits, alerts.c.next_attempt_at > now, or_(early, retried))
        self._connection.execute(update(alerts).where(*ahead).values(next_attempt_at=now))
        self._connection.execute(update(alerts).where(early).values(created_at=now))
        leased = (alerts.c.state == AlertState.SENDING.value, alerts.c.leased_until > now + _LONGEST_LEASE)
        self._connection.execute(update(alerts).where(*leased).values(leased_until=now))
        for column in (channel_states.c.paused_until, channel_states.c.paced_until):
            self._connection.execute(
                update(channel_states).where(column > now + _LONGEST_PAUSE).values({column.name: now})
            )
