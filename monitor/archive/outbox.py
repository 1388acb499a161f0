"""The outbox as delivery needs it: each call a transaction of its own, committed when it returns."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.archive.channelstates import ChannelStates
from monitor.archive.queue import Queue
from monitor.models import Alert

Transaction = Callable[[], AbstractContextManager[Connection]]


class Outbox:
    """Implements `monitor.alerting.delivery.Outbox`; `reading` and `writing` open a transaction."""

    def __init__(self, reading: Transaction, writing: Transaction) -> None:
        self._reading = reading
        self._writing = writing

    def waiting(self, by: datetime, /) -> Collection[str]:
        """Names of the channels for which there is something to do by a time."""
        with self._reading() as connection:
            return Queue(connection).waiting(by)

    def gather(self, channel: str, now: datetime, most: int, /) -> int:
        """What was held back and is due comes into the queue, in digests of at most `most` alerts."""
        with self._reading() as connection:
            if not Queue(connection).anything_to_gather(channel, now):
                return 0
        with self._writing() as connection:
            return Queue(connection).gather(channel, now, most)

    def hold(self, channel: str, most: int, now: datetime, /) -> int:
        """If the channel got `most` messages within the last hour, hold back for a digest what waits."""
        with self._reading() as connection:
            until = Queue(connection).room_at(channel, most, now)
        if until is None:
            return 0
        with self._writing() as connection:
            return Queue(connection).hold(channel, until)

    def lease(self, channel: str, now: datetime, until: datetime, /) -> Alert | None:
        """The head of the channel's queue, marked as being sent."""
        with self._writing() as connection:
            return Queue(connection).lease(channel, now, until)

    def sent(self, alert: Alert, message_id: str | None, at: datetime, /) -> None:
        """The alert arrived."""
        with self._writing() as connection:
            Queue(connection).sent(alert.id, message_id, at)
            ChannelStates(connection).works(alert.channel)

    def retry(self, alert: Alert, error: str, now: datetime, at: datetime, /, *, doubtful: bool) -> None:
        """The alert is due again at a time, and its channel takes nothing until then."""
        with self._writing() as connection:
            Queue(connection).retry(alert.id, error, at, doubtful=doubtful)
            ChannelStates(connection).pause(alert.channel, at)
            ChannelStates(connection).failed(alert.channel, now)

    def dead(self, alert: Alert, error: str, now: datetime, /) -> None:
        """The alert is given up."""
        with self._writing() as connection:
            Queue(connection).dead(alert.id, error)
            ChannelStates(connection).failed(alert.channel, now)

    def stale(self, channel: str, now: datetime, /) -> tuple[Alert, int] | None:
        """A message that does not show all that is known, and the revision that it is to show."""
        with self._reading() as connection:
            return Queue(connection).stale(channel, now)

    def edit_later(self, alert_id: int, at: datetime, /) -> None:
        """The message could not be edited, and is to be at a time."""
        with self._writing() as connection:
            Queue(connection).edit_later(alert_id, at)

    def edited(self, alert_id: int, revision: int, /) -> None:
        """The message shows a revision."""
        with self._writing() as connection:
            Queue(connection).edited(alert_id, revision)

    def due_at(self, channel: str, /) -> datetime | None:
        """When there is something to do for the channel; None if nothing waits."""
        with self._reading() as connection:
            return Queue(connection).due_at(channel)

    def paused_until(self, channel: str, /) -> datetime | None:
        """When the channel takes messages again."""
        with self._reading() as connection:
            return ChannelStates(connection).paused_until(channel)

    def spend(self, channel: str, now: datetime, pace: timedelta, burst: int, /) -> None:
        """One message more goes to a channel that takes one each `pace`, and up to `burst` at once after a rest."""
        with self._writing() as connection:
            ChannelStates(connection).spend(channel, now, pace, burst)

    def pause(self, channel: str, until: datetime, /) -> None:
        """The channel takes no messages before a time."""
        with self._writing() as connection:
            ChannelStates(connection).pause(channel, until)
