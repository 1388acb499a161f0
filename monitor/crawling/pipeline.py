"""The end of an article's way through Scrapy: into the archive."""

import logging
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from monitor.crawling.items import FetchedArticle
from monitor.crawling.visits import Visits

logger = logging.getLogger(__name__)


class ArchivePipeline:
    """Stores each article in a transaction of its own."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Called by Scrapy."""
        return cls(crawler)

    def process_item(self, item: object) -> object:
        """Store an article; other items pass. One that cannot be stored is fetched again in a later run."""
        visits = self._crawler.get_extension(Visits)
        if not isinstance(item, FetchedArticle) or visits is None:
            return item
        try:
            visits.store(item)
        except Exception as error:
            logger.exception("%s: this article could not be stored", item.entry_url)
            visits.postpone(item.article.source, item.entry_url, str(error))
            raise DropItem(f"{item.entry_url}: not stored") from error
        return item
