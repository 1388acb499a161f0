"""What the archive forgets by rule: articles that nobody asked for, texts, pages as they were fetched."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, exists, select, update

from monitor.archive.alert_tables import alerts
from monitor.archive.crawl_tables import raw_pages
from monitor.archive.search_index import SearchIndex
from monitor.archive.tables import article_versions, articles, claims, mentions, positions

BATCH = 200
"""Articles that are forgotten in one transaction: what writes meanwhile waits no longer."""


class Retention:
    """Forgetting, on one connection. Each call does one batch, oldest first, and tells how many there were."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._index = SearchIndex(connection)

    def forget_unmentioned(self, before: datetime) -> int:
        """Remove articles that name no watched company, tell no deal and were told to nobody."""
        idle = [~exists().where(table.c.article_id == articles.c.id) for table in (mentions, claims, alerts)]
        rows = self._connection.execute(_oldest(before, *idle)).all()
        for row in rows:
            self._index.forget(row.id, row.title, row.text)
        self._connection.execute(delete(articles).where(articles.c.id.in_([row.id for row in rows])))
        return len(rows)

    def empty_texts(self, before: datetime) -> int:
        """Let articles that tell no deal lose their texts, of former wordings too; title, link and companies stay."""
        tells = exists().where(claims.c.article_id == articles.c.id, claims.c.deal_id.is_not(None))
        rows = self._connection.execute(_oldest(before, articles.c.text != "", ~tells)).all()
        numbers = [row.id for row in rows]
        for row in rows:
            self._index.forget(row.id, row.title, row.text)
        self._connection.execute(update(articles).where(articles.c.id.in_(numbers)).values(text=""))
        self._connection.execute(delete(article_versions).where(article_versions.c.article_id.in_(numbers)))
        for number in numbers:
            self._index.refresh(number)
        return len(rows)

    def forget_raw_pages(self, before: datetime) -> int:
        """Remove pages that were fetched before a time."""
        old = select(raw_pages.c.article_id).where(raw_pages.c.fetched_at < before).limit(BATCH)
        return self._connection.execute(delete(raw_pages).where(raw_pages.c.article_id.in_(old))).rowcount


def _oldest(before: datetime, *conditions: ColumnElement[bool]) -> Select[Any]:
    return (
        select(articles.c.id, articles.c.title, articles.c.text)
        .join(positions, positions.c.article_id == articles.c.id)
        .where(articles.c.sorted_at < before, *conditions)
        .order_by(articles.c.sorted_at, articles.c.id)
        .limit(BATCH)
    )
