"""Subscriptions of feeds at their hubs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from monitor.archive.crawl_tables import subscriptions
from monitor.subscriptions import Standing, Subscription


class Subscriptions:
    """The subscriptions of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, source: str, position: int) -> Subscription | None:
        """The subscription of one way of a source."""
        return self._one(subscriptions.c.source == source, subscriptions.c.position == position)

    def by_token(self, token: str) -> Subscription | None:
        """The subscription whose callback ends with `token`."""
        return self._one(subscriptions.c.token == token)

    def all(self) -> list[Subscription]:
        """Every subscription."""
        rows = self._connection.execute(
            select(subscriptions).order_by(subscriptions.c.source, subscriptions.c.position)
        )
        return [_subscription(row) for row in rows]

    def lasting(self, at: datetime) -> Mapping[str, Sequence[datetime]]:
        """The ends of those that are active at a time, by source."""
        found: dict[str, list[datetime]] = {}
        query = select(subscriptions.c.source, subscriptions.c.ends_at).where(subscriptions.c.ends_at > at)
        for row in self._connection.execute(query):
            found.setdefault(row.source, []).append(row.ends_at)
        return found

    def put(self, subscription: Subscription) -> None:
        """Keep a subscription in place of what was known of it."""
        key = (subscriptions.c.source == subscription.source, subscriptions.c.position == subscription.position)
        self._connection.execute(delete(subscriptions).where(*key))
        values = {**asdict(subscription), "standing": subscription.standing.value}
        self._connection.execute(insert(subscriptions).values(values))

    def change(self, token: str, **values: Any) -> None:
        """Set fields of one subscription; others stay as another process may have set them meanwhile."""
        self._connection.execute(update(subscriptions).where(subscriptions.c.token == token).values(values))

    def _one(self, *where: Any) -> Subscription | None:
        row = self._connection.execute(select(subscriptions).where(*where)).one_or_none()
        return None if row is None else _subscription(row)


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(**{**row._mapping, "standing": Standing(row.standing)})
