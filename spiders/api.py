"""JSON interfaces."""

from datetime import datetime

from scrapy.http import Response

from monitor.parsing.api import parse_api
from monitor.polls import SourceState
from monitor.settings import Source, Way
from spiders.reading import Reading


def read_api(response: Response, source: Source, way: Way, state: SourceState, now: datetime) -> Reading:  # noqa: ARG001 - see Reader
    """The entries of a JSON answer, and the address of the next one."""
    found = parse_api(response.body, response.url, way, timezone=source.timezone, now=now)
    return Reading(found.entries, more=(found.next_page,) if found.next_page else (), skipped=found.skipped)
