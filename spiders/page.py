"""One page, for `monitor explain URL`."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from monitor.crawling.items import FetchedPage


class PageSpider(Spider):
    """Fetches one page and hands it over as it is."""

    name = "page"

    def __init__(self, url: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._url = url

    async def start(self) -> AsyncIterator[Request]:
        """The one request."""
        yield Request(self._url, callback=self._fetched, errback=self._failed)

    def _fetched(self, response: Response) -> Iterator[FetchedPage]:
        if response.status == 200:
            kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
            yield FetchedPage(response.body, kind)
        else:
            yield FetchedPage(error=f"HTTP status {response.status}")

    def _failed(self, failure: Failure) -> Iterator[FetchedPage]:
        yield FetchedPage(error=failure.getErrorMessage())
