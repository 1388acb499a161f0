"""The end of an article's way through Scrapy: into the archive."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from monitor.crawling.items import FetchedArticle
from monitor.crawling.visits import Visits

logger = logging.getLogger(__name__)


class ArchivePipeline:
    """Stores each article in a transaction of its own, in a thread: while the disk writes, the crawl goes on."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="archive")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Called by Scrapy."""
        return cls(crawler)

    def close_spider(self) -> None:
        """Called by Scrapy, when everything was stored."""
        self._writer.shutdown()

    async def process_item(self, item: object) -> object:
        """Store an article; other items pass. One that cannot be stored is fetched again in a later run."""
        visits = self._crawler.get_extension(Visits)
        if not isinstance(item, FetchedArticle) or visits is None:
            return item
        try:
            done = await asyncio.get_running_loop().run_in_executor(self._writer, visits.store, item)
        except Exception as error:
            about = {"source": item.article.source, "url": item.entry_url}
            logger.exception("%s: this article could not be stored", item.entry_url, extra=about)
            visits.postpone(item.article.source, item.entry_url, str(error))
            raise DropItem(f"{item.entry_url}: not stored") from error
        visits.stored(item, done)
        return item
