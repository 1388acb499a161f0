"""When a source is polled next. Pure: everything is told, nothing is looked up."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b

from cronsim import CronSim, CronSimError

from monitor.settings import Schedule, Source

LONGEST_BACKOFF = timedelta(days=1)
"""A source that keeps failing is still asked once a day."""

LONGEST_RETRY_AFTER = timedelta(days=30)
"""A longer Retry-After is a mistake of the server's."""


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
    """The source's schedule in words: `cron …` or `every …s`. A change of these words makes the source due."""
    if source.cron:
        return f"cron {source.cron}"
    return f"every {int((source.every or schedule.every).total_seconds())}s"


def next_poll(
    source: Source, schedule: Schedule, now: datetime, *, failures: int = 0, retry_after: float | None = None
) -> datetime:
    """The time of the next poll, after one at `now`.

    `failures` in a row double the wait each time, up to a day; a Retry-After (seconds) is waited out as well. The
    jitter comes from the source's name and the poll's time: it spreads sources, and yet is the same in every process.
    """
    if source.cron:
        due = cron(source.cron, now)
        if failures:
            due = max(due, now + min(LONGEST_BACKOFF, schedule.every * 2 ** min(failures, 20)))
    else:
        every = source.every or schedule.every
        longest = max(every, LONGEST_BACKOFF)
        due = now + min(longest, every * 2 ** min(failures, 20))
    due += _jitter(source.name, now, schedule.jitter)
    if retry_after is not None:
        due = max(due, now + min(LONGEST_RETRY_AFTER, timedelta(seconds=max(0.0, min(retry_after, 1e9)))))
    return due


def _jitter(name: str, now: datetime, most: timedelta) -> timedelta:
    digest = blake2b(f"{name} {now.isoformat()}".encode(), digest_size=8).digest()
    return most * (int.from_bytes(digest) / 2**64)


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or an HTTP date; None where it says nothing usable."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (moment - now).total_seconds())
    except (ValueError, OverflowError):
        return None
