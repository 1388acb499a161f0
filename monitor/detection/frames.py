"""Funding said of a company in one sentence: who raises, and by which construction.

A construction is either a predicate (获投, 完成…融资, raises $…), whose subject is looked for before it, or a pattern
that holds the raiser itself (领投X的A轮, invests in X).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from monitor.detection.lexicon import Construction, Language, Lexicon
from monitor.detection.line import COMPANY, Line
from monitor.models import Status


@dataclass(frozen=True, slots=True)
class Frame:
    """One statement of funding. Positions are in the signs of its line.

    `company` is where the raiser stands, `start` to `end` the words that say it. `hint` is what the construction alone
    says of the status. A weak frame (a valuation) is no claim of its own.
    """

    rule: str
    company: int
    start: int
    end: int
    hint: Status = Status.COMPLETED
    weak: bool = False

    @property
    def first(self) -> int:
        """Where the statement begins, raiser included."""
        return min(self.company, self.start)


_Subject = Callable[[str, int], int | None]


class Constructions:
    """The constructions of all languages."""

    def __init__(self, lexicons: Mapping[Language, Lexicon]) -> None:
        self._strong = {language: words.constructions("constructions") for language, words in lexicons.items()}
        self._weak = {language: words.constructions("weak") for language, words in lexicons.items()}
        self._subject: Mapping[Language, _Subject] = {
            "zh": _ChineseSubject(lexicons["zh"]),
            "en": _EnglishSubject(lexicons["en"]),
        }

    def frames(self, line: Line) -> list[Frame]:
        """The statements of funding about watched companies in a line with its roles marked, in its order.

        At most one, by the best construction, for each place at which a company stands.
        """
        best: dict[int, Frame] = {}
        subject = self._subject[line.language]
        for construction in self._strong[line.language]:
            _collect(best, line.signs, construction, subject, weak=False)
        for construction in self._weak[line.language]:
            _collect(best, line.signs, construction, subject, weak=True)
        return sorted(best.values(), key=lambda frame: frame.first)

    def speaks_of_funding(self, line: Line) -> bool:
        """True if the line has the words of a construction, whoever raises."""
        return any(construction.pattern.search(line.signs) for construction in self._strong[line.language])


def _collect(best: dict[int, Frame], signs: str, construction: Construction, subject: _Subject, *, weak: bool) -> None:
    for found in construction.pattern.finditer(signs):
        holds = "who" in construction.pattern.groupindex
        place = found.start("who") if holds else subject(signs, found.start())
        while place and signs[place - 1] == COMPANY:  # 月之暗面Kimi: the company, then its product
            place -= 1
        if place is not None and place not in best:
            for each in (place, *(_coordinate(signs, place) if holds else ())):
                best[each] = Frame(construction.rule, each, *found.span(), hint=Status(construction.status), weak=weak)


def _coordinate(signs: str, place: int) -> Iterator[int]:
    """The companies that follow one at `place` in a list: 投资甲、乙和丙."""
    while place + 2 < len(signs) and signs[place + 1] in "、和与及" and signs[place + 2] == COMPANY:
        place += 2
        yield place


class _ChineseSubject:
    """Looks for the subject of a Chinese predicate: the nearest name before it that no other subject parts from it."""

    _REACH = 120
    _OWN_CLAUSE, _LATER_CLAUSE = 6, 0
    """Characters that may be left between name and predicate (a product's name), in one clause and over several."""

    def __init__(self, words: Lexicon) -> None:
        self._gap = words.pattern("subject_gap")

    def __call__(self, signs: str, start: int) -> int | None:
        place = signs.rfind(COMPANY, max(0, start - self._REACH), start)
        if place < 0:
            return None
        clauses = re.split("[,。;:!?、]", signs[place + 1 : start])
        left = len(self._gap.sub("", clauses[-1]))
        return place if left <= (self._OWN_CLAUSE if len(clauses) == 1 else self._LATER_CLAUSE) else None


# A sentence that opens with a company and goes on about it: X wants to do a thing, and just got $5M.
_COORDINATED = re.compile(r"(?:,| and| but| as it)(?: and)?(?: has| just| also| recently| now){0,2} $")


# What belongs to a company is another subject (X's cloud unit raises), except for its rounds.
_POSSESSES = re.compile(
    r"'s (?!(?:new|latest|recent|first|oversubscribed|fundraise|funding|financing|round|valuation|seed)\b)[a-z]"
)


class _EnglishSubject:
    """Looks for the subject of an English predicate; an apposition between commas may stand between."""

    _REACH = 200
    _WORDS = 3
    """Words that may be left between name and predicate."""

    def __init__(self, words: Lexicon) -> None:
        self._gap = words.pattern("subject_gap")
        self._stop = words.pattern("subject_stop")

    def __call__(self, signs: str, start: int) -> int | None:
        place = signs.rfind(COMPANY, max(0, start - self._REACH), start)
        if place < 0:
            return None
        if place == 0 and _COORDINATED.search(signs, 1, start):
            return place
        if _POSSESSES.match(signs, place + 1, start):
            return None
        clauses = signs[place + 1 : start].removeprefix("'s").split(",")
        if len(clauses) == 2:  # one comma: no apposition closed, so all of it counts
            clauses = [" ".join(clauses)]
        own = clauses[-1]
        if self._stop.search(own) or len(self._gap.sub("", own).split()) > self._WORDS:
            return None
        return place
