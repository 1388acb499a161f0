"""Visits: one poll of one source with the article fetches that follow from it, between spiders and the archive."""

import logging
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

from monitor.archive import Archive
from monitor.archive.backfills import WAITING
from monitor.bootstrap import Application, application, environment, utc_now
from monitor.crawling.due import rows
from monitor.crawling.hubs import Hubs
from monitor.crawling.items import FetchedArticle
from monitor.crawling.ledger import Begun, Ledger
from monitor.errors import ArchiveError, MonitorError
from monitor.ingest import Ingested
from monitor.models import Entry, PendingEntry
from monitor.polls import Poll, SourceState
from monitor.settings import Source
from monitor.tracing import past
from monitor.ways import address, asks_in_full, first_way

logger = logging.getLogger(__name__)

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_SHARE_OF_DEADLINE = 0.9


@dataclass(frozen=True, slots=True)
class Visit:
    """A source to visit by the way at `position`; None if only pages that could not be had before are fetched."""

    source: Source
    position: int | None


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked of a source: the address, and what is known from before; `in_full`: although something is known."""

    source: Source
    position: int
    address: str
    state: SourceState
    in_full: bool = False


class Visits:
    """Scrapy extension that spiders ask for their work and tell of its outcome. Connects when first used."""

    def __init__(self, crawler: Crawler) -> None:
        self._alert_old = crawler.settings.getbool("MONITOR_ALERT_OLD")
        self._app: Application | None = None
        self._run_id: int | None = None
        self._names: Sequence[str] = ()
        self._begun = 0.0
        self._visiting: dict[str, Begun] = {}
        self._asked: dict[str, set[str]] = {}
        self._fetching = "pending"
        self.counts: Counter[str] = Counter()
        self.failure: MonitorError | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Called by Scrapy."""
        extension = cls(crawler)
        crawler.signals.connect(extension.close, signal=signals.spider_closed)
        return extension

    def begin(self, names: Sequence[str], *, due: bool) -> list[Visit]:
        """Start a run and return what is to be visited: the named sources (all if none is named), or those due.

        Raises:
            ConfigError: for a name that is not configured.
            ArchiveError: when the archive cannot be used.
        """
        try:
            return self._begin(names, due=due)
        except MonitorError as error:
            self.failure = error  # Scrapy only logs what a spider raises
            raise

    def _begin(self, names: Sequence[str], *, due: bool) -> list[Visit]:
        self._names = names
        now = self._open()
        with self._opened.archive.writing() as tables:
            tables.sources.sync(rows(self._opened.config), now)
        if due:
            return self.due()
        return [self._visit(source, now) for source in self._sources()]

    def _open(self) -> datetime:
        self._app = application(environment())
        self._ingest = self._app.ingest(alert_old=self._alert_old)
        now, self._begun = utc_now(), time.monotonic()
        self._app.archive.upgrade()
        with self._app.archive.writing() as tables:
            self._run_id = tables.runs.start(now)
        return now

    def begin_errands(self) -> None:
        """Start a run that visits what it is told to (`errand`); what is configured is the scheduler's to record.

        Raises:
            MonitorError: like `begin`.
        """
        try:
            self._open()
        except MonitorError as error:
            self.failure = error
            raise

    def errand(self, name: str) -> list[Visit]:
        """What is due of one source now; nothing if another process was faster.

        Raises:
            ConfigError: for a name that is not configured.
        """
        source, now = self._opened.config.source(name), utc_now()
        with self._opened.archive.reading() as tables:
            due = tables.sources.is_due(name, now)
            waits = due or bool(tables.entries.pending(name, now))
        if due:
            return [self._visit(source, now)]
        return [Visit(source, None)] if waits else []

    def at_work(self, name: str) -> bool:
        """True while a source is being polled, or a page of it is being fetched."""
        return name in self._visiting or bool(self._asked.get(name))

    def _sources(self) -> list[Source]:
        config = self._opened.config
        return [config.source(name) for name in self._names] if self._names else list(config.sources)

    def due(self) -> list[Visit]:
        """What has come due, of sources that are not being visited now."""
        now = utc_now()
        sources = [source for source in self._sources() if source.name not in self._visiting]
        with self._opened.archive.reading() as tables:
            ready = set(tables.sources.due([source.name for source in sources], now))
            waiting = tables.entries.sources_with_pending(now)
        return [self._visit(source, now) for source in sources if source.name in ready] + [
            Visit(source, None)
            for source in sources
            if source.name in waiting - ready and not self._asked.get(source.name)
        ]

    def hubs_due(self) -> list[tuple[str, int]]:
        """Sources, and their ways, whose hubs are to be asked again now."""
        return self.hubs.due({source.name for source in self._sources()})

    def _visit(self, source: Source, now: datetime) -> Visit:
        return Visit(source, first_way(self._ledger.state(source), len(source.ways), now))

    @property
    def _opened(self) -> Application:
        if self._app is None:
            raise RuntimeError("begin() comes first")
        return self._app

    @cached_property
    def _ledger(self) -> Ledger:
        if self._run_id is None:
            raise RuntimeError("begin() comes first")
        return Ledger(self._opened, self.hubs, self._run_id)

    @cached_property
    def hubs(self) -> Hubs:
        """The subscriptions at hubs."""
        return Hubs(self._opened.archive, self._opened.config.websub)

    @property
    def busy(self) -> bool:
        """True while a source is being polled, or a page of one is being fetched."""
        return bool(self._visiting) or any(self._asked.values())

    @property
    def to_end(self) -> str:
        """Why the run is to end by itself, if it is: what is left waits in the archive."""
        if self.failure is not None:
            return "archive"
        return "deadline" if self._out_of_time else ""

    @property
    def _out_of_time(self) -> bool:
        """True some time before the run's deadline."""
        return self._spent > _SHARE_OF_DEADLINE * self._opened.config.schedule.deadline

    @property
    def _spent(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self._begun)

    @property
    def archive(self) -> Archive | None:
        """The archive, None before a run has begun."""
        return self._app.archive if self._app is not None and self._run_id is not None else None

    def ask(self, source: Source, position: int) -> Asking:
        """What is to be asked of a source by one of its ways, which is now being visited."""
        state, now = self._ledger.state(source), utc_now()
        self._visiting.setdefault(source.name, Begun(now, state.failures, state.last_polled_at))
        known = state.way(position)
        wanted = address(source.ways[position], known, self._opened.config.crawl.rsshub)
        return Asking(source, position, wanted, state, in_full=asks_in_full(state, position, now))

    def polled(self, source: Source, poll: Poll) -> int | None:
        """Record a poll (`Ledger.record`); returns the way that is to be asked in the same visit, if any.

        Raises:
            ParseError: when the entries, read only now, cannot be read to the end; those before are recorded.
        """
        begun = self._visiting.get(source.name)
        with self._needed():
            recorded = self._ledger.record(source, poll, begun)
        following = recorded.following if recorded is not None else None
        if following is None or begun is None:
            self._visiting.pop(source.name, None)
        elif recorded is not None:
            self._visiting[source.name] = replace(begun, known=recorded.at)
        if recorded is not None:
            self.counts["polls"] += 1
            self.counts["failed"] += recorded.poll.outcome.failed
            self.counts["entries"] += recorded.new
        return following

    def pending(self, source: Source) -> list[PendingEntry]:
        """Some entries whose page is to be fetched now, none that this run is fetching; oldest first, as the news came.

        Each is to be answered by `store` or `postpone`.
        """
        asked = self._asked.setdefault(source.name, set())
        now, last = utc_now(), None
        found: list[PendingEntry] = []
        with self._needed(), self._opened.archive.reading() as tables:
            while not found:
                batch = tables.entries.pending(source.name, now, last, state=self._fetching)
                if not batch:
                    return []
                last = batch[-1].key
                found = [pending for pending in batch if pending.entry.url not in asked]
        asked.update(pending.entry.url for pending in found)
        return sorted(found, key=lambda p: p.entry.published or _LONG_AGO)

    def begin_backfill(self, name: str) -> Source:
        """Start a run that fetches a source's past, silently; raises like `begin`."""
        try:
            self._begin([name], due=True)
            self._ingest = self._opened.ingest(silent=True)
            self._fetching = WAITING
            return self._opened.config.source(name)
        except MonitorError as error:
            self.failure = error
            raise

    def backfill_read(self, source: Source, address: str) -> bool:
        """True if a backfill has read an address to its end before."""
        with self._opened.archive.reading() as tables:
            return tables.backfills.was_read(source.name, address)

    def backfill_note(self, source: Source, address: str, found: Sequence[Entry]) -> None:
        """Record what an address of the past holds; "" for one that is to be read again next time."""
        with self._opened.archive.writing() as tables:
            self.counts["entries"] += tables.backfills.note(source.name, address, found, utc_now())

    def store(self, fetched: FetchedArticle) -> Ingested:
        """Hand an article to the archive; may run in another thread. `stored` is to be told of it then."""
        entry = fetched.entry_url if fetched.final else None
        kept = self._opened.config.crawl.raw_pages
        raw = fetched.raw if kept and fetched.raw and len(fetched.raw.body) <= kept.max_page else None
        return self._ingest.store(fetched.article, baseline=fetched.baseline, entry_url=entry, raw=raw)

    def stored(self, fetched: FetchedArticle, done: Ingested) -> None:
        """An article is in the archive."""
        about = {"run": self._run_id, "source": fetched.article.source, "article": done.article_id}
        logger.debug("%s: %s: %s", fetched.article.source, done.stored.value, fetched.article.url, extra=about)
        self.counts[done.stored.value] += 1
        self.counts["alerts"] += done.alerts
        if fetched.final:
            self._answered(fetched.article.source, fetched.entry_url)

    def postpone(self, source: str, url: str, reason: str) -> None:
        """The page of an entry could not be had or stored: it is tried again later."""
        about = {"run": self._run_id, "source": source, "url": url}
        logger.info("%s: %s: %s; will be tried again", source, url, reason, extra=about)
        self.counts["postponed"] += 1
        with self._needed(), self._opened.archive.writing() as tables:
            tables.entries.failed(source, url, utc_now())
        self._answered(source, url)

    @contextmanager
    def _needed(self) -> Iterator[None]:
        """What a run cannot go on without: it ends when the archive fails, and what is left is done by the next one."""
        try:
            yield
        except ArchiveError as error:
            self.failure = self.failure or error
            raise

    def _answered(self, source: str, url: str) -> None:
        self._asked.get(source, set()).discard(url)

    def close(self) -> None:
        """Record the end of the run."""
        if self._app is not None and self._run_id is not None:
            with self._app.archive.writing() as tables:
                now = utc_now()
                tables.runs.finish(self._run_id, self.counts, now)
                past("crawl", now - self._spent, now, run=self._run_id, **self.counts)
                if (kept := self._app.config.crawl.raw_pages) is not None:
                    tables.raw_pages.prune(kept.total)
            self._run_id = None
            self._app.archive.close()
