"""What a way's answer holds: one small module for each kind does the reading, by the pure parsers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from scrapy.http import Response

from monitor.models import Entry, FeedHints
from monitor.polls import SourceState
from monitor.settings import Source, Way


@dataclass(frozen=True, slots=True)
class Reading:
    """The entries in an answer, and what else it says.

    `remembered` are entries too old to be fetched. `more` are addresses that belong to the same poll: further pages of
    a listing, the sitemaps of an index. `volatile` says that these may change while the answer stays the same, so that
    it must not be asked for conditionally. `skipped` says why of what was dropped.
    """

    entries: Iterable[Entry]
    hints: FeedHints = field(default_factory=FeedHints)
    remembered: Iterable[Entry] = ()
    more: tuple[str, ...] = ()
    volatile: bool = False
    skipped: tuple[str, ...] = ()


class Reader(Protocol):
    """Reads one kind of answer; raises ParseError when it is not what it should be."""

    def __call__(self, response: Response, source: Source, way: Way, state: SourceState, now: datetime) -> Reading:
        """The entries in the answer."""
        ...


def renders(way: Way) -> bool:
    """True if what the way's address answers is to be rendered by a browser."""
    return way.kind == "listing" and way.listing is not None and way.listing.render
