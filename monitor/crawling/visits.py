"""Visits: one poll of one source with the article fetches that follow from it, between spiders and the archive."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

from monitor.archive.sources import SourceRow
from monitor.bootstrap import Application, application, environment, utc_now
from monitor.config import Config
from monitor.crawling.items import FetchedArticle
from monitor.errors import MonitorError
from monitor.models import PendingEntry, Poll, PollOutcome, SourceState
from monitor.settings import Source
from monitor.timing import next_poll, schedule_of

logger = logging.getLogger(__name__)

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Visit:
    """A source to visit; without `poll` only pages that could not be had before are fetched."""

    source: Source
    poll: bool


class Visits:
    """Scrapy extension that spiders ask for their work and tell of its outcome. Connects when first used."""

    def __init__(self, crawler: Crawler) -> None:
        self._alert_old = crawler.settings.getbool("MONITOR_ALERT_OLD")
        self._app: Application | None = None
        self._run_id: int | None = None
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
        self._app = application(environment())
        self._ingest = self._app.ingest(alert_old=self._alert_old)
        config = self._app.config
        sources = [config.source(name) for name in names] if names else list(config.sources)
        now = utc_now()
        self._app.archive.upgrade()
        with self._app.archive.writing() as tables:
            tables.sources.sync(_rows(config), now)
            self._run_id = tables.runs.start(now)
            ready = set(tables.sources.due([source.name for source in sources], now))
            waiting = tables.entries.sources_with_pending(now)
        return [
            Visit(source, poll=not due or source.name in ready)
            for source in sources
            if not due or source.name in ready | waiting
        ]

    @property
    def _opened(self) -> Application:
        if self._app is None:
            raise RuntimeError("begin() comes first")
        return self._app

    def state(self, source: Source) -> SourceState:
        """What is known of a source from former polls."""
        with self._opened.archive.reading() as tables:
            return tables.sources.get(source.name) or SourceState(source.name)

    def polled(self, source: Source, poll: Poll) -> None:
        """Record a poll: the source's state, the visit and new entries, in one transaction."""
        now = utc_now()
        with self._opened.archive.writing() as tables:
            before = tables.sources.get(source.name) or SourceState(source.name)
            failures = before.failures + 1 if poll.outcome.failed else 0
            baseline = before.last_success_at is None
            new = tables.entries.note(source.name, poll.entries, now, baseline=baseline) if poll.entries else 0
            if poll.outcome is PollOutcome.NEW and not new:
                poll = replace(poll, outcome=PollOutcome.NOTHING_NEW)
            due = next_poll(source, self._opened.config.schedule, now, failures=failures, retry_after=poll.retry_after)
            tables.sources.polled(poll, now, due)
            if self._run_id is not None:
                tables.runs.visited(self._run_id, poll, new, now)
        self.counts["polls"] += 1
        self.counts["failed"] += poll.outcome.failed
        self.counts["entries"] += new
        logger.log(
            logging.WARNING if poll.outcome.failed else logging.INFO,
            "%s: %s, %d new%s",
            source.name,
            poll.outcome.value,
            new,
            f": {poll.error}" if poll.error else "",
        )

    def pending(self, source: Source) -> list[PendingEntry]:
        """Entries whose page is to be fetched now, of this visit and former ones; oldest first, as the news came."""
        with self._opened.archive.reading() as tables:
            found = tables.entries.pending(source.name, utc_now())
        return sorted(found, key=lambda p: p.entry.published or _LONG_AGO)

    def store(self, fetched: FetchedArticle) -> None:
        """Hand an article to the archive."""
        entry = fetched.entry_url if fetched.final else None
        done = self._ingest.store(fetched.article, baseline=fetched.baseline, entry_url=entry)
        self.counts[done.stored.value] += 1
        self.counts["alerts"] += done.alerts

    def postpone(self, source: str, url: str, reason: str) -> None:
        """The page of an entry could not be had or stored: it is tried again later."""
        logger.info("%s: %s: %s; will be tried again", source, url, reason)
        self.counts["postponed"] += 1
        with self._opened.archive.writing() as tables:
            tables.entries.failed(source, url, utc_now())

    def close(self) -> None:
        """Record the end of the run."""
        if self._app is not None and self._run_id is not None:
            with self._app.archive.writing() as tables:
                tables.runs.finish(self._run_id, self.counts, utc_now())
            self._app.archive.close()
            self._run_id = None


def sync_sources(app: Application) -> None:
    """Make the archive know the configured sources and their schedules."""
    with app.archive.writing() as tables:
        tables.sources.sync(_rows(app.config), utc_now())


def anything_due(app: Application) -> bool:
    """True if a source's time has come, or a page is to be fetched again. Sources must be in sync."""
    now = utc_now()
    names = [source.name for source in app.config.sources]
    with app.archive.reading() as tables:
        return bool(tables.sources.due(names, now)) or not tables.entries.sources_with_pending(now).isdisjoint(names)


def _definition(source: Source) -> str:
    """A short hash of what decides how the source is read."""
    said = source.model_dump_json(include={"kind", "url", "links", "full_text", "timezone"})
    return blake2b(said.encode(), digest_size=16).hexdigest()


def _rows(config: Config) -> list[SourceRow]:
    return [
        SourceRow(source.name, source.title or source.name, schedule_of(source, config.schedule), _definition(source))
        for source in config.sources
    ]
