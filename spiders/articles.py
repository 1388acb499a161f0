"""From pending entries to articles: what has its text already is handed over, the others' pages are fetched."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

from scrapy import Request
from scrapy.http import Response, TextResponse
from twisted.python.failure import Failure

from monitor.crawling.items import FetchedArticle
from monitor.crawling.readers import PageReader
from monitor.crawling.visits import Visits
from monitor.errors import ParseError, UrlError
from monitor.models import Page, PendingEntry
from monitor.parsing.articles import assemble, carries_full_text
from monitor.settings import Source
from monitor.urls import canonical
from spiders.answers import content_type, reason, refused

logger = logging.getLogger(__name__)

_GONE = frozenset({401, 402, 403, 404, 410, 451})
"""Answers after which asking again for a page is no use: what the feed says of it must do."""

FEW_WAITING = 20
"""Pages of one source that wait at once; the rest waits in the archive, not in memory."""


class ArticleFetches:
    """The page fetches of one run."""

    def __init__(self, visits: Callable[[], Visits], reader: PageReader) -> None:
        self._visits = visits
        self._reader = reader
        self._waiting: dict[str, int] = {}

    def follow(self, source: Source) -> Iterator[Any]:
        """Articles and requests for the pending entries of a source, as many as may wait; it goes on as they come."""
        while self._waiting.get(source.name, 0) < FEW_WAITING:
            batch = self._visits().pending(source)
            if not batch:
                return
            for pending in batch:
                yield from self._begin(pending, source)

    def _begin(self, pending: PendingEntry, source: Source) -> Iterator[Any]:
        try:
            if carries_full_text(pending.entry, source):
                yield _article(pending, source, None)
                return
            request = self._request(pending.entry.url, pending, source, ())
        except Exception as error:  # one entry must not keep the others from being read
            logger.exception("%s: this entry could not be read", pending.entry.url)
            self._visits().postpone(source.name, pending.entry.url, f"{type(error).__name__}: {error}")
            return
        self._waiting[source.name] = self._waiting.get(source.name, 0) + 1
        yield request

    def _request(self, url: str, pending: PendingEntry, source: Source, before: tuple[Page, ...]) -> Request:
        return Request(
            url,
            callback=self._fetched,
            errback=self._not_fetched,
            dont_filter=True,
            meta={"dont_retry": True},
            cb_kwargs={"pending": pending, "source": source, "before": before},
        )

    async def _fetched(
        self, response: Response, pending: PendingEntry, source: Source, before: tuple[Page, ...]
    ) -> AsyncIterator[Any]:
        if response.status == 200:
            yield await self._read(response, pending, source, before)
        elif response.status in _GONE or pending.last_try or before:
            yield _article(pending, source, None, before)
        else:
            for stopgap in self._later(pending, source, f"HTTP status {response.status}"):
                yield stopgap
        for work in self._next(source):
            yield work

    async def _read(
        self, response: Response, pending: PendingEntry, source: Source, before: tuple[Page, ...]
    ) -> FetchedArticle:
        try:
            page = await self._page(response, source)
        except ParseError as error:
            logger.info("%s", error)  # a page that is none: what the feed says must do
            page = None
        except Exception:  # whatever the page holds
            logger.exception("%s: this page could not be read", response.url)
            page = None
        return _article(pending, source, page, before, response.url)

    async def _page(self, response: Response, source: Source) -> Page | None:
        if not isinstance(response, TextResponse):
            return None
        return await self._reader.read(response.body, response.url, content_type(response), source)

    def _not_fetched(self, failure: Failure) -> Iterator[Any]:
        asked = failure.request.cb_kwargs  # type: ignore[attr-defined]
        pending, source, before = asked["pending"], asked["source"], asked["before"]
        if refused(failure) or pending.last_try or before:
            yield _article(pending, source, None, before)
        else:
            yield from self._later(pending, source, reason(failure))
        yield from self._next(source)

    def _later(self, pending: PendingEntry, source: Source, why: str) -> Iterator[FetchedArticle]:
        """Until the page can be had, what the feed says of it is stored: its headline may be the news."""
        self._visits().postpone(source.name, pending.entry.url, why)
        yield FetchedArticle(assemble(pending.entry, None, source), pending.entry.url, pending.baseline, final=False)

    def _next(self, source: Source) -> Iterator[Any]:
        self._waiting[source.name] -= 1
        if self._waiting[source.name] < FEW_WAITING // 2:
            yield from self.follow(source)


def _article(
    pending: PendingEntry,
    source: Source,
    page: Page | None,
    before: tuple[Page, ...] = (),
    found_at: str = "",
) -> FetchedArticle:
    entry = pending.entry
    if source.resolve and found_at:
        entry = replace(entry, url=_resolved(found_at, entry.url))
    return FetchedArticle(assemble(entry, page, source), pending.entry.url, pending.baseline)


def _resolved(found_at: str, url: str) -> str:
    try:
        return canonical(found_at)
    except UrlError:
        return url
