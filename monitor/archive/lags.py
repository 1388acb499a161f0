"""How long after its publication an article was told."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, select

from monitor.archive.alert_tables import alerts
from monitor.archive.tables import articles
from monitor.models import AlertKind, AlertState


def lags(connection: Connection, *conditions: ColumnElement[bool]) -> Iterator[tuple[datetime, float]]:
    """When articles were published, and after how many seconds their alerts were sent: of cards that were not held back
    and whose articles say when they were published."""
    statement = (
        select(articles.c.published_at, alerts.c.sent_at)
        .join(articles, articles.c.id == alerts.c.article_id)
        .where(
            alerts.c.state == AlertState.SENT.value,
            alerts.c.kind == AlertKind.CARD.value,
            alerts.c.held.is_(None),
            articles.c.published_at.is_not(None),
            alerts.c.sent_at.is_not(None),
            *conditions,
        )
    )
    for row in connection.execute(statement):
        yield row.published_at, max(row.sent_at - row.published_at, timedelta()).total_seconds()
