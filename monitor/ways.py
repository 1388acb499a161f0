"""By which way a source is asked: its first, or a fallback while that fails or is silent. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

from monitor.polls import PollOutcome, SourceState, WayState
from monitor.settings import Way

TRY_AGAIN = timedelta(hours=1)
"""First wait before a way that failed is tried again while another one works; doubles up to a day."""

LONGEST_TRY_AGAIN = timedelta(days=1)

QUIET_FACTOR, QUIET_LEAST = 3, timedelta(days=2)
"""A source is silent after so many times its longest gap between recent articles, and never before the least, both
without weekends. A site that published daily is told of after some days, a monthly one after some months."""

_FIRST_MONDAY = datetime(1, 1, 1, tzinfo=UTC)

ENOUGH = 5
"""Recent articles that must be known before silence means anything."""


RECENT = 20
"""Times of newest articles kept of a source: the measure of how often it publishes."""


def recent_times(known: Sequence[datetime], new: Sequence[datetime | None], now: datetime) -> tuple[datetime, ...]:
    """The times of a source's newest articles, oldest first, after `new` ones were published.

    One without a date is as new as our look at it; on a first visit that would say nothing, so it is left out.
    """
    dated = [min(moment, now) for moment in new if moment]
    undated = [now] * (len(new) - len(dated)) if known else []
    return tuple(sorted([*known, *dated, *undated])[-RECENT:])


def silent(recent: Sequence[datetime], now: datetime) -> bool:
    """True if a source has published nothing for much longer than it used to; `recent` are times, oldest first.

    Weekends do not count: the last articles of a lively source say nothing of how it spends them.
    """
    if len(recent) < ENOUGH:
        return False
    longest = max(_on_weekdays(earlier, later) for earlier, later in pairwise(recent))
    return _on_weekdays(recent[-1], now) > max(QUIET_FACTOR * longest, QUIET_LEAST)


def _on_weekdays(earlier: datetime, later: datetime) -> timedelta:
    """The time between two moments without Saturdays and Sundays (UTC)."""
    return _since_monday(later) - _since_monday(earlier)


def _since_monday(moment: datetime) -> timedelta:
    """Weekday time from the first Monday of the calendar to a moment."""
    weeks, rest = divmod(moment - _FIRST_MONDAY, timedelta(days=7))
    return weeks * timedelta(days=5) + min(rest, timedelta(days=5))


def _rests(way: WayState, now: datetime) -> bool:
    return way.rests_until is not None and way.rests_until > now


def first_way(state: SourceState, count: int, now: datetime) -> int | None:
    """The way to ask, of `count`: the first that works or may be tried again; None if all are closed."""
    opened = [position for position in range(count) if not state.way(position).closed]
    awake = [position for position in opened if not _rests(state.way(position), now)]
    for position in awake:
        way = state.way(position)
        wait = min(LONGEST_TRY_AGAIN, TRY_AGAIN * 2 ** min(way.failures - 1, 10))
        if not way.failures or way.asked_at is None or now - way.asked_at >= wait:
            return position
    return min(awake or opened, key=lambda position: state.way(position).failures, default=None)


def next_way(state: SourceState, count: int, position: int, outcome: PollOutcome, now: datetime) -> int | None:
    """The way to ask in the same visit after the one at `position` had `outcome`; None if that is all.

    A way that fails is followed by the next one. So is one that works and brings nothing new while the source is
    silent, once a day: the site may have moved its news elsewhere.
    """
    resting = outcome is not PollOutcome.NEW and silent(state.recent, now)
    if not (outcome.failed or resting):
        return None
    for other in range(position + 1, count):
        way = state.way(other)
        rested = way.asked_at is None or now - way.asked_at >= LONGEST_TRY_AGAIN
        if not way.closed and not _rests(way, now) and (outcome.failed or rested):
            return other
    return None


def resting(state: SourceState, ways: Sequence[Way], position: int, rsshub: str) -> list[int]:
    """The ways that rest when the server of the one at `position` asks to be left alone: those on its host."""
    hosts = [urlsplit(address(way, state.way(i), rsshub)).hostname for i, way in enumerate(ways)]
    return [other for other, host in enumerate(hosts) if host == hosts[position]]


def awake_from(state: SourceState, count: int, now: datetime) -> datetime:
    """When the first of a source's open ways may be asked: now, if one does not rest."""
    moments = (state.way(position) for position in range(count) if not state.way(position).closed)
    return min((way.rests_until or now for way in moments), default=now)


def asks_in_full(state: SourceState, position: int, now: datetime) -> bool:
    """True if the way is to be asked without validators although there are some.

    Some servers answer "not modified" for ever. That is doubted only while the source is silent, once a day at most.
    """
    way = state.way(position)
    if not silent(state.recent, now):
        return False
    return way.full_at is None or now - way.full_at >= timedelta(days=1)


def address(way: Way, state: WayState, rsshub: str) -> str:
    """What is asked for a way: where it has moved to, a route at the instance `rsshub`, else its address."""
    if state.moved_to:
        return state.moved_to
    scheme, _, route = way.url.partition("://")
    return f"{rsshub.rstrip('/')}/{route.lstrip('/')}" if scheme == "rsshub" else way.url
