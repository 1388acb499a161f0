"""Trial visits, which leave no trace in the archive: for `monitor sources check` and `add`."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response, TextResponse
from twisted.python.failure import Failure

from monitor.bootstrap import utc_now
from monitor.errors import ParseError
from monitor.parsing.articles import assemble, carries_full_text
from monitor.parsing.checks import Checked
from monitor.parsing.feeds import discover_feeds, parse_feed
from monitor.parsing.pages import parse_page
from monitor.settings import Source

_MOST_FEEDS = 5
"""Announced feeds of one page that are tried."""


class CheckSpider(Spider):
    """Fetches each source once, and the page of its newest entry, and yields what it found as `Checked`."""

    name = "check"

    def __init__(self, sources: tuple[Source, ...] = (), discover: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._sources = sources
        self._discover = discover

    async def start(self) -> AsyncIterator[Request]:
        """One request for each source."""
        for source in self._sources:
            yield self._request(source, discover=self._discover)

    def _request(self, source: Source, *, discover: bool) -> Request:
        return Request(
            source.url,
            callback=self._answered,
            errback=self._failed,
            dont_filter=True,
            meta={"dont_retry": True, "download_maxsize": source.max_size},
            cb_kwargs={"source": source, "discover": discover},
        )

    def _answered(self, response: Response, source: Source, discover: bool) -> Iterator[Any]:
        if response.status != 200:
            yield Checked(source.name, response.url, f"{response.url} answers with HTTP status {response.status}")
            return
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        try:
            feed = parse_feed(
                response.body, response.url, kind, rules=source.links, timezone=source.timezone, now=utc_now()
            )
        except ParseError as error:
            announced = discover_feeds(response.body, response.url) if discover else ()
            for url in announced[:_MOST_FEEDS]:
                yield self._request(source.model_copy(update={"url": url}), discover=False)
            if not announced:
                yield Checked(source.name, response.url, str(error))
            return
        found = Checked(source.name, response.url, None, feed.title, feed.entries, feed.skipped)
        yield from self._sample(found, source)

    def _sample(self, found: Checked, source: Source) -> Iterator[Any]:
        if not found.entries:
            yield found
            return
        newest = found.entries[0]
        if carries_full_text(newest, source):
            yield replace(found, sample=assemble(newest, None, source), full_text=True)
            return
        yield Request(
            newest.url,
            callback=self._page,
            errback=self._no_page,
            dont_filter=True,
            cb_kwargs={"found": found, "source": source},
        )

    def _page(self, response: Response, found: Checked, source: Source) -> Iterator[Checked]:
        page = None
        if isinstance(response, TextResponse):
            kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
            page = parse_page(response.body, response.url, content_type=kind, timezone=source.timezone, now=utc_now())
        yield replace(found, sample=assemble(found.entries[0], page, source))

    def _no_page(self, failure: Failure) -> Iterator[Checked]:
        found: Checked = failure.request.cb_kwargs["found"]  # type: ignore[attr-defined]
        yield replace(found, error=f"{found.entries[0].url}: {failure.getErrorMessage()}")

    def _failed(self, failure: Failure) -> Iterator[Checked]:
        source: Source = failure.request.cb_kwargs["source"]  # type: ignore[attr-defined]
        yield Checked(source.name, source.url, f"{source.url}: {failure.getErrorMessage()}")
