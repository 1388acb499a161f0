"""RSS, Atom and JSON feeds."""

from datetime import datetime

from scrapy.http import Response

from monitor.parsing.feeds import stream_feed
from monitor.polls import SourceState
from monitor.settings import Source, Way
from spiders.answers import content_type
from spiders.reading import Reading


def read_feed(response: Response, source: Source, way: Way, state: SourceState, now: datetime) -> Reading:  # noqa: ARG001 - see Reader
    """The feed's entries."""
    feed = stream_feed(
        response.body, response.url, content_type(response), rules=way.links, timezone=source.timezone, now=now
    )
    return Reading(feed.entries, feed.hints, skipped=tuple(feed.skipped))
