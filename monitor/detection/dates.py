"""Dates in Chinese and English text, as far as they tell whether something happened long ago."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

AHEAD_DAYS = 20
"""A date this far ahead of an article is still of its own year: dates of publication are not that exact."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
# `may` is a month only beside a day, a year or a preposition.
_NO_VERB = (
    r"(?:(?!may(?!\.? \d|,? (?:19|20)\d\d))"
    r"|(?<=in )|(?<=of )|(?<=since )|(?<=until )|(?<=early )|(?<=late )|(?<=last ))"
)
_FOUND = (
    re.compile(
        r"(?=[\d前去今本上])(?:(?P<year>(?:19|20)\d\d)年|(?P<word>前年|去年|今年|本月|上月|上个月))?"
        r"(?:年?(?P<month>\d{1,2})月份?)?(?:(?P<day>\d{1,2})[日号])?(?P<part>(?<=[年月])年?[初底末中](?![东型国]))?"
    ),
    re.compile(
        rf"(?<![a-z])(?:(?P<word>last year|last month|this year|last (?={_MONTH}\b))"
        rf"|(?P<name>{_NO_VERB}{_MONTH})(?: (?P<day>\d{{1,2}})"
        r"(?:st|nd|rd|th)?(?!\d))?(?:,? (?P<year>(?:19|20)\d\d))?|in (?P<alone>(?:19|20)\d\d))(?![a-z0-9])"
    ),
)
_YEARS_BACK = {"前年": 2, "去年": 1, "last year": 1, "今年": 0, "this year": 0}
_PART_ENDS = {"初": 2, "中": 6, "底": 12, "末": 12}
"""The month in which that part of a year is over: 年初, 年中, 年底."""
_MONTHS_BACK = {"上月": 1, "上个月": 1, "last month": 1, "本月": 0}


@dataclass(frozen=True, slots=True)
class Date:
    """A date at `start` to `end`; what it does not say is None. `years_back` counts from the article's own year."""

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    years_back: int | None = None
    months_back: int | None = None

    def days_before(self, published: datetime) -> int | None:
        """Days from the end of this period to `published`, not negative; None if it names neither year nor month.

        A month without a year is the last one of that name before the article, or one that begins right after it.
        """
        year, month = self.year, self.month
        if self.months_back is not None:
            return 31 * self.months_back
        if year is None and self.years_back is not None:
            year = published.year - self.years_back
        if year is None and month is not None:
            ahead = _days(published.year, month, self.day or 1) - _days(published.year, published.month, published.day)
            year = published.year if ahead <= AHEAD_DAYS else published.year - 1
        if year is None:
            return None
        end = _days(year, month or 12, self.day or 30)
        return max(0, _days(published.year, published.month, published.day) - end)


def find(folded: str) -> Iterator[Date]:
    """The dates in a text already folded (`text.fold`), in order."""
    found = [date for pattern in _FOUND for match in pattern.finditer(folded) if (date := _date(match))]
    yield from sorted(found, key=lambda date: date.start)


def _date(match: re.Match[str]) -> Date | None:
    groups = match.groupdict()
    if not match[0] or not any(groups.values()):
        return None
    year = groups["year"] or groups.get("alone")
    name = groups.get("name")
    month = _MONTHS.index(name[:3]) + 1 if name else int(groups.get("month") or 0) or None
    if month and month > 12:
        return None
    word = (groups["word"] or "").strip()
    part = groups.get("part")
    if part and not month and (year or word in _YEARS_BACK):
        month = _PART_ENDS[part[-1]]
    return Date(
        match.start(),
        match.end(),
        int(year) if year else None,
        month,
        int(groups["day"]) if groups["day"] else None,
        _YEARS_BACK.get(word),
        _MONTHS_BACK.get(word),
    )


def _days(year: int, month: int, day: int) -> int:
    """Days on a calendar with months of 30.4 days: ages in months need no better."""
    return round(365.25 * year + 30.44 * (month - 1) + day)
