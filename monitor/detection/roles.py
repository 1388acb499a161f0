"""Who does what in a sentence: investors and companies in passing are told from those that may be raising."""

import re
from collections.abc import Iterable, Iterator, Mapping

from monitor.detection.lexicon import Language, Lexicon
from monitor.detection.line import COMPANY, INVESTOR, OTHER, Line


class Roles:
    """Marks companies of a line by role."""

    def __init__(self, lexicons: Mapping[Language, Lexicon]) -> None:
        self._investors = {language: words.patterns("investor_roles") for language, words in lexicons.items()}
        self._raisers = {language: words.patterns("raiser_roles") for language, words in lexicons.items()}
        self._others = {language: words.patterns("other_roles") for language, words in lexicons.items()}

    def mark(self, line: Line) -> Line:
        """The line with investors and companies in passing under signs of their own."""
        line = line.with_roles(dict.fromkeys(_places(self._others[line.language], line), OTHER))
        raisers = set(_places(self._raisers[line.language], line))
        investors = (place for place in _places(self._investors[line.language], line) if place not in raisers)
        return line.with_roles(dict.fromkeys(investors, INVESTOR))


def _places(patterns: Iterable[re.Pattern[str]], line: Line) -> Iterator[int]:
    for pattern in patterns:
        for found in pattern.finditer(line.signs):
            start, end = found.span("r")
            for place in range(start, end):
                if line.signs[place] == COMPANY:
                    yield place
