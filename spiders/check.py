"""Trial visits, which leave no trace in the archive: for `monitor sources check` and `add`."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response, TextResponse
from twisted.python.failure import Failure

from monitor.bootstrap import utc_now
from monitor.crawling.rendering import RENDER
from monitor.errors import ParseError
from monitor.parsing.articles import assemble, carries_full_text
from monitor.parsing.checks import Checked
from monitor.parsing.discovery import guesses, infer_listing
from monitor.parsing.feeds import discover_feeds
from monitor.parsing.pages import parse_page
from monitor.polls import SourceState
from monitor.settings import Source, Way
from monitor.settings.sources import Kind
from monitor.ways import address
from spiders.answers import content_type, reason
from spiders.kinds import READERS
from spiders.reading import renders

_MOST_FEEDS = 5
"""Announced feeds of one page that are tried."""

_MOST_ENTRIES = 500
"""Entries looked at: enough to judge a source."""


class CheckSpider(Spider):
    """Fetches each source once, and the page of its newest entry, and yields what it found as `Checked`.

    With `discover` a page that is no feed is searched: for feeds that it announces, for a listing in it, and at last at
    the addresses where sites have feeds and sitemaps without saying so.
    """

    name = "check"

    def __init__(self, sources: tuple[Source, ...] = (), discover: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._sources = sources
        self._discover = discover

    async def start(self) -> AsyncIterator[Request]:
        """One request for each way of each source."""
        for source in self._sources:
            for way in source.ways:
                yield self._request(source, way, discover=self._discover)

    def _request(self, source: Source, way: Way, *, discover: bool = False, guess: bool = False) -> Request:
        post = way.api.post if way.api and way.kind == "api" else None
        rsshub = str(self.settings.get("MONITOR_RSSHUB", "https://rsshub.app"))
        return Request(
            address(way, SourceState(source.name).way(0), rsshub),
            method="POST" if post else "GET",
            body=post or b"",
            callback=self._answered,
            errback=self._failed,
            dont_filter=True,
            meta={"dont_retry": True, "download_maxsize": way.max_size, RENDER: renders(way)},
            cb_kwargs={"source": source, "way": way, "discover": discover, "guess": guess},
        )

    def _answered(self, response: Response, source: Source, way: Way, discover: bool, guess: bool) -> Iterator[Any]:
        found = Checked(source.name, response.url, way)
        if response.status != 200:
            error = f"{response.url} answers with HTTP status {response.status}"
            yield from () if guess else (replace(found, error=error),)
            return
        try:
            reading = READERS[way.kind](response, source, way, SourceState(source.name), utc_now())
            entries = tuple(islice(reading.entries, _MOST_ENTRIES))
        except ParseError as error:
            if discover:
                yield from self._search(response, source, way, str(error))
            elif not guess:
                yield replace(found, error=str(error))
            return
        if reading.more and not entries:
            yield self._request(source, way.model_copy(update={"url": reading.more[0]}))
            return
        yield from self._sample(replace(found, entries=entries, skipped=tuple(reading.skipped)), source)

    def _search(self, response: Response, source: Source, way: Way, error: str) -> Iterator[Any]:
        announced = discover_feeds(response.body, response.url)
        for url in announced[:_MOST_FEEDS]:
            yield self._request(source, way.model_copy(update={"url": url}), guess=True)
        proposal = infer_listing(response.body, response.url, timezone=source.timezone, now=utc_now())
        if proposal is not None:
            listing = Way(kind="listing", url=response.url, listing=proposal.rule)
            yield from self._answered(response, source, listing, discover=False, guess=True)
        if not announced:
            for url in guesses(response.url):
                kind: Kind = "sitemap" if "sitemap" in url else "feed"
                yield self._request(source, Way(kind=kind, url=url), guess=True)
            if proposal is None:
                yield Checked(source.name, response.url, way, f"{error}; it announces no feed, and shows no listing")

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
            meta={"dont_retry": True, RENDER: source.page.render},
            cb_kwargs={"found": found, "source": source},
        )

    def _page(self, response: Response, found: Checked, source: Source) -> Iterator[Checked]:
        page = None
        if response.status != 200:
            yield replace(found, error=f"{response.url} answers with HTTP status {response.status}")
            return
        if isinstance(response, TextResponse):
            try:
                page = parse_page(
                    response.body,
                    response.url,
                    content_type=content_type(response),
                    timezone=source.timezone,
                    now=utc_now(),
                    rule=source.page,
                )
            except ParseError as error:
                yield replace(found, error=str(error))
                return
        yield replace(found, sample=assemble(found.entries[0], page, source))

    def _no_page(self, failure: Failure) -> Iterator[Checked]:
        found: Checked = failure.request.cb_kwargs["found"]  # type: ignore[attr-defined]
        yield replace(found, error=f"{found.entries[0].url}: {reason(failure)}")

    def _failed(self, failure: Failure) -> Iterator[Checked]:
        asked = failure.request.cb_kwargs  # type: ignore[attr-defined]
        if not asked["guess"]:
            url = failure.request.url  # type: ignore[attr-defined]
            yield Checked(asked["source"].name, url, asked["way"], f"{url}: {reason(failure)}")
