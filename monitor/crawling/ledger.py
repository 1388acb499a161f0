"""What a poll brought, recorded: entries, the source's state, when it is polled next, what the operator is told."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from monitor.archive import Tables
from monitor.archive.entries import Noted
from monitor.bootstrap import Application, utc_now
from monitor.crawling.hubs import Hubs
from monitor.health import WEEKS, Facts, assess, told
from monitor.models import Entry
from monitor.polls import Poll, PollOutcome, SourceState
from monitor.settings import Language, Source
from monitor.subscriptions import Subscription
from monitor.timing import eased, next_poll
from monitor.tracing import past
from monitor.ways import awake_from, next_way, recent_times, resting

logger = logging.getLogger(__name__)

_BATCH = 50
"""Entries recorded in one transaction: a feed of thousands must not be in memory at once."""


@dataclass(frozen=True, slots=True)
class Begun:
    """When a source's visit began, how many before it had failed in a row, and the last poll known to this run."""

    at: datetime
    failures: int
    known: datetime | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A poll as it was recorded, when, how many entries were `new`, and the way that is to be asked next, if any."""

    poll: Poll
    at: datetime
    new: int
    following: int | None


class _OvertakenError(Exception):
    """Another process has polled the source meanwhile: this one was stopped for a while, or given up for dead."""


class Ledger:
    """The records of one run."""

    def __init__(self, app: Application, hubs: Hubs, run_id: int) -> None:
        self._app = app
        self._hubs = hubs
        self._run_id = run_id

    def record(self, source: Source, poll: Poll, begun: Begun | None) -> Recorded | None:
        """Record a poll: new entries, then the source's state and the visit in one transaction.

        None if another process has polled the source since the visit began: then only the entries are recorded.

        Raises:
            ParseError: when the entries, read only now, cannot be read to the end; those before are recorded.
            ArchiveError: when the archive fails.
        """
        now = utc_now()
        state = self.state(source)
        noted = self._note(source, poll, state, now)
        if poll.outcome is PollOutcome.NEW and not noted.pending:
            poll = replace(poll, outcome=PollOutcome.NOTHING_NEW)
        recent = recent_times(state.recent, noted.published, now)
        state = self._left_alone(source, state, poll, now)
        poll = replace(poll, entries=(), wishes=poll.wishes.after(state.way(poll.position).wishes, poll.outcome))
        following = next_way(replace(state, recent=recent), len(source.ways), poll.position, poll.outcome, now)
        begun = begun or Begun(now, state.failures, state.last_polled_at)
        try:
            self._write(source, state, poll, noted, recent, begun, now)
        except _OvertakenError:
            logger.info("%s: another process has polled it meanwhile", source.name)
            return None
        _tell(poll, noted.pending)
        about = {"source": source.name, "outcome": poll.outcome.value, "new": noted.pending}
        past("visit", begun.at, now, **about)
        return Recorded(poll, now, noted.pending, following)

    def state(self, source: Source) -> SourceState:
        """What is known of a source; nothing yet of one that was never polled."""
        with self._app.archive.reading() as tables:
            return tables.sources.get(source.name) or SourceState(source.name)

    def _note(self, source: Source, poll: Poll, state: SourceState, now: datetime) -> Noted:
        baseline, noted = state.last_success_at is None, Noted()
        for batch in _batches(poll.entries):
            with self._app.archive.writing() as tables:
                noted += tables.entries.note(source.name, batch, now, baseline=baseline)
        for batch in _batches(poll.remembered):
            with self._app.archive.writing() as tables:
                tables.entries.remember(source.name, batch, now)
        return noted

    def _left_alone(self, source: Source, state: SourceState, poll: Poll, now: datetime) -> SourceState:
        """The state of a source in which the ways rest whose server has just asked for it."""
        if not poll.outcome.failed or not poll.wishes.retry_after:
            return state
        positions = resting(state, source.ways, poll.position, self._app.config.crawl.rsshub)
        with self._app.archive.writing() as tables:
            tables.sources.rest(source.name, positions, now + poll.wishes.retry_after)
        return self.state(source)

    def _write(
        self,
        source: Source,
        state: SourceState,
        poll: Poll,
        noted: Noted,
        recent: Sequence[datetime],
        begun: Begun,
        now: datetime,
    ) -> None:
        failures = begun.failures + 1 if poll.outcome.failed else 0  # of visits: one may have asked several ways
        with self._app.archive.writing() as tables:
            hub = self._hubs.heard_of(tables, state, poll, noted.pending, now)
            due = self._next(source, replace(state, failures=failures), poll, recent, now, hub)
            if not tables.sources.polled(poll, now, due, recent, failures, known=begun.known):
                raise _OvertakenError
            if hub and hub.pushed_at and hub.pushed_at > begun.at:
                tables.sources.hasten(source.name, self._app.config.schedule.fastest, now)
            tables.runs.visited(self._run_id, poll, noted.seen, noted.pending, now)
            self._watch(tables, source, now)

    def _next(
        self,
        source: Source,
        state: SourceState,
        poll: Poll,
        recent: Sequence[datetime],
        now: datetime,
        hub: Subscription | None,
    ) -> datetime | None:
        """When the source is polled next; never, if this was the last of its ways that was not gone for good."""
        gone = poll.outcome is PollOutcome.GONE
        others = (position for position in range(len(source.ways)) if position != poll.position)
        if gone and all(state.way(position).closed for position in others):
            return None
        schedule = self._app.config.schedule
        due = next_poll(
            source,
            eased(schedule) if hub is not None and hub.trusted(now) else schedule,
            now,
            failures=state.failures,
            recent=recent,
            wishes=replace(poll.wishes, retry_after=None),
            unanswered=poll.outcome is PollOutcome.NETWORK_ERROR,
        )
        return max(due, awake_from(state, len(source.ways), now))

    def _watch(self, tables: Tables, source: Source, now: datetime) -> None:
        """Tell the operator once when something is wrong with a source, and once when it is well again."""
        state = tables.sources.get(source.name)
        if state is None:
            return
        daily = tables.health.daily([source.name], now, 7 * (WEEKS + 1))[source.name]
        facts = Facts(state, tables.health.pages(source.name), daily)
        problem = assess(facts, now)
        if problem != state.problem:
            text = told(problem, facts, source.title or source.name, self._language)
            tables.notices.add(source.name, problem or "well", text, now)
            tables.sources.set_problem(source.name, problem, now)

    @property
    def _language(self) -> Language:
        config = self._app.config
        return next((c.language for c in config.channels if c.name == config.alerts.operations), "en")


def _tell(poll: Poll, new: int) -> None:
    logger.log(
        logging.WARNING if poll.outcome.failed else logging.INFO,
        "%s: %s, %d new%s",
        poll.source,
        poll.outcome.value,
        new,
        f": {poll.error}" if poll.error else "",
        extra={"source": poll.source},
    )


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    walk = iter(entries)
    while batch := list(islice(walk, _BATCH)):
        yield batch
