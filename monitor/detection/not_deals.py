"""What makes a statement of funding no deal: a loan, a listing, a fund that raises its own money."""

import re
from collections.abc import Iterator, Mapping, Sequence

from monitor.detection.frames import Frame
from monitor.detection.lexicon import Language, Lexicon
from monitor.detection.line import NO_DEAL, ROUND, Line
from monitor.detection.sketch import PRONOUN
from monitor.text import fold

_BEFORE = re.compile("之?前")  # 考虑在IPO前融资: a date
_CLAUSE_ENDS: Mapping[Language, str] = {"zh": ",;:。", "en": ",;:."}


class NotDeals:
    """Judges statements by the words of no deal beside them."""

    def __init__(self, lexicons: Mapping[Language, Lexicon]) -> None:
        self._anywhere = {language: words.named("anywhere") for language, words in lexicons.items()}
        self._listed = {language: words.pattern("listed") for language, words in lexicons.items()}
        self._purpose = {language: words.pattern("purpose") for language, words in lexicons.items()}

    def judge(self, line: Line, frames: Sequence[Frame]) -> Iterator[tuple[Frame, str | None]]:
        """Each statement of a line with the rule by which it is no deal, or None.

        What the money is for does not count.
        """
        anywhere = None
        if frames and ROUND not in line.signs:
            text = fold(line.sentence)
            anywhere = next((rule for rule, said in self._anywhere[line.language].items() if said.search(text)), None)
        for frame in frames:
            yield frame, self._beside(line, frame) or anywhere

    def _beside(self, line: Line, frame: Frame) -> str | None:
        rest = self._purpose[line.language].search(line.signs, frame.end)
        end = rest.start() if rest else len(line.signs)
        begin = _begin(line, frame, end)
        for place, rule in line.not_deals.items():
            # A fund before its verb is one that invests: 某母基金数亿元押注甲.
            fund = rule == "fund" and place < frame.first
            counts = begin <= place < end and line.signs[place] == NO_DEAL and not fund
            if counts and not _BEFORE.match(line.signs, place + 1):
                return rule
        return "placement" if self._is_listed(line, frame) else None

    def _is_listed(self, line: Line, frame: Frame) -> bool:
        """True if the sentence tells of the raiser's own announcement to an exchange, or where its shares trade."""
        raiser = line.companies[frame.company][0]
        for found in self._listed[line.language].finditer(line.signs):
            name = line.companies[found.start("r")][0]
            if raiser and name and (name.startswith(raiser) or raiser.startswith(name)):
                return True
        return False


def _begin(line: Line, frame: Frame, end: int) -> int:
    """From where on a word of no deal counts."""
    if line.companies[frame.company] == (PRONOUN,):  # who raises is told elsewhere, so all of the sentence may say it
        return 0
    if ROUND in line.signs[frame.start : end]:  # X, a marketplace for loans, raises a Series A
        return max(frame.first, _clause_start(line, frame.start))
    begin = _clause_start(line, frame.first)
    described = "的" in line.signs[begin : frame.first]  # 撤回IPO的甲获得融资
    return frame.first if described or line.language == "en" else begin


def _clause_start(line: Line, place: int) -> int:
    return max(line.signs.rfind(mark, 0, place) for mark in _CLAUSE_ENDS[line.language]) + 1
