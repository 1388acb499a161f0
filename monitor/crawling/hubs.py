"""Subscriptions at hubs, between spiders and the archive."""

import logging
from dataclasses import replace
from datetime import datetime
from secrets import token_hex, token_urlsafe

from monitor.archive import Archive, Tables
from monitor.bootstrap import utc_now
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
        """What is to be asked of the hub that a way's feed names, with the form to send; None if nothing is."""
        if self._websub is None:
            return None
        now = utc_now()
        with self._archive.writing() as tables:
            state = tables.sources.get(source)
            hints = state.way(position).wishes.hints if state else FeedHints()
            if not hints.hub or not hints.topic:
                return None
            known = tables.subscriptions.get(source, position)
            if known is None or (known.hub, known.topic) != (hints.hub, hints.topic):
                secret = token_hex(32) if hints.hub.startswith("https:") else ""
                known = Subscription(source, position, hints.hub, hints.topic, token_urlsafe(32), secret)
                tables.subscriptions.put(known)
            if not known.to_be_asked(now):
                return None
            # Before the request, since the hub may verify it before it answers.
            tables.subscriptions.change(known.token, asked_at=now)
        return known, known.form(self._websub.callback)

    def answered(self, subscription: Subscription, error: str) -> None:
        """A hub has answered; `error` is "" when it has taken the request, to be verified by it."""
        failures = subscription.failures + 1 if error else 0
        with self._archive.writing() as tables:
            tables.subscriptions.change(subscription.token, failures=failures)
        level, text = (logging.WARNING, f"does not subscribe: {error}") if error else (logging.INFO, "is asked")
        logger.log(level, "%s: the hub %s %s", subscription.source, subscription.hub, text)

    def heard_of(self, tables: Tables, state: SourceState, poll: Poll, new: int, now: datetime) -> Subscription | None:
        """The active subscription of the way that was polled; what its hub has not told of is remembered in it."""
        found = tables.subscriptions.get(poll.source, poll.position) if self._websub else None
        if found is None or not found.active(now):
            return None
        last = state.last_polled_at
        told = found.pushed_at is not None and last is not None and found.pushed_at > last
        if new and not told and state.last_success_at is not None:
            tables.subscriptions.change(found.token, missed_at=now)
            return replace(found, missed_at=now)
        return found
