"""The kinds of source, and who reads them."""

from collections.abc import Mapping

from monitor.settings import Way
from monitor.settings.sources import Kind
from spiders.api import read_api
from spiders.feed import read_feed
from spiders.listing import read_listing
from spiders.reading import Reader
from spiders.sitemap import read_sitemap

READERS: Mapping[Kind, Reader] = {
    "feed": read_feed,
    "sitemap": read_sitemap,
    "listing": read_listing,
    "api": read_api,
}


def pages_of(way: Way) -> int:
    """How many answers are read in one poll, at most."""
    if way.kind == "sitemap":
        return way.sitemap.newest + 1
    rule = way.listing or way.api
    return rule.pages if rule and way.kind != "feed" else 1
