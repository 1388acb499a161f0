"""Listing pages."""

from datetime import datetime

from scrapy.http import Response

from monitor.parsing.listings import parse_listing
from monitor.polls import SourceState
from monitor.settings import Source, Way
from spiders.answers import content_type
from spiders.reading import Reading, renders


def read_listing(response: Response, source: Source, way: Way, state: SourceState, now: datetime) -> Reading:  # noqa: ARG001 - see Reader
    """The entries of a listing page, and the address of the next one."""
    found = parse_listing(
        response.body, response.url, way, content_type=content_type(response), timezone=source.timezone, now=now
    )
    return Reading(
        found.entries,
        more=(found.next_page,) if found.next_page else (),
        volatile=renders(way),  # the page stays the same when its scripts show something new
        skipped=found.skipped,
    )
