"""Entries of the sources: what was seen, and what still waits for its page.

An entry is written in the transaction that stores its source's validators, so that a page which could not be fetched
(site down, process killed) is fetched later although the source will say "not modified".
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, literal, select, tuple_, update

from monitor.archive.columns import UTCDateTime
from monitor.archive.crawl_tables import entries
from monitor.archive.rows import insert_or_skip
from monitor.archive.tables import articles
from monitor.models import Entry, PendingEntry

MAX_ATTEMPTS = 10
"""Page fetches, over a day and a half, before what the source itself says of the entry stays for good."""

BATCH = 100
"""Pending entries handed out at once; with whole articles in them thousands would take much memory."""

_UNSTEADY = timedelta(hours=1)
_BACKOFF, _LONGEST = timedelta(minutes=2), timedelta(days=1)


# Made once: it runs for every article, and building a statement takes as long as running it.
_DONE = (
    update(entries)
    .where(entries.c.source == bindparam("of_source"), entries.c.url == bindparam("of_url"))
    .values(state="done", payload=None, next_attempt_at=None)
)


@dataclass(frozen=True, slots=True)
class Noted:
    """What a poll brought: entries `seen`, when those new to the source were published, how many became `pending`."""

    seen: int = 0
    published: tuple[datetime | None, ...] = ()
    pending: int = 0

    def __add__(self, other: "Noted") -> "Noted":
        """Both together."""
        return Noted(self.seen + other.seen, self.published + other.published, self.pending + other.pending)


class Entries:
    """The entries of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, source: str, found: Sequence[Entry], at: datetime, *, baseline: bool) -> Noted:
        """Record what a poll brought: new or changed entries become pending.

        An article that another source brought already is not fetched again for this one.
        """
        urls = [entry.url for entry in found]
        seen = self._seen(source, urls)
        elsewhere = self._archived([url for url in urls if url not in seen])
        fresh = [e for e in found if e.url not in seen]
        changed = [e for e in found if e.url in seen and seen[e.url].fingerprint != e.fingerprint()]
        if fresh:
            self._connection.execute(
                insert_or_skip(self._connection, entries),
                [
                    {
                        **entry_columns(source, e, at),
                        "baseline": baseline,
                        **({"state": "done", "payload": None} if e.url in elsewhere else {"state": "pending"}),
                    }
                    for e in fresh
                ],
            )
        for e in changed:
            self._change(source, e, seen[e.url], at)
        published = tuple(entry.published for entry in fresh)
        return Noted(len(found), published, len(fresh) + len(changed) - len(elsewhere))

    def remember(self, source: str, found: Sequence[Entry], at: datetime) -> None:
        """Record entries that are too old to be fetched, so that they are not taken for new ones later."""
        if found:
            values = {"source": source, "state": "done", "baseline": True, "seen_at": at}
            self._connection.execute(
                insert_or_skip(self._connection, entries),
                [{**values, "url": entry.url, "fingerprint": entry.fingerprint()} for entry in found],
            )

    def _change(self, source: str, entry: Entry, old: Row[Any], at: datetime) -> None:
        values: dict[str, Any] = {"fingerprint": entry.fingerprint(), "payload": _payload(entry)}
        if old.state == "done":
            # Some feeds say something else at every poll (how often an article was read), so each further change of
            # an entry waits longer, from an hour up to a day.
            wait = min(_LONGEST, _UNSTEADY * 2 ** min(old.changes - 1, 20)) if old.changes else timedelta(0)
            values |= {"state": "pending", "attempts": 0, "changes": old.changes + 1, "next_attempt_at": at + wait}
        self._update(source, entry.url, **values)

    def pending(
        self, source: str, at: datetime, after: tuple[datetime, str] | None = None, *, state: str = "pending"
    ) -> list[PendingEntry]:
        """Entries of a source whose page is to be fetched now, in the order of `PendingEntry.key`, a batch at most.

        `after` is the key of the last one of the batch before.
        """
        query = select(entries).where(
            entries.c.source == source, entries.c.state == state, entries.c.next_attempt_at <= at
        )
        key = (entries.c.seen_at, entries.c.url)
        if after is not None:
            query = query.where(tuple_(*key) > tuple_(literal(after[0], UTCDateTime), literal(after[1])))
        return [
            PendingEntry(source, _entry(row.payload), row.baseline, row.attempts + 1 >= MAX_ATTEMPTS, row.seen_at)
            for row in self._connection.execute(query.order_by(*key).limit(BATCH))
        ]

    def sources_with_pending(self, at: datetime) -> set[str]:
        """Sources that have an entry to fetch now."""
        rows = self._connection.execute(
            select(entries.c.source).distinct().where(entries.c.state == "pending", entries.c.next_attempt_at <= at)
        )
        return {row.source for row in rows}

    def done(self, source: str, url: str) -> None:
        """The entry's article is in the archive."""
        self._connection.execute(_DONE, {"of_source": source, "of_url": url})

    def failed(self, source: str, url: str, at: datetime) -> None:
        """The page could not be had: try again later, later each time (2, 4, 8 … minutes, at most a day)."""
        attempts = self._connection.execute(
            select(entries.c.attempts).where(entries.c.source == source, entries.c.url == url)
        ).scalar_one()
        self._update(
            source, url, attempts=attempts + 1, next_attempt_at=at + min(_LONGEST, _BACKOFF * 2 ** min(attempts, 20))
        )

    def rest(self, source: str, until: datetime) -> None:
        """Fetch no page of a source before a time."""
        self._connection.execute(
            update(entries)
            .where(entries.c.source == source, entries.c.state == "pending", entries.c.next_attempt_at < until)
            .values(next_attempt_at=until)
        )

    def _update(self, source: str, url: str, **values: Any) -> None:
        self._connection.execute(
            update(entries).where(entries.c.source == source, entries.c.url == url).values(**values)
        )

    def _seen(self, source: str, urls: Sequence[str]) -> dict[str, Row[Any]]:
        found: dict[str, Row[Any]] = {}
        for i in range(0, len(urls), 500):
            rows = self._connection.execute(
                select(entries.c.url, entries.c.fingerprint, entries.c.state, entries.c.changes).where(
                    entries.c.source == source, entries.c.url.in_(urls[i : i + 500])
                )
            )
            found.update({row.url: row for row in rows})
        return found

    def _archived(self, urls: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for i in range(0, len(urls), 500):
            rows = self._connection.execute(select(articles.c.url).where(articles.c.url.in_(urls[i : i + 500])))
            found.update(row.url for row in rows)
        return found


def entry_columns(source: str, entry: Entry, at: datetime) -> dict[str, Any]:
    """The columns of an entry that is to be fetched at once."""
    return {
        "source": source,
        "url": entry.url,
        "fingerprint": entry.fingerprint(),
        "seen_at": at,
        "next_attempt_at": at,
        "payload": _payload(entry),
    }


def _payload(entry: Entry) -> dict[str, Any]:
    values = asdict(entry)
    values["published"] = entry.published and entry.published.isoformat()
    return values


def _entry(payload: dict[str, Any]) -> Entry:
    published = payload["published"]
    return Entry(**{**payload, "published": published and datetime.fromisoformat(published)})
