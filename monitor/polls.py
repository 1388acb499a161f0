"""Values of polling: what is known of a source and its ways, what one poll brought."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.models import Entry, FeedHints


@dataclass(frozen=True, slots=True)
class Validators:
    """HTTP validators of a source's last good answer, sent back byte for byte."""

    etag: str | None = None
    last_modified: str | None = None


class PollOutcome(StrEnum):
    """How one poll of a source ended: stored and logged."""

    NEW = "new"
    NOTHING_NEW = "nothing_new"
    NOT_MODIFIED = "not_modified"
    UNCHANGED_BODY = "unchanged_body"
    HTTP_ERROR = "http_error"
    NETWORK_ERROR = "network_error"
    PARSE_ERROR = "parse_error"
    REFUSED = "refused"
    GONE = "gone"

    @property
    def failed(self) -> bool:
        """True for the outcomes after which a source is polled less often."""
        return self in (self.HTTP_ERROR, self.NETWORK_ERROR, self.PARSE_ERROR, self.REFUSED, self.GONE)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an answer says of when to come again.

    `retry_after` is the wait a failing server asks for, `fresh_for` how long the answer stays good (Cache-Control,
    Expires); `hints` are the feed's own.
    """

    retry_after: timedelta | None = None
    fresh_for: timedelta | None = None
    hints: FeedHints = field(default_factory=FeedHints)

    def after(self, known: "Wishes", outcome: PollOutcome) -> "Wishes":
        """These wishes with what holds on of those `known` from the last good answer.

        An answer that brings no feed says nothing of its hints, and a 304 without Cache-Control changes nothing of that
        either (RFC 9111, 4.3.4).
        """
        if outcome is PollOutcome.NOT_MODIFIED:
            return replace(self, fresh_for=self.fresh_for or known.fresh_for, hints=known.hints)
        return replace(self, hints=known.hints) if outcome is PollOutcome.UNCHANGED_BODY else self


@dataclass(frozen=True, slots=True)
class Poll:
    """What one poll of a source brought, by the way at `position`.

    `entries` may be read only while they are recorded; those `remembered` are too old to be fetched. `moved_to` is
    where permanent redirects led; `full` tells that the answer had a body, or that one was asked for in spite of
    validators.
    """

    source: str
    outcome: PollOutcome
    validators: Validators = Validators()
    body_hash: str | None = None
    entries: Iterable[Entry] = ()
    remembered: Iterable[Entry] = ()
    error: str | None = None
    wishes: Wishes = field(default_factory=Wishes)
    position: int = 0
    moved_to: str | None = None
    full: bool = False


@dataclass(frozen=True, slots=True)
class WayState:
    """What is known of one way to a source's entries.

    `closed` is for good: the server said 410. Until `rests_until` its server has asked to be left alone (Retry-After).
    """

    position: int
    validators: Validators = Validators()
    body_hash: str | None = None
    moved_to: str | None = None
    failures: int = 0
    asked_at: datetime | None = None
    full_at: datetime | None = None
    closed: bool = False
    rests_until: datetime | None = None
    wishes: Wishes = field(default_factory=Wishes)


@dataclass(frozen=True, slots=True)
class SourceState:
    """Polling state of one source. Times are aware, UTC; `recent` are those of its newest articles, oldest first."""

    name: str
    ways: tuple[WayState, ...] = ()
    last_polled_at: datetime | None = None
    last_success_at: datetime | None = None
    next_poll_at: datetime | None = None
    failures: int = 0
    last_outcome: PollOutcome | None = None
    last_error: str | None = None
    recent: tuple[datetime, ...] = ()
    problem: str | None = None
    problem_at: datetime | None = None
    articles: int = 0

    def way(self, position: int) -> WayState:
        """The state of a way; that of a new one if it was never asked."""
        return next((way for way in self.ways if way.position == position), WayState(position))
