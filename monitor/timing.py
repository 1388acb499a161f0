"""When a source is polled next. Pure: everything is told, nothing is looked up."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from cronsim import CronSim, CronSimError

from monitor.models import FeedHints
from monitor.polls import Wishes
from monitor.settings import Schedule, Source

LONGEST_BACKOFF = timedelta(days=1)
"""A source that keeps failing is still asked once a day."""

LONGEST_UNANSWERED, FOR_A_DAY = timedelta(hours=1), 24
"""A server that does not answer at all is asked hourly for the first day: it may be our own network that is down."""

POLLS_PER_ARTICLE = 12
"""Polls between two articles, on average: an article waits a 24th of the usual gap, on average."""

ENOUGH = 3
"""Articles that must be known before the interval follows them."""

SUBSCRIBED = timedelta(hours=1)
"""Wait between polls of a source whose hub tells of all that is new: polls are the net below it."""

LONGEST_HINT = timedelta(days=1)
"""A feed that asks for longer intervals (ttl, sy:updatePeriod) is still asked once a day."""


def cron(expression: str, after: datetime = datetime(2000, 1, 1, tzinfo=UTC)) -> datetime:
    """The first time after `after` at which a cron expression of five fields fires, in UTC.

    Raises:
        ValueError: when the expression is none, or never fires.
    """
    try:
        return next(CronSim(expression, after.astimezone(UTC)))
    except (CronSimError, StopIteration) as error:
        raise ValueError(f"{expression!r} is no cron expression of five fields: {error}") from error


def schedule_of(source: Source, schedule: Schedule) -> str:
    """The source's schedule in words: `cron …`, `every …s` or `adaptive`. A change of these makes the source due."""
    if source.cron:
        return f"cron {source.cron}"
    if source.every:
        return f"every {_seconds(source.every)}s"
    return f"adaptive {_seconds(schedule.fastest)}s to {_seconds(schedule.slowest)}s"


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def interval(source: Source, schedule: Schedule, recent: Sequence[datetime], now: datetime) -> timedelta:
    """The wait between two polls: the source's own, else what fits the times of its newest articles, `recent`.

    The mean gap counts up to now, so that a source that has stopped publishing is polled less and less.
    """
    if source.every:
        return source.every
    if len(recent) < ENOUGH:
        return schedule.every
    gap = (now - min(recent)) / len(recent)
    return min(max(gap / POLLS_PER_ARTICLE, schedule.fastest), schedule.slowest)


def eased(schedule: Schedule) -> Schedule:
    """The schedule of a source whose hub tells of all that is new."""
    return schedule.model_copy(update={"fastest": max(schedule.fastest, SUBSCRIBED)})


def next_poll(
    source: Source,
    schedule: Schedule,
    now: datetime,
    *,
    failures: int = 0,
    recent: Sequence[datetime] = (),
    wishes: Wishes | None = None,
    unanswered: bool = False,
) -> datetime:
    """The time of the next poll, after one at `now`.

    `failures` in a row double the wait each time, up to a day; up to an hour while the last one was `unanswered`, and
    not for long. How long the answer stays fresh, or the server asks to wait, is waited out as well; what the feed
    itself hints at counts unless an interval is configured for the source. The jitter comes from the source's name and
    the poll's time: it spreads sources, and yet is the same in every process.
    """
    every = interval(source, schedule, recent, now)
    longest = max(every, LONGEST_UNANSWERED if unanswered and failures <= FOR_A_DAY else LONGEST_BACKOFF)
    backoff = min(longest, every * 2 ** min(failures, 20))
    if source.cron:
        due = cron(source.cron, now)
        due = max(due, now + backoff) if failures else due
    else:
        due = now + backoff
    due += _jitter(source.name, now, schedule.jitter)
    if wishes is None:
        return due
    for wait in (wishes.retry_after, wishes.fresh_for):
        due = max(due, now + wait) if wait else due
    if source.every or source.cron:
        return due
    if wishes.hints.every:
        due = max(due, now + min(wishes.hints.every, LONGEST_HINT))
    return _outside(due, wishes.hints)


def _outside(due: datetime, hints: FeedHints) -> datetime:
    """The first time from `due` on that is neither in the hours nor on the days that the feed wants left out."""
    for hours in range(8 * 24):
        moment = due if not hours else due.replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)
        if moment.hour not in hints.skip_hours and moment.weekday() not in hints.skip_days:
            return moment
    return due


def _jitter(name: str, now: datetime, most: timedelta) -> timedelta:
    digest = blake2b(f"{name} {now.isoformat()}".encode(), digest_size=8).digest()
    return most * (int.from_bytes(digest) / 2**64)
