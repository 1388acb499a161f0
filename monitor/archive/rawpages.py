"""Pages as they were fetched, compressed, so that better extraction can be run over them again."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from monitor.archive.crawl_tables import raw_pages
from monitor.archive.tables import articles
from monitor.models import RawPage

_BATCH = 50


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page with the article that was read from it."""

    article_id: int
    source: str
    page: RawPage


class RawPages:
    """The pages of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, article_id: int, page: RawPage, at: datetime) -> None:
        """Keep the page of an article, in place of a former one."""
        self._connection.execute(delete(raw_pages).where(raw_pages.c.article_id == article_id))
        self._connection.execute(
            insert(raw_pages).values(
                article_id=article_id,
                url=page.url,
                content_type=page.content_type,
                size=len(page.body),
                body=zlib.compress(page.body),
                fetched_at=at,
            )
        )

    def prune(self, most: int) -> int:
        """Remove the oldest pages until those that are left take `most` bytes at most; returns how many went."""
        total = self._connection.execute(select(func.coalesce(func.sum(func.length(raw_pages.c.body)), 0))).scalar_one()
        removed = 0
        while total > most:
            oldest = self._connection.execute(
                select(raw_pages.c.article_id, func.length(raw_pages.c.body).label("size"))
                .order_by(raw_pages.c.fetched_at, raw_pages.c.article_id)
                .limit(_BATCH)
            ).all()
            going = []
            for row in oldest:
                if total <= most:
                    break
                going.append(row.article_id)
                total -= row.size
            self._connection.execute(delete(raw_pages).where(raw_pages.c.article_id.in_(going)))
            removed += len(going)
        return removed

    def count(self, source: str | None) -> int:
        """How many pages are kept, of one source or of all."""
        query = select(func.count()).select_from(raw_pages)
        if source is not None:
            query = query.join(articles, articles.c.id == raw_pages.c.article_id).where(articles.c.source == source)
        return int(self._connection.execute(query).scalar_one())

    def walk(self, source: str | None) -> Iterator[KeptPage]:
        """The pages, of one source or of all, in the order of their articles, some dozens at a time in memory."""
        last = 0
        while True:
            query = (
                select(raw_pages, articles.c.source)
                .join(articles, articles.c.id == raw_pages.c.article_id)
                .where(raw_pages.c.article_id > last)
                .order_by(raw_pages.c.article_id)
                .limit(_BATCH)
            )
            rows = self._connection.execute(query if source is None else query.where(articles.c.source == source)).all()
            if not rows:
                return
            for row in rows:
                last = row.article_id
                yield KeptPage(last, row.source, RawPage(row.url, row.content_type, zlib.decompress(row.body)))
