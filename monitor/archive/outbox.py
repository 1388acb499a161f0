"""The outbox as delivery needs it: each call a transaction of its own, committed when it returns."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import datetime

from monitor.archive.alerts import Alerts
from monitor.models import Alert


class Outbox:
    """Implements `monitor.alerting.delivery.Outbox`; `reading` and `writing` open a transaction on the alerts."""

    def __init__(
        self,
        reading: Callable[[], AbstractContextManager[Alerts]],
        writing: Callable[[], AbstractContextManager[Alerts]],
    ) -> None:
        self._reading = reading
        self._writing = writing

    def waiting(self) -> Collection[str]:
        """Names of the channels with an alert in the queue."""
        with self._reading() as alerts:
            return alerts.waiting()

    def lease(self, channel: str, now: datetime, until: datetime, /) -> Alert | None:
        """The head of the channel's queue, marked as being sent."""
        with self._writing() as alerts:
            return alerts.lease(channel, now, until)

    def sent(self, alert_id: int, message_id: str | None, at: datetime, /) -> None:
        """The alert arrived."""
        with self._writing() as alerts:
            alerts.sent(alert_id, message_id, at)

    def retry(self, alert_id: int, error: str, at: datetime, /, *, doubtful: bool) -> None:
        """The alert is due again at a time."""
        with self._writing() as alerts:
            alerts.retry(alert_id, error, at, doubtful=doubtful)

    def dead(self, alert_id: int, error: str, /) -> None:
        """The alert is given up."""
        with self._writing() as alerts:
            alerts.dead(alert_id, error)

    def paused_until(self, channel: str, /) -> datetime | None:
        """When the channel takes alerts again."""
        with self._reading() as alerts:
            return alerts.paused_until(channel)

    def due_at(self, channel: str, /) -> datetime | None:
        """When the channel's next alert is to be sent; None if nothing waits."""
        with self._reading() as alerts:
            return alerts.due_at(channel)

    def pause(self, channel: str, until: datetime, /) -> None:
        """The channel takes no alerts before a time."""
        with self._writing() as alerts:
            alerts.pause(channel, until)
