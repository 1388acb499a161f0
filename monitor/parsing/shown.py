"""The date that a page shows its readers near the headline."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from lxml.html import HtmlElement

from monitor.parsing.dates import parse_date
from monitor.parsing.maintext import Layout, MainText

_BEFORE, _AFTER, _BELOW = 6, 14, 6
"""Blocks before and after the headline, and below the text, where the date may stand."""

_FAR = 60
"""Blocks between headline and text, at most, in which the date is looked for."""

_LONGEST = 110
"""Characters of a line that may state the date of the whole page; longer ones tell a story."""

_DATED = re.compile(r"(?:19|20)\d{2}|\d{1,2}[/.]\d{1,2}[/.](?:19|20)?\d{2}")
_LATER = re.compile(
    r"(?:updated?|modified|revised|edited|reviewed|fact.?checked|更新|修改|编辑于).{0,30}$|^\W*(?:copyright|©|\(c\))",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"©|copyright|all rights|版权|备案|icp|今天是|截至|copyleft|经营许可|valid|expires?|event|deadline", re.IGNORECASE
)
_MARKED = (
    "//*[contains(@class, 'date') or contains(@class, 'time') or contains(@class, 'publish') or contains(@id, 'date')"
    " or contains(@id, 'pubtime') or self::time]"
)
_COMMENT = re.compile(
    r"<!--[^>]{0,60}?(?:published at|pubtime|publishdate)[ :=]{1,3}([\d-]{8,10}[ T]\d\d:\d\d)", re.IGNORECASE
)
_URL = re.compile(r"/((?:19|20)\d{2})[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_-]|\d{0,2}/|\b)")


@dataclass(frozen=True, slots=True)
class ShownDates:
    """The dates that a page shows near its headline, aware, the likeliest first.

    Those that are said to be of its last change are in `changed`, those below the text, where comments have theirs too,
    in `below`.
    """

    published: tuple[datetime, ...] = ()
    changed: tuple[datetime, ...] = ()
    below: tuple[datetime, ...] = ()


def shown_dates(layout: Layout, headline: int, found: MainText, zone: str, now: datetime | None) -> ShownDates:
    """The dates shown: the nearest to the headline first, after it sooner than before it."""
    end = max(headline + _AFTER, min(found.start + 1, headline + _FAR))
    after = range(max(headline, 0), min(len(layout.blocks), end))
    before = range(max(headline, 0) - 1, max(headline - _BEFORE, 0) - 1, -1)
    below = range(found.end, min(len(layout.blocks), found.end + _BELOW))
    published: list[datetime] = []
    changed: list[datetime] = []
    under: list[datetime] = []
    for i in dict.fromkeys((*after, *before, *below)):
        text = layout.blocks[i].text
        match = _DATED.search(text) if len(text) <= _LONGEST else None
        if match is None or _OTHER.search(text):
            continue
        moment = parse_date(text, zone)
        if moment is None or (now is not None and moment > now + timedelta(days=1)):
            continue
        label = text[: match.start()].strip(" :：") or (layout.blocks[i - 1].text if i else "")[-30:].rstrip(" :：")
        (changed if _LATER.search(label) else under if i in below else published).append(moment)
    return ShownDates(tuple(published), tuple(changed), tuple(under))


def marked_date(tree: HtmlElement, zone: str, now: datetime | None) -> datetime | None:
    """The date in the first element whose class or id says that it holds one."""
    for element in tree.xpath(_MARKED)[:40]:
        text = " ".join("".join(element.itertext()).split())
        fits = len(text) <= _LONGEST and _DATED.search(text) and not _OTHER.search(text) and not _LATER.match(text)
        if fits and (moment := parse_date(text, zone, now)):
            return moment
    return None


def commented_date(markup: str, zone: str, now: datetime | None) -> datetime | None:
    """The time of publication that publishing systems leave in comments: <!-- published at 2005-03-21 11:21:30 -->."""
    found = _COMMENT.search(markup)
    return parse_date(found[1], zone, now) if found else None


def date_in_url(url: str, zone: str, now: datetime | None) -> datetime | None:
    """The day in an address such as /2024/06/07/title.html."""
    found = _URL.search(url)
    return parse_date("-".join(found.groups()), zone, now) if found else None


def reconciled(stated: datetime | None, shown: ShownDates, zone: str) -> datetime | None:
    """One date of what a page states in its metadata and what it shows its readers.

    What is shown counts, since readers would complain; metadata are often of a template or an import. Where one of the
    dates shown is within a day of the one stated, that one is right, and its time is kept, in the zone whose day is the
    one shown.
    """
    if stated is None:
        return next(iter(shown.published), None)
    near = [moment for moment in shown.published if abs(stated - moment) <= timedelta(days=1, hours=14)]
    if near:
        return _on_the_day(stated, near[0], zone)
    if not shown.published:
        return stated
    rewritten = any(abs(stated - moment) <= timedelta(days=1, hours=14) for moment in shown.changed)
    return stated if shown.changed and not rewritten else shown.published[0]


def _on_the_day(stated: datetime, shown: datetime, zone: str) -> datetime:
    day = shown.date()
    for hours in (None, 0, *range(-1, -13, -1), *range(1, 15)):
        local = stated if hours is None else stated.astimezone(timezone(timedelta(hours=hours)))
        if local.date() == day or stated.astimezone(ZoneInfo(zone)).date() == day:
            return local if local.date() == day else stated.astimezone(ZoneInfo(zone))
    return shown
