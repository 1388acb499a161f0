"""RSS, Atom and JSON feeds."""

from scrapy.http import Response

from monitor.bootstrap import utc_now
from monitor.models import Entry
from monitor.parsing.feeds import parse_feed
from monitor.settings import Source
from spiders.source import SourceSpider


class FeedSpider(SourceSpider):
    """Visits sources of the kind `feed`."""

    name = "feed"

    def read(self, response: Response, source: Source) -> tuple[Entry, ...]:
        """The feed's entries."""
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        feed = parse_feed(
            response.body, response.url, kind, rules=source.links, timezone=source.timezone, now=utc_now()
        )
        for reason in feed.skipped:
            self.logger.info("%s: %s", source.name, reason)
        return feed.entries
