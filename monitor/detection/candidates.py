"""Companies recognised from what is said of them, without any list: who stands where a raiser stands.

For each predicate of funding the text before it is read for its subject, for each construction with an object the text
after it. What is found is only a candidate: roles, frames and the words of no deal decide as for watched companies.
"""

from collections.abc import Mapping

from monitor.detection.chinese_names import ChineseNames
from monitor.detection.english_names import EnglishNames
from monitor.detection.lexicon import Language, Lexicon
from monitor.detection.sketch import Candidate, Finder, Sketch


class Candidates:
    """Proposes raisers in a sentence."""

    def __init__(self, lexicons: Mapping[Language, Lexicon]) -> None:
        self._finders: Mapping[Language, Finder] = {
            "zh": ChineseNames(lexicons["zh"]),
            "en": EnglishNames(lexicons["en"]),
        }

    def find(self, sketch: Sketch, language: Language) -> list[Candidate]:
        """The candidates in order; of those that overlap the longest.

        A predicate without a subject has the one of the predicate before it.
        """
        found = sorted(set(self._finders[language].find(sketch)), key=lambda c: (c.start - c.end, c.start))
        kept: list[Candidate] = []
        for one in found:
            if all(one.end <= other.start or one.start >= other.end for other in kept):
                kept.append(one)
        kept.sort(key=lambda c: (c.start, c.end))
        return [one for n, one in enumerate(kept) if one.start < one.end or n == 0]
