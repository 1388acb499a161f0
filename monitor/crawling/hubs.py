"""Subscriptions at hubs, between spiders and the archive."""

import logging
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from secrets import token_hex, token_urlsafe

from monitor.archive import Archive, Tables
from monitor.bootstrap import utc_now
from monitor.config import Config
from monitor.models import FeedHints
from monitor.polls import Poll, SourceState
from monitor.settings import WebSub
from monitor.subscriptions import Subscription

logger = logging.getLogger(__name__)


class Hubs:
    """What is asked of hubs, and what they have told; nothing without `websub`."""

    def __init__(self, archive: Archive, websub: WebSub | None) -> None:
        self._archive = archive
        self._websub = websub

    def wanted(self, source: str, position: int) -> tuple[Subscription, str] | None:
        """What is to be asked of a hub that a way's feed names, with the form to send; None if nothing is."""
        if self._websub is None:
            return None
        now = utc_now()
        with self._archive.writing() as tables:
            hints = _hints(tables, source, position)
            if not hints.hubs or not hints.topic:
                return None
            known = tables.subscriptions.get(source, position)
            if known is not None and known.topic == hints.topic and known.hub in hints.hubs:
                if not known.to_be_asked(now):
                    return None
                hub, failures = known.hub_to_ask(hints.hubs, now), known.failures
            else:
                hub, failures = hints.hubs[0], 0
            if known is None or (known.hub, known.topic) != (hub, hints.topic):
                known = _new(source, position, hub, hints.topic, failures)
                tables.subscriptions.put(known)
            # Before the request, since the hub may verify it before it answers; counted as failed until it does.
            tables.subscriptions.change(known.token, asked_at=now, failures=failures + 1)
        return known, known.form(self._websub.callback)

    def due(self, names: Collection[str]) -> list[tuple[str, int]]:
        """Ways of the named sources whose hubs are to be asked again now, whenever their feeds are polled."""
        if self._websub is None:
            return []
        with self._archive.reading() as tables:
            return _due(tables, names, utc_now())

    def answered(self, subscription: Subscription, error: str) -> None:
        """A hub has answered; `error` is "" when it has taken the request, to be verified by it."""
        level, text = (logging.WARNING, f"does not subscribe: {error}") if error else (logging.INFO, "is asked")
        logger.log(level, "%s: the hub %s %s", subscription.source, subscription.hub, text)

    def heard_of(self, tables: Tables, state: SourceState, poll: Poll, new: int, now: datetime) -> Subscription | None:
        """The active subscription of the way that was polled; what its hub has not told of is remembered in it.

        Where it has told and the poll brings nothing, the feed may lag behind its hub, as caches do: in what is
        returned, though not in the archive, that counts as missed, so that the source keeps to its own pace.
        """
        found = tables.subscriptions.get(poll.source, poll.position) if self._websub else None
        if found is None or not found.active(now):
            return None
        last = state.last_polled_at
        told = found.pushed_at is not None and last is not None and found.pushed_at > last
        if new and not told and state.last_success_at is not None:
            tables.subscriptions.change(found.token, missed_at=now)
        return replace(found, missed_at=now) if bool(new) != told else found


def to_be_asked(tables: Tables, config: Config, now: datetime) -> list[str]:
    """Sources whose hub is to be asked again."""
    if config.websub is None:
        return []
    return [name for name, _ in _due(tables, {source.name for source in config.sources}, now)]


def _due(tables: Tables, names: Collection[str], now: datetime) -> list[tuple[str, int]]:
    ways = [
        (known.source, known.position)
        for known in tables.subscriptions.all()
        if known.source in names and known.to_be_asked(now)
    ]
    return [way for way in ways if (hints := _hints(tables, *way)).hubs and hints.topic]


def _hints(tables: Tables, source: str, position: int) -> FeedHints:
    """What the feed of a way has said of its hubs; nothing once it is gone for good."""
    state = tables.sources.get(source)
    way = state.way(position) if state else None
    return FeedHints() if way is None or way.closed else way.wishes.hints


def _new(source: str, position: int, hub: str, topic: str, failures: int) -> Subscription:
    # A secret is told over HTTPS alone (WebSub, 5.1).
    secret = token_hex(32) if hub.lower().startswith("https:") else ""
    return Subscription(source, position, hub, topic, token_urlsafe(32), secret, failures=failures)
