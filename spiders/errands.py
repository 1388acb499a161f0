"""The spider of a worker: it visits what it is told to, as long as it is told."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy.exceptions import CloseSpider

from monitor.crawling.errands import Errands
from monitor.errors import ConfigError
from spiders.source import SourceSpider

_LOOK = 0.05
"""Seconds between looks for errands, and whether those begun are done."""


class ErrandSpider(SourceSpider):
    """Visits the sources that come through a pipe, and tells of each when all is done that was due of it."""

    name = "errands"

    def __init__(self, errands: Errands, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._errands = errands
        self._quiet: dict[str, int] = {}

    async def start(self) -> AsyncIterator[Any]:
        """Polls, or pages still to be fetched, of the sources that come."""
        self.visits.begin_errands()
        while not self._errands.ended or self._quiet:
            for name in self._errands.taken():
                for work in self._begin(name):
                    yield work
            await asyncio.sleep(_LOOK)
            if why := self.visits.to_end:
                raise CloseSpider(why)
            self._report()

    def _begin(self, name: str) -> Iterator[Any]:
        try:
            due = self.visits.errand(name)
        except ConfigError as error:
            self._errands.failed(name, str(error))
            return
        for visit in due:
            yield from self._visit(visit.source, visit.position)
        for source, position in self.visits.hubs_due():
            if source == name:
                yield from self._hubs.follow(source, position)
        self._quiet[name] = 0

    def _report(self) -> None:
        """Tell of what is done: between a poll and its pages a source is at rest for a moment too."""
        self._errands.beat()
        for name, looks in list(self._quiet.items()):
            if self.visits.at_work(name):
                self._quiet[name] = 0
            elif looks < 2:
                self._quiet[name] += 1
            else:
                del self._quiet[name]
                self._errands.done(name)
