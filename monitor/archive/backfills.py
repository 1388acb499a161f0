"""Backfills: which addresses of a source's past were read, and which entries wait to be fetched for it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from monitor.archive.crawl_tables import backfills, entries
from monitor.archive.entries import entry_columns
from monitor.archive.rows import insert_or_skip
from monitor.archive.tables import articles
from monitor.models import Entry

WAITING = "backfill"
"""State of an entry that only a backfill fetches: a crawl run would alert on what it brings."""


class Backfills:
    """The backfills of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def was_read(self, source: str, address: str) -> bool:
        """True if a sitemap or feed was read to its end by a backfill before."""
        query = select(backfills.c.address).where(backfills.c.source == source, backfills.c.address == address)
        return self._connection.execute(query).one_or_none() is not None

    def note(self, source: str, address: str, found: Sequence[Entry], at: datetime) -> int:
        """Record what an address holds: entries without an article wait to be fetched. Returns how many do.

        Without an `address` that is read to its end (feeds and indexes change) only the entries are recorded.
        """
        waiting = 0
        for i in range(0, len(found), 200):
            batch = {entry.url: entry for entry in found[i : i + 200]}
            stored = self._connection.execute(select(articles.c.url).where(articles.c.url.in_(batch)))
            missing = [batch[url] for url in batch.keys() - {row.url for row in stored}]
            for entry in missing:
                values = {**entry_columns(source, entry, at), "state": WAITING, "baseline": True}
                self._connection.execute(insert_or_skip(self._connection, entries), [values])
                self._connection.execute(
                    update(entries)
                    .where(entries.c.source == source, entries.c.url == entry.url, entries.c.state == "done")
                    .values(state=WAITING, payload=values["payload"], next_attempt_at=at, attempts=0)
                )
            waiting += len(missing)
        if address:
            row = {"source": source, "address": address, "entries": len(found), "read_at": at}
            self._connection.execute(insert_or_skip(self._connection, backfills), [row])
        return waiting

    def forget(self, source: str) -> None:
        """Let the next backfill of a source read everything again."""
        self._connection.execute(backfills.delete().where(backfills.c.source == source))

    def left(self, source: str) -> int:
        """How many entries wait to be fetched."""
        query = select(func.count()).where(entries.c.source == source, entries.c.state == WAITING)
        return int(self._connection.execute(query).scalar_one())
