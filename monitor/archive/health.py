"""What the archive tells of how well the sources are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from monitor.archive.crawl_tables import entries
from monitor.archive.sources import Sources
from monitor.archive.subscriptions import Subscriptions
from monitor.archive.tables import articles
from monitor.health import FORMER_PAGES, RECENT_PAGES, PageQuality, share_lacking
from monitor.polls import SourceState

_SHORT = 80
"""Characters of text below which an article was not read; Chinese newsflashes begin at about a hundred."""


@dataclass(frozen=True, slots=True)
class Overview:
    """A source with its health: `daily` are new articles a day (today last), `lacking` the share of its newest articles
    without title, date or text, `hub` the end of its subscription at one."""

    state: SourceState
    daily: Sequence[int]
    lacking: float | None
    hub: datetime | None


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

    def overview(self, names: Sequence[str], at: datetime, days: int) -> list[Overview]:
        """The health of these sources, in their order."""
        states = Sources(self._connection).all()
        daily = self.daily(names, at, days)
        hubs = Subscriptions(self._connection).lasting(at)
        return [
            Overview(
                states.get(name, SourceState(name)),
                daily[name],
                share_lacking(self.pages(name)),
                max(hubs.get(name, ()), default=None),
            )
            for name in names
        ]

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
