"""The common way of all spiders: poll a source, fetch the pages of its new entries, hand over articles."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Iterator
from hashlib import blake2b
from typing import Any

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response, TextResponse
from scrapy.http.headers import Headers
from twisted.python.failure import Failure

from monitor.bootstrap import utc_now
from monitor.crawling.items import FetchedArticle
from monitor.crawling.patience import HostSilentError
from monitor.crawling.visits import Visits
from monitor.errors import ParseError
from monitor.models import Entry, PendingEntry, Poll, PollOutcome, SourceState, Validators
from monitor.parsing.articles import assemble, carries_full_text
from monitor.parsing.pages import parse_page
from monitor.settings import Source
from monitor.timing import retry_after

_GONE = frozenset({401, 402, 403, 404, 410, 451})
"""Answers after which asking again for a page is no use: what the feed says of it must do."""

_LONGEST_VALIDATOR = 1_000
"""Characters; longer ETags are no validators, and would go into every request."""


class SourceSpider(Spider):
    """Visits sources: `scrapy crawl feed -a source=36kr,gptnb`; without names all that are configured."""

    def __init__(self, source: str = "", due: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._names = [name.strip() for name in source.split(",") if name.strip()]
        self._due = bool(due)

    @abstractmethod
    def read(self, response: Response, source: Source) -> tuple[Entry, ...]:
        """The entries in a source's answer; raises ParseError when it is not what it should be."""

    @property
    def visits(self) -> Visits:
        """The desk that knows what is to be done and is told what was."""
        visits = self.crawler.get_extension(Visits)
        if visits is None:
            raise RuntimeError("the extension monitor.crawling.visits.Visits is switched off")
        return visits

    async def start(self) -> AsyncIterator[Any]:
        """Polls of the sources, or the pages still to be fetched of those whose time has not come."""
        for visit in self.visits.begin(self._names, due=self._due):
            if visit.poll:
                yield self._poll(visit.source)
            else:
                for request in self._follow(visit.source):
                    yield request

    def _poll(self, source: Source) -> Request:
        state = self.visits.state(source)
        return Request(
            source.url,
            headers=_conditions(state.validators),
            callback=self._polled,
            errback=self._not_polled,
            dont_filter=True,
            priority=1,
            meta={"dont_retry": True, "download_maxsize": source.max_size},
            cb_kwargs={"source": source, "state": state},
        )

    def _polled(self, response: Response, source: Source, state: SourceState) -> Iterator[Any]:
        try:
            poll = self._outcome(response, source, state)
        except Exception as error:  # whatever a site sent: the poll is recorded, or it would come again at every tick
            self.logger.exception("%s: the answer could not be read", source.name)
            poll = Poll(source.name, PollOutcome.PARSE_ERROR, error=f"{source.url}: {type(error).__name__}: {error}")
        self.visits.polled(source, poll)
        yield from self._follow(source)

    def _outcome(self, response: Response, source: Source, state: SourceState) -> Poll:
        if response.status == 304:
            kept = Validators(
                _header(response.headers, "ETag") or state.validators.etag,
                _header(response.headers, "Last-Modified") or state.validators.last_modified,
            )
            return Poll(source.name, PollOutcome.NOT_MODIFIED, kept, state.body_hash)
        if response.status != 200:
            wait = retry_after(_header(response.headers, "Retry-After"), utc_now())
            error = f"{source.url} answers with HTTP status {response.status}"
            return Poll(source.name, PollOutcome.HTTP_ERROR, error=error, retry_after=wait)
        validators = Validators(_header(response.headers, "ETag"), _header(response.headers, "Last-Modified"))
        digest = blake2b(response.body, digest_size=16).hexdigest()
        if digest == state.body_hash:
            return Poll(source.name, PollOutcome.UNCHANGED_BODY, validators, digest)
        try:
            entries = self.read(response, source)
        except ParseError as error:
            return Poll(source.name, PollOutcome.PARSE_ERROR, error=str(error))
        return Poll(source.name, PollOutcome.NEW, validators, digest, entries)

    def _not_polled(self, failure: Failure) -> Iterator[Any]:
        source: Source = failure.request.cb_kwargs["source"]  # type: ignore[attr-defined]
        refused = isinstance(failure.value, IgnoreRequest) and not isinstance(failure.value, HostSilentError)
        outcome = PollOutcome.REFUSED if refused else PollOutcome.NETWORK_ERROR
        self.visits.polled(source, Poll(source.name, outcome, error=f"{source.url}: {_reason(failure)}"))
        yield from self._follow(source)

    def _follow(self, source: Source) -> Iterator[Any]:
        for pending in self.visits.pending(source):
            try:
                if carries_full_text(pending.entry, source):
                    yield _article(pending, source, response=None)
                else:
                    yield self._page(pending, source)
            except Exception as error:  # one entry must not keep the others from being read
                self.logger.exception("%s: this entry could not be read", pending.entry.url)
                self.visits.postpone(source.name, pending.entry.url, f"{type(error).__name__}: {error}")

    def _page(self, pending: PendingEntry, source: Source) -> Request:
        return Request(
            pending.entry.url,
            callback=self._fetched,
            errback=self._not_fetched,
            dont_filter=True,
            meta={"dont_retry": True},
            cb_kwargs={"pending": pending, "source": source},
        )

    def _fetched(self, response: Response, pending: PendingEntry, source: Source) -> Iterator[Any]:
        if response.status == 200:
            yield self._read_page(pending, source, response)
        elif response.status in _GONE or pending.last_try:
            yield _article(pending, source, response=None)
        else:
            yield from self._later(pending, source, f"HTTP status {response.status}")

    def _read_page(self, pending: PendingEntry, source: Source, response: Response) -> FetchedArticle:
        try:
            return _article(pending, source, response)
        except Exception:  # whatever the page holds: what the feed says must do
            self.logger.exception("%s: this page could not be read", response.url)
            return _article(pending, source, response=None)

    def _not_fetched(self, failure: Failure) -> Iterator[Any]:
        asked = failure.request.cb_kwargs  # type: ignore[attr-defined]
        forbidden = isinstance(failure.value, IgnoreRequest) and not isinstance(failure.value, HostSilentError)
        if forbidden or asked["pending"].last_try:
            yield _article(asked["pending"], asked["source"], response=None)
        else:
            yield from self._later(asked["pending"], asked["source"], _reason(failure))

    def _later(self, pending: PendingEntry, source: Source, reason: str) -> Iterator[FetchedArticle]:
        """Until the page can be had, what the feed says of it is stored: its headline may be the news."""
        self.visits.postpone(source.name, pending.entry.url, reason)
        yield FetchedArticle(assemble(pending.entry, None, source), pending.entry.url, pending.baseline, final=False)


def _article(pending: PendingEntry, source: Source, response: Response | None) -> FetchedArticle:
    page = None
    if isinstance(response, TextResponse):
        kind = _header(response.headers, "Content-Type") or ""
        try:
            page = parse_page(response.body, response.url, content_type=kind, timezone=source.timezone, now=utc_now())
        except ParseError:
            page = None  # a page that is none: what the feed says must do
    return FetchedArticle(assemble(pending.entry, page, source), pending.entry.url, pending.baseline)


def _conditions(validators: Validators) -> dict[str, str]:
    named = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in named.items() if value}


def _header(headers: Headers, name: str) -> str | None:
    """A header's value; None for one with control characters or too long to send back."""
    value = (headers.get(name) or b"").decode("latin-1")
    return value if value and value.isprintable() and len(value) <= _LONGEST_VALIDATOR else None


def _reason(failure: Failure) -> str:
    message = failure.getErrorMessage().strip()
    return message.splitlines()[0][:300] if message else type(failure.value).__name__
