"""The way of all sources: poll one, fetch the pages of its new entries, hand over articles.

One spider visits sources of every kind, since a source may have ways of several kinds, and one run keeps to one order
of turns at each host. What the kinds differ in is in `spiders.feed`, `sitemap`, `listing` and `api`.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import chain
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from monitor.bootstrap import utc_now
from monitor.crawling.readers import PageReader
from monitor.crawling.rendering import RENDER
from monitor.crawling.visits import Asking, Visits
from monitor.errors import ParseError
from monitor.models import Entry
from monitor.parsing.feedhints import announced
from monitor.polls import Poll, PollOutcome, Validators
from monitor.settings import Source, Way
from spiders.answers import conditions, digest, links, moved_to, reason, refused, validators, wishes
from spiders.articles import ArticleFetches
from spiders.hubs import HubRequests
from spiders.kinds import READERS, pages_of
from spiders.reading import Reading, renders

_LOOK, _LOOKS = timedelta(seconds=0.05), 200
"""How often a run looks whether all is done, and after how many looks for what has come due meanwhile."""


@dataclass(slots=True)
class _Poll:
    """A poll in the making: what its first answer said, and what was read until now."""

    asking: Asking
    said: Poll | None = None
    entries: list[Iterable[Entry]] = field(default_factory=list)
    remembered: list[Iterable[Entry]] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    read: int = 0

    @property
    def way(self) -> Way:
        return self.asking.source.ways[self.asking.position]

    def take(self, reading: Reading) -> None:
        self.entries.append(reading.entries)
        self.remembered.append(reading.remembered)
        self.read += 1
        room = pages_of(self.way) - self.read - len(self.waiting)
        self.waiting.extend(reading.more[: max(0, room)])


class SourceSpider(Spider):
    """Visits sources: `scrapy crawl sources -a source=36kr,gptnb`; without names all that are configured.

    With `due` it visits those whose time has come, and goes on with what comes due while it runs.
    """

    name = "sources"
    _articles: ArticleFetches
    _hubs: HubRequests

    def __init__(self, source: str = "", due: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._names = [name.strip() for name in source.split(",") if name.strip()]
        self._due = bool(due)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Called by Scrapy."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        reader = PageReader(lambda: crawler.settings.getint("MONITOR_PROCESSES"))
        spider._articles = ArticleFetches(lambda: spider.visits, reader)
        spider._hubs = HubRequests(lambda: spider.visits)
        crawler.signals.connect(lambda **_: reader.close(), signal=signals.spider_closed, weak=False)
        return spider

    @property
    def visits(self) -> Visits:
        """The desk that knows what is to be done and is told what was."""
        visits = self.crawler.get_extension(Visits)
        if visits is None:
            raise RuntimeError("the extension monitor.crawling.visits.Visits is switched off")
        return visits

    async def start(self) -> AsyncIterator[Any]:
        """Polls of the sources, or the pages still to be fetched of those whose time has not come."""
        found = self.visits.begin(self._names, due=self._due)
        while True:
            for visit in found:
                for work in self._visit(visit.source, visit.position):
                    yield work
            for name, position in self.visits.hubs_due() if self._due else ():
                for work in self._hubs.follow(name, position):
                    yield work
            if not self._due or not await self._work_goes_on():
                return
            found = self.visits.due()

    async def _work_goes_on(self) -> bool:
        """False when all is done; True after a while of work, when others may have come due.

        One slow host must not keep the others waiting for the next run.
        """
        for _ in range(_LOOKS):
            await asyncio.sleep(_LOOK.total_seconds())
            if why := self.visits.to_end:
                raise CloseSpider(why)
            if not self.visits.busy:
                return False
        return True

    def _visit(self, source: Source, position: int | None) -> Iterator[Any]:
        if position is None:
            yield from self._articles.follow(source)
        else:
            yield self._ask(source, position)

    def _ask(self, source: Source, position: int) -> Request:
        asking = self.visits.ask(source, position)
        poll = _Poll(asking)
        known = Validators() if asking.in_full else asking.state.way(position).validators
        return self._request(poll, asking.address, conditions(known), priority=1)

    def _request(self, poll: _Poll, url: str, headers: dict[str, str] | None = None, priority: int = 2) -> Request:
        body = poll.way.api.post if poll.way.api else None
        return Request(
            url,
            method="POST" if body else "GET",
            body=body or b"",
            headers={**(headers or {}), **({"Content-Type": "application/json"} if body else {})},
            callback=self._polled,
            errback=self._not_polled,
            dont_filter=True,
            priority=priority,
            meta={"dont_retry": True, "download_maxsize": poll.way.max_size, RENDER: renders(poll.way)},
            cb_kwargs={"poll": poll},
        )

    def _polled(self, response: Response, poll: _Poll) -> Iterator[Any]:
        try:
            said = self._outcome(response, poll)
        except ParseError as error:
            said = self._failed(poll, PollOutcome.PARSE_ERROR, str(error))
        except Exception as error:  # whatever a site sent: the poll is recorded, or it would come again at every tick
            self.logger.exception("%s: the answer could not be read", poll.asking.source.name)
            text = f"{response.url}: {type(error).__name__}: {error}"
            said = self._failed(poll, PollOutcome.PARSE_ERROR, text)
        poll.said = poll.said if poll.said and not said.outcome.failed else said
        if poll.waiting and not said.outcome.failed:
            yield self._request(poll, poll.waiting.pop(0))
        else:
            yield from self._finish(poll, poll.said)

    def _outcome(self, response: Response, poll: _Poll) -> Poll:
        """What the answer says; what it holds is taken into `poll`."""
        source, known = poll.asking.source, poll.asking.state.way(poll.asking.position)
        said = Poll(source.name, PollOutcome.NEW, position=poll.asking.position, wishes=wishes(response))
        if response.status == 304 and not poll.read:
            kept = validators(response)
            kept = Validators(kept.etag or known.validators.etag, kept.last_modified or known.validators.last_modified)
            return replace(said, outcome=PollOutcome.NOT_MODIFIED, validators=kept, body_hash=known.body_hash)
        if response.status != 200:
            outcome = PollOutcome.GONE if response.status == 410 and not poll.read else PollOutcome.HTTP_ERROR
            return replace(said, outcome=outcome, error=f"{response.url} answers with HTTP status {response.status}")
        said = replace(
            said, validators=validators(response), body_hash=digest(response), moved_to=moved_to(response), full=True
        )
        if said.body_hash == known.body_hash and not poll.read:
            return replace(said, outcome=PollOutcome.UNCHANGED_BODY)
        reading = READERS[poll.way.kind](response, source, poll.way, poll.asking.state, utc_now())
        for skipped in reading.skipped:
            self.logger.info("%s: %s", source.name, skipped)
        poll.take(reading)
        said = replace(said, wishes=replace(said.wishes, hints=announced(reading.hints, links(response), response.url)))
        return replace(said, validators=Validators(), body_hash=None) if reading.volatile else said

    def _not_polled(self, failure: Failure) -> Iterator[Any]:
        poll: _Poll = failure.request.cb_kwargs["poll"]  # type: ignore[attr-defined]
        outcome = PollOutcome.REFUSED if refused(failure) else PollOutcome.NETWORK_ERROR
        yield from self._finish(poll, self._failed(poll, outcome, f"{poll.asking.address}: {reason(failure)}"))

    def _failed(self, poll: _Poll, outcome: PollOutcome, error: str) -> Poll:
        return Poll(poll.asking.source.name, outcome, error=error, position=poll.asking.position)

    def _finish(self, poll: _Poll, said: Poll) -> Iterator[Any]:
        """Record the poll, go on with another way if this one did not do, and fetch what is new."""
        source = poll.asking.source
        said = replace(
            said,
            entries=chain.from_iterable(poll.entries),
            remembered=chain.from_iterable(poll.remembered),
            full=said.full or poll.asking.in_full,
        )
        try:
            following = self.visits.polled(source, said)
        except ParseError as error:
            following = self.visits.polled(source, self._failed(poll, PollOutcome.PARSE_ERROR, str(error)))
        if following is not None:
            yield self._ask(source, following)
        if not said.outcome.failed:
            yield from self._hubs.follow(source.name, said.position)
        yield from self._articles.follow(source)
