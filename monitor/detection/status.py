"""How far a stated deal has come, and whether it is news or background."""

import re
from collections.abc import Mapping
from datetime import datetime

from monitor.detection.frames import Frame
from monitor.detection.lexicon import Language, Lexicon
from monitor.detection.line import MONEY, ROUND, Line
from monitor.models import Status

OLD_DAYS = 45
"""A date that lies this many days before the article makes a statement background."""


class Tense:
    """Reads status and time of a frame from the words around it."""

    def __init__(self, lexicons: Mapping[Language, Lexicon]) -> None:
        def patterns(name: str) -> dict[Language, re.Pattern[str]]:
            return {language: words.pattern(name) for language, words in lexicons.items()}

        self._talk, self._settled, self._denied = patterns("talking"), patterns("settled"), patterns("denied")
        self._past, self._recent, self._total = patterns("past"), patterns("recent"), patterns("total")
        self._funding, self._follows = patterns("funding"), patterns("follows")

    def status(self, line: Line, frame: Frame) -> Status:
        """Completed, in talks or denied. 未予置评 and `declined to comment` do not deny."""
        if frame.hint is Status.DENIED or self.denies(line):
            return Status.DENIED
        settled = self._settled[line.language].search(line.signs, frame.first, frame.end)
        scope = line.signs[_clause_start(line, frame.first) : frame.end]
        if not settled and (frame.hint is Status.IN_TALKS or self._talk[line.language].search(scope)):
            return Status.IN_TALKS
        return Status.COMPLETED

    def denies(self, line: Line) -> bool:
        """True if the sentence denies or calls off a funding."""
        return self.about_funding(line) and bool(self._denied[line.language].search(line.signs))

    def about_funding(self, line: Line) -> bool:
        """True if the sentence has a word of funding."""
        return bool(self._funding[line.language].search(line.signs))

    def may_follow(self, sentence: str) -> bool:
        """True if `follows` can be true of a sentence: cheap, without reading it as a line."""
        lower = sentence.casefold()
        return any(pattern.search(lower) for pattern in self._follows.values())

    def follows(self, line: Line, published: datetime | None) -> bool:
        """True if the sentence goes on about a round told before it."""
        found = self._follows[line.language].search(line.signs)
        if not found or self._past[line.language].search(line.signs, 0, found.end()):
            return False
        return not _old_date(line, 0, len(line.signs), published)

    def recent(self, line: Line) -> bool:
        """True if the sentence has words of what has just happened."""
        return bool(self._recent[line.language].search(line.signs))

    def background(self, line: Line, frame: Frame, since: int, published: datetime | None) -> str | None:
        """Why a statement is background (`past_round`, `holding`, `total_raised`, `old_date`), or None.

        `since` is where the statement before it in the line ended.
        """
        begin = min(since, frame.first)
        until = frame.end if line.language == "zh" else len(line.signs)
        past = _last(self._past[line.language], line.signs, begin, until)
        recent = _last(self._recent[line.language], line.signs, begin, frame.end)
        if past > recent:
            return "past_round"
        if frame.rule == "investor_verb" and not recent >= 0 and not _states_a_deal(line, begin, until):
            return "holding"
        if self._total[line.language].search(line.signs, max(begin, frame.start - 8), frame.end):
            return "total_raised"
        ahead = self.status(line, frame) is Status.IN_TALKS  # the October of a plan is the next one, not the last
        return "old_date" if _old_date(line, begin, until, published, ahead=ahead) else None


def _states_a_deal(line: Line, start: int, end: int) -> bool:
    """True unless all that is said is that somebody holds shares: 还投资了甲."""
    return start == 0 or any(sign in line.signs[start:end] for sign in (MONEY, ROUND))


def _old_date(line: Line, start: int, end: int, published: datetime | None, *, ahead: bool = False) -> bool:
    dates = [date for place, date in line.when.items() if start <= place < end]
    if ahead:
        dates = [date for date in dates if date.month is None or date.year or date.years_back]
    if published is None:
        return any(date.years_back for date in dates)
    ages = (date.days_before(published) for date in dates)
    return any(age is not None and age > OLD_DAYS for age in ages)


def _last(pattern: re.Pattern[str], signs: str, start: int, end: int) -> int:
    return max((found.start() for found in pattern.finditer(signs, start, end)), default=-1)


def _clause_start(line: Line, place: int) -> int:
    return max(line.signs.rfind(mark, 0, place) for mark in ",。;:") + 1
