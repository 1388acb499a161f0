"""How far a stated deal has come, and whether it is news or background."""

import re
from collections.abc import Mapping
from datetime import datetime

from monitor.detection.frames import Frame
from monitor.detection.lexicon import Language, Lexicon
from monitor.detection.line import Line
from monitor.models import Status

TALKS, FINISHES = "in_talks", "finishes_round"
"""The rules of a round talked about and of one that is done."""

TOTAL = "total_raised"
"""The rule of a sum over several rounds."""

DENIED = "denied"
"""The rule of a funding that is denied: its subject may also be a person."""

RELATIVE = "relative_clause"
"""Background told by a relative clause (X, which raised $5M, …), except in a round-up."""

OLD_DAYS = 45
"""A date that lies this many days before the article makes a statement background."""

WEEK_DAYS = 8
"""A date this many days before the article makes a statement its news."""

ANNOUNCED_DAYS = 120
"""The same where the statement is announced now: 宣布已于6月完成."""

_AFTER = 24
"""Characters after words such as `the round` in which a date belongs to them."""

_NEXT_TO = 8
"""Characters before a statement in which words still belong to it."""


class Tense:
    """Reads status and time of a frame from the words around it."""

    def __init__(self, lexicons: Mapping[Language, Lexicon]) -> None:
        def patterns(name: str) -> dict[Language, re.Pattern[str]]:
            return {language: words.pattern(name) for language, words in lexicons.items()}

        self._talk, self._settled, self._denied = patterns("talking"), patterns("settled"), patterns("denied")
        self._past, self._recent, self._total = patterns("past"), patterns("recent"), patterns("total")
        self._seeking, self._renewed = patterns("seeking"), patterns("renewed")
        self._announces, self._today = patterns("announces"), patterns("today")
        self._relative, self._continues = patterns("relative"), patterns("continues")
        self._rebuttal = patterns("rebuttal")
        self._fresh, self._dateline = patterns("fresh"), patterns("dateline")
        self._funding, self._follows = patterns("funding"), patterns("follows")

    def status(self, line: Line, frame: Frame) -> Status:
        """Completed, in talks or denied, in a sentence that does not deny all of it (see `denies`)."""
        if frame.hint is Status.DENIED:
            return Status.DENIED
        settled = self._settled[line.language].search(line.signs, frame.first, frame.end)
        scope = line.signs[_clause_start(line, frame.first) : frame.end]
        if not settled and (frame.hint is Status.IN_TALKS or self._talk[line.language].search(scope)):
            return Status.IN_TALKS
        return Status.COMPLETED

    def denies(self, line: Line) -> bool:
        """True if the sentence denies or calls off a funding. 未予置评 and `declined to comment` do not."""
        denied = _last(self._denied[line.language], line.signs, 0, len(line.signs))
        settled = _last(self._settled[line.language], line.signs, 0, len(line.signs))
        return self.about_funding(line) and denied > settled  # 先辟谣，再官宣 denies no more

    def rebuts(self, sentence: str) -> bool:
        """True if a sentence says of a report told before it that it is not true; 未予置评 does not."""
        return any(pattern.search(sentence) for pattern in self._rebuttal.values())

    def about_funding(self, line: Line) -> bool:
        """True if the sentence has a word of funding."""
        return bool(self._funding[line.language].search(line.signs))

    def may_follow(self, lower: str) -> bool:
        """True if `follows` can be true of a sentence in lower case: cheap, without reading it as a line."""
        return any(pattern.search(lower) for pattern in self._follows.values())

    def follows(self, line: Line, end: int, published: datetime | None) -> bool:
        """True if the sentence goes on, before `end`, about a round told before it."""
        found = self._follows[line.language].search(line.signs, 0, end)
        if not found or self._past[line.language].search(line.signs, 0, found.end() + _NEXT_TO):
            return False
        return not _old_date(line, 0, _clause_end(line, found.end(), _AFTER), published)

    def continues(self, line: Line) -> bool:
        """True if the sentence begins with words for the round told before it."""
        return bool(self._continues[line.language].match(line.signs))

    def until_past(self, line: Line, end: int) -> int:
        """`end`, or where the first clause before it begins that is about the past."""
        for found in self._past[line.language].finditer(line.signs, 0, end):
            start = _clause_start(line, found.start())
            if start > 0:
                return start
        return end

    def recent(self, line: Line) -> bool:
        """True if the sentence has words of what has just happened."""
        return bool(self._recent[line.language].search(line.signs))

    def fresh(self, line: Line, frame: Frame, published: datetime | None) -> bool:
        """True if words of the day's news, or the date of a day of the last week, stand with a statement."""
        begin = max(0, frame.first - _NEXT_TO)
        if self._fresh[line.language].search(line.signs, begin, frame.end):
            return True
        dates = [date for place, date in line.when.items() if begin <= place < frame.end and date.day is not None]
        ages = [date.days_before(published) for date in dates] if published else []
        return any(age is not None and age <= WEEK_DAYS for age in ages)

    def seeks(self, line: Line) -> bool:
        """True if the sentence says that somebody looks for money now."""
        return bool(self._seeking[line.language].search(line.signs))

    def background(
        self, line: Line, frame: Frame, since: int, published: datetime | None, status: Status
    ) -> str | None:
        """Why a statement is background (`past_round`, `total_raised`, `old_date`), or None.

        `since` is where the statement before it in the line ended.
        """
        begin = min(since, frame.first)
        if self._renewed[line.language].search(line.signs, _clause_start(line, frame.start), frame.end):
            begin = max(begin, _clause_start(line, frame.start))
        until = _clause_end(line, frame.end) if line.language == "zh" else len(line.signs)
        past = _last(self._past[line.language], line.signs, begin, until)
        recent = _last(self._recent[line.language], line.signs, begin, frame.end)
        if past > recent:
            return "past_round"
        if self._relative[line.language].search(line.signs, begin, frame.end):
            return RELATIVE
        if self._total[line.language].search(line.signs, max(begin, frame.start - 8), _clause_end(line, frame.end)):
            return TOTAL
        ahead = status is Status.IN_TALKS  # the October of a plan is the next one, not the last
        dateline = self._dateline[line.language].match(line.signs)
        begin = max(begin, dateline.end()) if dateline and begin == 0 else begin
        begin = max(begin, _last(self._today[line.language], line.signs, begin, frame.start))
        days = ANNOUNCED_DAYS if self._announces[line.language].search(line.signs, 0, frame.start) else OLD_DAYS
        return "old_date" if _old_date(line, begin, until, published, ahead=ahead, days=days) else None


def _old_date(
    line: Line, start: int, end: int, published: datetime | None, *, ahead: bool = False, days: int = OLD_DAYS
) -> bool:
    dates = [date for place, date in line.when.items() if start <= place < end]
    if ahead:
        dates = [date for date in dates if date.month is None or date.year or date.years_back is not None]
    if published is None:
        return any(date.years_back for date in dates)
    ages = (date.days_before(published) for date in dates)
    return any(age is not None and age > days for age in ages)


def _last(pattern: re.Pattern[str], signs: str, start: int, end: int) -> int:
    return max((found.start() for found in pattern.finditer(signs, start, end)), default=-1)


def _clause_end(line: Line, place: int, reach: int = _NEXT_TO) -> int:
    """The end of the clause, if it is near: 获得融资总额已达…"""
    found = re.search("[,，。;:.]", line.signs[place : place + reach])
    return place + (found.start() if found else reach)


def _clause_start(line: Line, place: int) -> int:
    return max(line.signs.rfind(mark, 0, place) for mark in ",。;:") + 1
