"""From the outbox to the channels: in order, each once, never lost.

One pass takes what is due and returns; nothing sleeps here. A channel that has to wait is paused in the outbox, so that
the wait outlives a restart and no later alert overtakes.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from monitor.alerting.cards import DIGEST_ALERTS, Card, render
from monitor.alerting.content import Style
from monitor.errors import DeliveryError, DeliveryRefusedError, DeliveryUncertainError
from monitor.models import Alert
from monitor.tracing import span

LEASE = timedelta(minutes=2)
"""An alert whose sender has not reported by then is taken for doubtful. Longer than a look back and a send take."""

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)
"""Waits between attempts double from the first to the longest."""

SETTLE = timedelta(seconds=30)
"""Wait at least before looking for a message whose answer was lost: it may still be on its way."""

LONGEST_PAUSE = timedelta(hours=1)
"""The longest Retry-After that is believed."""

MAX_ATTEMPTS, MIN_AGE = 150, timedelta(days=1)
"""An alert is given up after both. So many attempts take a day by the waits above, but less when a channel names short
ones; and an alert found waiting after days of standstill still gets its attempts."""

EDIT_COSTS = 2
"""An edit counts for as many messages: Slack takes some fifty a minute of all channels together
(https://docs.slack.dev/reference/methods/chat.update, tier 3)."""

EDIT_AGAIN = timedelta(seconds=15)
"""Wait at least before an edit that failed is tried again."""

TURN_ALERTS, TURN_TIME = 20, timedelta(seconds=10)
"""A channel's turn ends after so many alerts or so long, that the others get theirs."""

logger = logging.getLogger(__name__)


class ChannelClient(Protocol):
    """Something that takes cards: one each `pace`, up to `burst` at once after a rest."""

    style: Style
    pace: timedelta
    burst: int

    def send(self, card: Card, /) -> str | None:
        """Sends, and returns the message's name where the channel gives it one; raises DeliveryError and its kinds."""
        ...


@runtime_checkable
class Searchable(Protocol):
    """A channel that can be asked whether a message arrived."""

    def find(self, alert: Alert, /) -> str | None:
        """The name of the message sent for an alert, or None; raises DeliveryError and its kinds."""
        ...


@runtime_checkable
class Editable(Protocol):
    """A channel whose messages can be changed."""

    def edit(self, card: Card, message_id: str, /) -> None:
        """Lets a message show a card; raises DeliveryError and its kinds. Doing it twice changes nothing more."""
        ...


@runtime_checkable
class Checkable(Protocol):
    """A channel that can say whether its secret is good, without sending anything."""

    def check(self) -> str:
        """Who we are there; raises DeliveryError and its kinds."""
        ...


class Outbox(Protocol):
    """The alerts that wait, as the archive keeps them. Each call is one committed transaction; times are aware, UTC."""

    def waiting(self, by: datetime, /) -> Collection[str]:
        """Names of the channels for which there is something to do by a time."""
        ...

    def gather(self, channel: str, now: datetime, most: int, /) -> int:
        """Brings what was held back and is due into the queue, in digests of at most `most` alerts each."""
        ...

    def hold(self, channel: str, most: int, now: datetime, /) -> int:
        """Holds back what waits, for a digest, if the channel has got `most` messages within the last hour."""
        ...

    def lease(self, channel: str, now: datetime, until: datetime, /) -> Alert | None:
        """Takes the head of the channel's queue: the lowest ID among its alerts that are PENDING or SENDING.

        It becomes SENDING until `until`, with one attempt more. A head that was SENDING beyond its time comes back
        `doubtful`. None if there is no head, its next attempt is not due, or somebody else is sending it: later alerts
        do not overtake.
        """
        ...

    def sent(self, alert: Alert, message_id: str | None, at: datetime, /) -> None:
        """The alert arrived."""
        ...

    def retry(self, alert: Alert, error: str, now: datetime, at: datetime, /, *, doubtful: bool) -> None:
        """The alert is PENDING again, its channel paused, until `at`; `doubtful` if it may have arrived."""
        ...

    def dead(self, alert: Alert, error: str, now: datetime, /) -> None:
        """The alert is given up until somebody asks for it again; then its attempts count from 0, `doubtful` stays."""
        ...

    def stale(self, channel: str, now: datetime, /) -> tuple[Alert, int] | None:
        """A message that does not show all that is known of its deal, and the revision that it is to show."""
        ...

    def edit_later(self, alert_id: int, at: datetime, /) -> None:
        """The message could not be edited, and is to be at a time."""
        ...

    def edited(self, alert_id: int, revision: int, /) -> None:
        """The message shows a revision; there may be a later one by now."""
        ...

    def paused_until(self, channel: str, /) -> datetime | None:
        """When the channel takes messages again, if it was ever paused."""
        ...

    def pause(self, channel: str, until: datetime, /) -> None:
        """The channel takes no messages before `until`."""
        ...

    def spend(self, channel: str, now: datetime, pace: timedelta, burst: int, /) -> None:
        """One message more goes to the channel, which takes one each `pace`, and up to `burst` at once after a rest."""
        ...


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one pass did: alerts `sent`, `found` to have arrived before, to be `retried`, `dead`; messages `edited`;
    channels `broken`."""

    sent: int = 0
    found: int = 0
    edited: int = 0
    retried: int = 0
    dead: int = 0
    broken: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def deliver(
    outbox: Outbox,
    channels: Mapping[str, ChannelClient],
    now: Callable[[], datetime],
    per_hour: Mapping[str, int] = MappingProxyType({}),
) -> Delivered:
    """One pass over the outbox: each channel with waiting alerts gets one turn of bounded length.

    `per_hour` limits the messages of channels that want so; what is over waits for a digest.

    A fault of the programme or the database ends only that channel's turn; an alert it was sending is found out about
    when its lease has ended.
    """
    total = Delivered()
    for name in sorted(outbox.waiting(now())):
        try:
            client = channels.get(name)
            total += (
                _bury(outbox, name, now)
                if client is None
                else _Turn(outbox, name, client, now, per_hour.get(name)).take()
            )
        except Exception:  # one channel's fault must not keep the others waiting
            logger.exception("channel %s: delivery failed", name)
            total += Delivered(broken=1)
    return total


def backoff(attempts: int) -> timedelta:
    """The wait after the given number of attempts (1 or more) that failed."""
    return min(FIRST_WAIT * (1 << min(attempts - 1, 20)), LONGEST_WAIT)


def _bury(outbox: Outbox, channel: str, now: Callable[[], datetime]) -> Delivered:
    """Gives up the alerts of a channel that the configuration no longer has."""
    buried = 0
    outbox.gather(channel, now(), DIGEST_ALERTS)
    for _ in range(TURN_ALERTS):
        at = now()
        alert = outbox.lease(channel, at, at + LEASE)
        if alert is None:
            break
        outbox.dead(alert, f"channel {channel} is not in the configuration (any more)", at)
        buried += 1
    while (stale := outbox.stale(channel, now())) is not None:
        outbox.edited(stale[0].id, stale[1])
    if buried:
        logger.warning("channel %s is not in the configuration: gave up %d of its alerts", channel, buried)
    return Delivered(dead=buried)


@dataclass(frozen=True, slots=True)
class _Turn:
    """One channel's turn."""

    outbox: Outbox
    name: str
    client: ChannelClient
    now: Callable[[], datetime]
    per_hour: int | None

    def take(self) -> Delivered:
        """Sends what is due, in order, until nothing is, the channel has to pause, or the turn is over; then edits."""
        total, begun = Delivered(), self.now()
        self.outbox.gather(self.name, begun, DIGEST_ALERTS)
        for _ in range(TURN_ALERTS):
            at = self.now()
            if self._paused(at) or at - begun >= TURN_TIME:
                break
            if self.per_hour is not None:
                self.outbox.hold(self.name, self.per_hour, at)
            alert = self.outbox.lease(self.name, at, at + LEASE)
            done = self._edit(at) if alert is None else self._attempt(alert, at)
            if done is None:
                break
            total += done
        return total

    def _paused(self, at: datetime) -> bool:
        paused = self.outbox.paused_until(self.name)
        return paused is not None and at < paused

    def _attempt(self, alert: Alert, begun: datetime) -> Delivered:
        if alert.attempts > MAX_ATTEMPTS and begun - alert.created_at >= MIN_AGE:
            return self._give_up(alert, f"{MAX_ATTEMPTS} attempts failed, the last with: {alert.error}")
        try:
            alert, found = self._look(alert)
            if found is not None:
                self.outbox.sent(alert, found, self.now())
                return Delivered(found=1)
            if self.now() >= begun + LEASE:  # the look took so long that another may be sending it by now
                return Delivered()
            self._spend(begun, 1)
            with span("send", channel=self.name, alert=alert.id):
                message_id = self.client.send(render(alert, self.client.style))
        except DeliveryRefusedError as error:
            return self._give_up(alert, str(error))
        except DeliveryError as error:
            return self._postpone(alert, error)
        self.outbox.sent(alert, message_id, self.now())
        return Delivered(sent=1)

    def _spend(self, at: datetime, times: int) -> None:
        if self.client.pace:
            self.outbox.spend(self.name, at, self.client.pace * times, self.client.burst)

    def _edit(self, at: datetime) -> Delivered | None:
        """Lets the message that waits for it the longest show what is known by now; None if none waits."""
        stale = self.outbox.stale(self.name, at)
        if stale is None:
            return None
        alert, revision = stale
        if not isinstance(self.client, Editable) or alert.message_id is None:
            self.outbox.edited(alert.id, revision)
            return Delivered()
        try:
            self._spend(at, EDIT_COSTS)
            self.client.edit(render(replace(alert, doubtful=False), self.client.style), alert.message_id)
        except DeliveryRefusedError as error:
            logger.info(
                "channel %s: the message of alert %d stays as it is: %s",
                self.name,
                alert.id,
                error,
                extra=self._about(alert),
            )
        except DeliveryError as error:
            # Messages go on meanwhile: what is new is more urgent than what is more.
            self.outbox.edit_later(alert.id, self.now() + max(_wait(error, 1), EDIT_AGAIN))
            logger.info(
                "channel %s: the message of alert %d is edited later: %s",
                self.name,
                alert.id,
                error,
                extra=self._about(alert),
            )
            return Delivered()
        self.outbox.edited(alert.id, revision)
        return Delivered(edited=1)

    def _look(self, alert: Alert) -> tuple[Alert, str | None]:
        """A doubtful alert is looked for first: found, or else known not to have arrived. Others stay as they are."""
        if not alert.doubtful or not isinstance(self.client, Searchable):
            return alert, None
        found = self.client.find(alert)
        return replace(alert, doubtful=False), found

    def _postpone(self, alert: Alert, error: DeliveryError) -> Delivered:
        uncertain = isinstance(error, DeliveryUncertainError)
        wait = _wait(error, alert.attempts)
        now = self.now()
        due = now + (max(wait, SETTLE) if uncertain else wait)
        self.outbox.retry(alert, str(error), now, due, doubtful=alert.doubtful or uncertain)
        logger.info(
            "channel %s: alert %d waits until %s: %s", self.name, alert.id, due, error, extra=self._about(alert)
        )
        return Delivered(retried=1)

    def _give_up(self, alert: Alert, reason: str) -> Delivered:
        doubt = " (an earlier attempt may have arrived)" if alert.doubtful else ""
        self.outbox.dead(alert, f"{reason}{doubt}", self.now())
        logger.warning(
            "channel %s: alert %d was not delivered: %s%s; then `monitor alerts retry %d`, or `--all`",
            self.name,
            alert.id,
            reason,
            doubt,
            alert.id,
            extra=self._about(alert),
        )
        return Delivered(dead=1)

    def _log(self, alert: Alert, said: str, *values: object) -> None:
        logger.info(f"channel %s: alert %d: {said}", self.name, alert.id, *values, extra=self._about(alert))

    def _about(self, alert: Alert) -> dict[str, object]:
        return {"channel": self.name, "alert": alert.id}


def _wait(error: DeliveryError, attempts: int) -> timedelta:
    """How long to wait after an error: as long as the channel asked for, within reason, else by the attempts."""
    if error.retry_after is None:
        return backoff(attempts)
    return min(max(timedelta(seconds=error.retry_after), timedelta(seconds=1)), LONGEST_PAUSE)
