"""Subscriptions of feeds at their hubs (WebSub, https://www.w3.org/TR/websub/): when to ask, whom to believe. Pure."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode

LEASE = timedelta(days=10)
"""How long a subscription is asked for; the hub decides."""

SHORTEST_LEASE, LONGEST_LEASE = timedelta(minutes=1), timedelta(days=90)
"""A lease outside of these is a mistake of the hub's."""

_AGAIN, _LONGEST_AGAIN = timedelta(hours=1), timedelta(days=1)
"""First wait before a hub that has not confirmed is asked again; doubles."""

_TRIES = 2
"""Requests that a hub may leave unconfirmed before the next that the feed names is asked."""

_LEFT = 0.2
"""Share of the lease that is left when it is renewed."""

_METHODS = ("sha1", "sha256", "sha384", "sha512")
"""Hashes of a signature that the recommendation names (section 7)."""


class Standing(StrEnum):
    """How a subscription stands: asked for, confirmed by the hub, or denied by it."""

    REQUESTED = "requested"
    ACTIVE = "active"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Subscription:
    """What is known of the subscription of one way of a source.

    `token` ends the callback's address and is known to the hub alone; with `secret` it signs what it sends ("" where
    the hub is not asked over HTTPS). `failures` are requests since it last confirmed one: a hub that takes requests and
    never verifies them, or denies them, is asked less and less like one that refuses them. `pushed_at` is when it last
    told of something, `missed_at` when a poll last found what it had not told of.
    """

    source: str
    position: int
    hub: str
    topic: str
    token: str
    secret: str
    standing: Standing = Standing.REQUESTED
    asked_at: datetime | None = None
    ends_at: datetime | None = None
    failures: int = 0
    pushed_at: datetime | None = None
    missed_at: datetime | None = None

    def active(self, now: datetime) -> bool:
        """True while the hub tells of what is new."""
        return self.standing is Standing.ACTIVE and self.ends_at is not None and self.ends_at > now

    def trusted(self, now: datetime) -> bool:
        """True if the hub has told of all that was new since it first did: polls may be rarer then."""
        told = self.pushed_at is not None and (self.missed_at is None or self.missed_at < self.pushed_at)
        return told and self.active(now)

    def to_be_asked(self, now: datetime) -> bool:
        """True if the hub is to be asked for it, or for more of it, now."""
        if self.asked_at is None:
            return True
        if now - self.asked_at < min(_LONGEST_AGAIN, _AGAIN * 2 ** min(max(self.failures - 1, 0), 10)):
            return False
        if not self.active(now) or self.ends_at is None:
            return True
        return self.ends_at - now < _LEFT * (self.ends_at - self.asked_at)

    def hub_to_ask(self, hubs: Sequence[str], now: datetime) -> str:
        """Which of the feed's hubs, its own among them, is to be asked: one that works is kept."""
        stuck = self.failures > 0 and self.failures % _TRIES == 0 and not self.active(now)
        return hubs[(hubs.index(self.hub) + stuck) % len(hubs)]

    def form(self, callback: str) -> str:
        """The body of the request to the hub (section 5.1); `callback` is the address to which the token is added."""
        fields = {
            "hub.mode": "subscribe",
            "hub.topic": self.topic,
            "hub.callback": f"{callback.rstrip('/')}/{self.token}",
            "hub.lease_seconds": str(int(LEASE.total_seconds())),
        }
        return urlencode(fields | ({"hub.secret": self.secret} if self.secret else {}))


class Seal:
    """What X-Hub-Signature says of a body (section 7.1), held against it piece by piece."""

    def __init__(self, secret: str, header: str) -> None:
        method, _, self._claimed = header.strip().lower().partition("=")
        self._needed = bool(secret)
        known = secret and method in _METHODS and self._claimed.isascii()
        self._hash = hmac.new(secret.encode(), digestmod=method) if known else None

    def update(self, piece: bytes) -> None:
        """Take the next piece of the body."""
        if self._hash is not None:
            self._hash.update(piece)

    @property
    def unbroken(self) -> bool:
        """True if the hub sent the pieces taken until now; always where no secret was given to it."""
        if self._hash is None:
            return not self._needed
        return hmac.compare_digest(self._hash.hexdigest(), self._claimed)


def lease(text: str) -> timedelta:
    """The lease that a hub names in seconds, within bounds; ours where it names none."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return LEASE
    return min(max(timedelta(seconds=int(text)), SHORTEST_LEASE), LONGEST_LEASE)
