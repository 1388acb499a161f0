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
        self._another = {language: words.pattern("another") for language, words in lexicons.items()}
        self._own = {language: words.pattern("own_company") for language, words in lexicons.items()}
        self._subject: Mapping[Language, _Subject] = {
            "zh": _ChineseSubject(lexicons["zh"]),
            "en": _EnglishSubject(lexicons["en"]),
        }

    def frames(self, line: Line) -> list[Frame]:
        """The statements of funding about watched companies in a line with its roles marked, in its order.

        For each place at which a company stands the one by the best construction, and others that tell of other
        rounds (完成F轮融资，…原定8月启动的G轮已提前开始).
        """
        found = _Found(line, self._another[line.language])
        subject = self._subject[line.language]
        for construction in self._strong[line.language]:
            found.collect(construction, subject, weak=False)
        for construction in self._weak[line.language]:
            found.collect(construction, subject, weak=True)
        return _raisers_only(line, found.frames(), self._own[line.language])

    def speaks_of_funding(self, line: Line) -> bool:
        """True if the line has the words of a construction, whoever raises."""
        return any(construction.pattern.search(line.signs) for construction in self._strong[line.language])


_ROUNDS_OF_THEIR_OWN = frozenset({"finishes_round", "gets_capital", "raises_money", "in_talks"})
"""Rules that may tell of a second round of a company in one sentence."""


PURPOSE = "round_for"
"""The rule of a round that is said to be for something: a company or, if another raises it, what the money is for."""


def _raisers_only(line: Line, frames: list[Frame], own: re.Pattern[str]) -> list[Frame]:
    """One raiser of an amount: who raises $5M for a thing or, where it is for somebody's own startup, the startup."""
    dropped: set[Frame] = set()
    for purpose in (frame for frame in frames if frame.rule == PURPOSE):
        for raiser in frames:
            if raiser.rule != PURPOSE and raiser.company < raiser.start <= purpose.start < raiser.end:
                dropped.add(raiser if own.search(line.signs, purpose.start, purpose.company) else purpose)
    return [frame for frame in frames if frame not in dropped]


class _Found:
    """Frames of one line as they are found, the best constructions first."""

    def __init__(self, line: Line, another: re.Pattern[str]) -> None:
        self._line = line
        self._another = another
        self._at: dict[int, list[Frame]] = {}

    def collect(self, construction: Construction, subject: _Subject, *, weak: bool) -> None:
        """Adds the frames of a construction for companies that have none yet."""
        signs = self._line.signs
        for found in construction.pattern.finditer(signs):
            holds = "who" in construction.pattern.groupindex
            place = found.start("who") if holds else subject(signs, found.start())
            while place and signs[place - 1] == COMPANY:  # 月之暗面Kimi: the company, then its product
                place -= 1
            if place is None:
                continue
            for each in (place, *(_coordinate(signs, place) if holds else ())):
                frame = Frame(construction.rule, each, *found.span(), hint=Status(construction.status), weak=weak)
                known = self._at.setdefault(each, [])
                if not known or all(self._tells_another_round(frame, other) for other in known):
                    known.append(frame)

    def frames(self) -> list[Frame]:
        """All frames in the order of the line."""
        return sorted((f for found in self._at.values() for f in found), key=lambda frame: (frame.first, frame.start))

    def _tells_another_round(self, frame: Frame, other: Frame) -> bool:
        apart = frame.start >= other.end or frame.end <= other.start
        own, others = self._rounds(frame), self._rounds(other)
        if apart and frame.rule == "in_talks" != other.rule and frame.start >= other.end:
            return bool(self._another.search(self._line.signs, frame.start, frame.end))
        return apart and frame.rule in _ROUNDS_OF_THEIR_OWN and bool(own and others) and not own & others

    def _rounds(self, frame: Frame) -> set[str]:
        return {name for place, name in self._line.round_names.items() if frame.start <= place < frame.end}


def _coordinate(signs: str, place: int) -> Iterator[int]:
    """The companies that follow one at `place` in a list: 投资甲、乙和丙."""
    while place + 2 < len(signs) and signs[place + 1] in "、和与及" and signs[place + 2] == COMPANY:
        place += 2
        yield place


_ASIDE = re.compile(r"\([^()]{0,120}\)")


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
        clauses = re.split("[,。;:!?、]", _ASIDE.sub("", signs[place + 1 : start]))
        left = len(self._gap.sub("", clauses[-1]))
        return place if left <= (self._OWN_CLAUSE if len(clauses) == 1 else self._LATER_CLAUSE) else None


# A sentence that opens with a company and goes on about it: X wants to do a thing, and just got $5M.
_COORDINATED = re.compile(r"(?:,| and| but| as it)(?: and)?(?: it| they)?(?: has| just| also| recently| now){0,2} $")


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
        self._gap, self._own = words.pattern("subject_gap"), words.pattern("subject_own")
        self._stop = words.pattern("subject_stop")

    def __call__(self, signs: str, start: int) -> int | None:
        place = signs.rfind(COMPANY, max(0, start - self._REACH), start)
        if place < 0:
            return None
        if place == 0 and _COORDINATED.search(signs, 1, start):
            return place
        if self._own.fullmatch(signs, place + 1, start):
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
