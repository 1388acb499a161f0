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
from monitor.crawling.rendering import RENDER
from monitor.crawling.visits import Visits
from monitor.errors import ParseError, UrlError
from monitor.models import Page, PendingEntry, RawPage
from monitor.parsing.articles import assemble, carries_full_text
from monitor.parsing.pagination import join_pages
from monitor.settings import Source
from monitor.urls import canonical
from spiders.answers import content_type, reason, refused

logger = logging.getLogger(__name__)

_GONE = frozenset({401, 402, 403, 404, 410, 451})
"""Answers after which asking again for a page is no use: what the feed says of it must do."""

MOST_PAGES = 10
"""Pages of one article that are fetched."""

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
                yield _article(pending, source)
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
            meta={"dont_retry": True, RENDER: source.page.render},
            cb_kwargs={"pending": pending, "source": source, "before": before},
        )

    async def _fetched(
        self, response: Response, pending: PendingEntry, source: Source, before: tuple[Page, ...]
    ) -> AsyncIterator[Any]:
        if response.status == 200:
            page = await self._page(response, source)
            following = self._following(page, before)
            pages = (*before, page) if page is not None else before
            if following:
                yield self._request(following, pending, source, pages)
                return
            article = _article(pending, source, pages, response.url)
            yield replace(article, raw=_raw(response)) if len(pages) == 1 else article
        elif response.status in _GONE or pending.last_try or before:
            yield _article(pending, source, before)
        else:
            for stopgap in self._later(pending, source, f"HTTP status {response.status}"):
                yield stopgap
        for work in self._next(source):
            yield work

    async def _page(self, response: Response, source: Source) -> Page | None:
        if not isinstance(response, TextResponse):
            return None
        try:
            return await self._reader.read(response.body, response.url, content_type(response), source)
        except ParseError as error:
            logger.info("%s", error)  # a page that is none: what the feed says must do
        except Exception:  # whatever the page holds
            logger.exception("%s: this page could not be read", response.url)
        return None

    def _following(self, page: Page | None, before: tuple[Page, ...]) -> str:
        """The address of a long article's next page, if it is to be fetched."""
        if page is None or len(before) + 1 >= MOST_PAGES:
            return ""
        return page.next_page if all(page.text != other.text for other in before) else ""

    def _not_fetched(self, failure: Failure) -> Iterator[Any]:
        asked = failure.request.cb_kwargs  # type: ignore[attr-defined]
        pending, source, before = asked["pending"], asked["source"], asked["before"]
        if refused(failure) or pending.last_try or before:
            yield _article(pending, source, before)
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


def _article(pending: PendingEntry, source: Source, pages: tuple[Page, ...] = (), found_at: str = "") -> FetchedArticle:
    entry = pending.entry
    if source.resolve and found_at:
        entry = replace(entry, url=_resolved(found_at, entry.url))
    page = join_pages(pages) if pages else None
    return FetchedArticle(assemble(entry, page, source), pending.entry.url, pending.baseline)


def _raw(response: Response) -> RawPage:
    return RawPage(response.url, content_type(response), response.body)


def _resolved(found_at: str, url: str) -> str:
    try:
        return canonical(found_at)
    except UrlError:
        return url
