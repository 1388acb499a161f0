"""Companies on no list that an article has named as raisers, so that the rest of it is read with them in mind."""

import re

from monitor.detection.reading import Reading
from monitor.detection.sketch import PRONOUN


class KnownRaisers:
    """Raisers of one article, taken up as it is read: wherever it names them later on, they count as companies."""

    MOST = 8
    """Names looked for; a round-up has more, and needs them only within their entries."""

    def __init__(self) -> None:
        self._names: dict[str, re.Pattern[str]] = {}

    def learn(self, reading: Reading) -> None:
        """Takes up the raisers of a sentence that speaks of news."""
        for told in reading.statements:
            plain = told.company != PRONOUN and not (told.watched or told.weak or told.background)
            if plain and len(self._names) < self.MOST and len(told.company) >= 2 and told.company not in self._names:
                self._names[told.company] = re.compile(
                    rf"(?<![A-Za-z0-9]){re.escape(told.company)}(?![A-Za-z0-9])"
                    if told.company.isascii()
                    else re.escape(told.company)
                )

    def find(self, sentence: str) -> list[tuple[int, int, str]]:
        """Where a sentence names them: start, end (exclusive), name; in order and free of overlap."""
        found = sorted(
            (m.start(), -m.end(), name)
            for name, pattern in self._names.items()
            if name in sentence
            for m in pattern.finditer(sentence)
        )
        kept: list[tuple[int, int, str]] = []
        for start, end, name in found:
            if not kept or start >= kept[-1][1]:
                kept.append((start, -end, name))
        return kept
