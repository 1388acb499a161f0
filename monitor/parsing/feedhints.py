"""What a feed says of itself, beside its entries: when to come again, and where it is announced."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

from monitor.errors import UrlError
from monitor.models import FeedHints
from monitor.parsing.headers import links as links_of_header
from monitor.urls import canonical

_LONGEST = timedelta(days=365)
"""A longer interval is a mistake."""

_MOST_HUBS = 5
_HEAD = 100_000
_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)
_PERIOD = re.compile(rb"<(?:\w+:)?updatePeriod>\s*(?:<!\[CDATA\[)?\s*(\w+)", re.IGNORECASE)
_FREQUENCY = re.compile(rb"<(?:\w+:)?updateFrequency>\s*(?:<!\[CDATA\[)?\s*(\d{1,4})", re.IGNORECASE)
_HOURS = re.compile(rb"<skipHours>(.{0,2000}?)</skipHours>", re.IGNORECASE | re.DOTALL)
_DAYS = re.compile(rb"<skipDays>(.{0,2000}?)</skipDays>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_DAY = re.compile(rb"<day>\s*(\w+)\s*</day>", re.IGNORECASE)
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# RSS 1.0 Syndication Module: updatePeriod defaults to daily, updateFrequency to once in it.
_PERIODS = {"hourly": 1 / 24, "daily": 1, "weekly": 7, "monthly": 30, "yearly": 365}


def hints_of(body: bytes, url: str, links: Sequence[Any] = ()) -> FeedHints:
    """The hints in a feed; `links` are those of its head, with rel and href.

    ttl is of RSS 2.0 (minutes), skipHours and skipDays too (GMT), updatePeriod of RSS 1.0's Syndication Module, hub and
    self of WebSub, prev-archive and next of RFC 5005. What is absurd counts as not said: no time, years, all hours.
    """
    head = body[:_HEAD]
    hours = frozenset(
        int(hour) % 24 for part in _HOURS.findall(head) for hour in _HOUR.findall(part) if int(hour) <= 24
    )
    days = frozenset(
        _WEEK.index(name)
        for part in _DAYS.findall(head)
        for day in _DAY.findall(part)
        if (name := day.decode("ascii", "replace").lower()) in _WEEK
    )
    named: dict[str, list[str]] = {}
    for link in links:
        named.setdefault(str(link.get("rel", "")), []).append(str(link.get("href", "")))

    def first(relation: str) -> str:
        return next(_addresses(named.get(relation, ()), url), "")

    return FeedHints(
        every=max(filter(None, (_ttl(head), _period(head))), default=None),
        skip_hours=hours if len(hours) < 24 else frozenset(),
        skip_days=days if len(days) < 7 else frozenset(),
        hubs=_hubs(named.get("hub", ()), url),
        topic=first("self"),
        next_archive=first("prev-archive") or first("next"),
    )


def announced(hints: FeedHints, header: str, url: str) -> FeedHints:
    """The hints of a feed, with what its answer's Link `header` names put before them (WebSub, section 4)."""
    named = links_of_header(header)
    hubs = _hubs(named.get("hub", ()), url)
    if not hubs:
        return hints
    return replace(hints, hubs=hubs, topic=next(_addresses(named.get("self", ()), url), hints.topic))


def _ttl(head: bytes) -> timedelta | None:
    found = _TTL.search(head)
    return _sensible(timedelta(minutes=int(found[1]))) if found else None


def _period(head: bytes) -> timedelta | None:
    period, frequency = _PERIOD.search(head), _FREQUENCY.search(head)
    if period is None:
        return None
    days = _PERIODS.get(period[1].decode("ascii", "replace").lower())
    times = int(frequency[1]) if frequency else 1
    return _sensible(timedelta(days=days) / times) if days and times else None


def _sensible(interval: timedelta) -> timedelta | None:
    return interval if timedelta(0) < interval <= _LONGEST else None


def _hubs(targets: Iterable[str], url: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_addresses(targets, url)))[:_MOST_HUBS]


def _addresses(targets: Iterable[str], url: str) -> Iterator[str]:
    """Those that can be asked, as they stand: a hub knows a topic by this spelling alone."""
    for target in targets:
        try:
            address = urljoin(url, target.strip())
            canonical(address)
        except (UrlError, ValueError):
            continue
        yield address
