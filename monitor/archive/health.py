"""What the archive tells of how well the sources are read."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from monitor.archive.crawl_tables import entries
from monitor.archive.tables import articles
from monitor.health import FORMER_PAGES, RECENT_PAGES, PageQuality

_SHORT = 80
"""Characters of text below which an article was not read; Chinese newsflashes begin at about a hundred."""


class SourceHealth:
    """Figures of the sources, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def pages(self, source: str) -> list[PageQuality]:
        """The newest articles of a source, newest first, with what they lack."""
        rows = self._connection.execute(
            select(
                articles.c.url, articles.c.title, articles.c.published_at, func.length(articles.c.text).label("size")
            )
            .where(articles.c.source == source)
            .order_by(articles.c.sorted_at.desc(), articles.c.id.desc())
            .limit(RECENT_PAGES + FORMER_PAGES)
        )
        return [PageQuality(row.url, bool(row.title), row.published_at is not None, row.size >= _SHORT) for row in rows]

    def daily(self, names: Sequence[str], at: datetime, days: int) -> dict[str, list[int]]:
        """New entries of each source on each of the last `days` days, today last; first visits do not count."""
        start = at - timedelta(days=days)
        counts = {name: [0] * days for name in names}
        rows = self._connection.execute(
            select(entries.c.source, entries.c.seen_at).where(
                entries.c.source.in_(names), entries.c.seen_at > start, entries.c.baseline.is_(False)
            )
        )
        for row in rows:
            counts[row.source][min(days - 1, int((row.seen_at - start) / timedelta(days=1)))] += 1
        return counts
