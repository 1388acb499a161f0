"""Sitemaps and indexes of them."""

from datetime import datetime, timedelta

from scrapy.http import Response

from monitor.parsing.sitemaps import children_to_read, parse_sitemap
from monitor.polls import SourceState
from monitor.settings import Source, Way
from spiders.reading import Reading

FIRST_DAYS, FIRST_ENTRIES = timedelta(days=7), 100
"""How far back, and how many articles at most, are fetched on a first visit; `monitor backfill` fetches the rest."""


def read_sitemap(response: Response, source: Source, way: Way, state: SourceState, now: datetime) -> Reading:
    """The articles of a sitemap, or the newest sitemaps of an index, which are read in the same poll."""
    found = parse_sitemap(response.body, response.url, way, timezone=source.timezone, now=now)
    more = children_to_read(found.children, way.sitemap.newest, state.last_success_at)
    silent_children = any(child.changed is None for child in found.children)
    if state.last_success_at is not None and not any(found.changed):
        return Reading(found.entries, more=more, volatile=silent_children)  # what is new is what was not remembered
    most = FIRST_ENTRIES if state.last_success_at is None else len(found.entries)
    fresh, old = found.split((state.last_success_at or now) - FIRST_DAYS, most)
    return Reading(fresh, remembered=old, more=more, volatile=silent_children)
