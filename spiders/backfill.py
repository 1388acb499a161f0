"""The past of a source, from its sitemaps and the archives of its feed: for `monitor backfill`."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from monitor.bootstrap import utc_now
from monitor.crawling.readers import PageReader
from monitor.crawling.visits import Visits
from monitor.errors import ParseError
from monitor.models import Entry
from monitor.parsing.feeds import stream_feed
from monitor.parsing.robots import read_robots
from monitor.parsing.sitemaps import parse_sitemap
from monitor.polls import SourceState
from monitor.settings import Source, Way
from monitor.ways import address
from spiders.answers import content_type, reason
from spiders.articles import ArticleFetches

MOST_FEED_PAGES = 2_000
"""Pages of a feed's archive that are followed."""


class BackfillSpider(Spider):
    """Reads a source's sitemaps and feed archives back to a day, then fetches the articles that are missing.

    What was read is recorded, so that a backfill that was interrupted goes on where it was. Nothing alerts.
    """

    name = "backfill"
    _articles: ArticleFetches

    def __init__(self, source: str = "", since: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._name = source
        self._since = datetime.fromisoformat(since).replace(tzinfo=UTC)
        self._pages = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Called by Scrapy."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        reader = PageReader(lambda: crawler.settings.getint("MONITOR_PROCESSES"))
        spider._articles = ArticleFetches(lambda: spider._visits, reader)
        crawler.signals.connect(lambda **_: reader.close(), signal=signals.spider_closed, weak=False)
        return spider

    @property
    def _visits(self) -> Visits:
        visits = self.crawler.get_extension(Visits)
        if visits is None:
            raise RuntimeError("the extension monitor.crawling.visits.Visits is switched off")
        return visits

    async def start(self) -> AsyncIterator[Any]:
        """The addresses that hold the past, and what an earlier backfill left to be fetched."""
        source = self._visits.begin_backfill(self._name)
        for request in self._addresses(source):
            yield request
        for work in self._articles.follow(source):
            yield work

    def _addresses(self, source: Source) -> Iterator[Request]:
        sitemaps = [way for way in source.ways if way.kind == "sitemap"]
        for way in source.ways:
            if way.kind in ("sitemap", "feed"):
                url = address(way, SourceState(source.name).way(0), str(self.settings.get("MONITOR_RSSHUB", "")))
                yield self._request(url, source, way)
        if not sitemaps and source.url.startswith("http"):
            parts = urlsplit(source.url)
            yield Request(
                f"{parts.scheme}://{parts.netloc}/robots.txt",
                callback=self._robots,
                errback=self._failed,
                dont_filter=True,
                cb_kwargs={"source": source, "way": None},
            )

    def _request(self, url: str, source: Source, way: Way) -> Request:
        return Request(
            url,
            callback=self._sitemap if way.kind == "sitemap" else self._feed,
            errback=self._failed,
            dont_filter=True,
            priority=1,
            meta={"download_maxsize": max(way.max_size, 60_000_000)},
            cb_kwargs={"source": source, "way": way},
        )

    def _robots(self, response: Response, source: Source, way: None) -> Iterator[Request]:  # noqa: ARG002
        """The sitemaps that robots.txt names, else the usual one."""
        named = read_robots(response.body).sitemaps() if response.status == 200 else ()
        for url in named or (response.urljoin("/sitemap.xml"),):
            yield self._request(url, source, Way(kind="sitemap", url=url, links=source.links))

    def _sitemap(self, response: Response, source: Source, way: Way) -> Iterator[Any]:
        if response.status != 200 or self._visits.backfill_read(source, self._key(response.url)):
            return
        try:
            found = parse_sitemap(response.body, response.url, way, timezone=source.timezone, now=utc_now())
        except ParseError as error:
            self.logger.warning("%s", error)
            return
        for child in found.children:
            if child.changed is None or child.changed >= self._since:
                yield self._request(child.url, source, way)
        pairs = zip(found.entries, found.changed, strict=True)
        wanted = [entry for entry, changed in pairs if changed is None or changed >= self._since]
        yield from self._note(source, response.url, wanted, final=not found.children)

    def _feed(self, response: Response, source: Source, way: Way) -> Iterator[Any]:
        if response.status != 200:
            return
        try:
            feed = stream_feed(
                response.body,
                response.url,
                content_type(response),
                rules=way.links,
                timezone=source.timezone,
                now=utc_now(),
            )
            entries = list(feed.entries)
        except ParseError as error:
            self.logger.warning("%s", error)
            return
        wanted = [entry for entry in entries if entry.published is None or entry.published >= self._since]
        self._pages += 1
        yield from self._note(source, response.url, wanted, final=False)
        if wanted and feed.hints.next_archive and self._pages < MOST_FEED_PAGES:
            yield self._request(feed.hints.next_archive, source, way)

    def _note(self, source: Source, url: str, entries: list[Entry], *, final: bool) -> Iterator[Any]:
        self._visits.backfill_note(source, self._key(url) if final else "", [replace(e, revision="") for e in entries])
        yield from self._articles.follow(source)

    def _key(self, url: str) -> str:
        """An address with the day it was read back to: further back there may be more."""
        return f"{self._since:%Y-%m-%d} {url}"

    def _failed(self, failure: Failure) -> Iterator[Any]:
        self.logger.warning("%s: %s", failure.request.url, reason(failure))  # type: ignore[attr-defined]
        yield from ()
