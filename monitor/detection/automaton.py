"""Many words found in one pass, with word boundaries as Chinese and Latin scripts need them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import ahocorasick_rs

from monitor.text import CJK, fold

_JOIN = re.compile(f"(?<=[{CJK}])(?=[a-z0-9])|(?<=[a-z0-9])(?=[{CJK}])")
_IS_CJK = re.compile(f"[{CJK}]")


@dataclass(frozen=True, slots=True)
class Hit:
    """Word number `word` (in the order given) at `start` to `end` (exclusive) of a folded text."""

    word: int
    start: int
    end: int


class Automaton:
    """Finds many words at once; cost grows with the text, not with the number of words.

    A word that begins or ends with a letter or digit of an alphabet must not continue in one: `meta` is not found in
    `metadata`, but in `meta公司` and `meta's`. Chinese, Japanese and Korean characters need no boundary. Where Chinese
    and Latin characters meet inside a word, a text may put a blank between them (`智谱 ai` for `智谱ai`).
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._owners: dict[str, list[int]] = {}
        for number, word in enumerate(words):
            folded = fold(word).strip()
            for form in {folded, _JOIN.sub(" ", folded)}:
                if form:
                    self._owners.setdefault(form, []).append(number)
        self._forms = tuple(self._owners.values())
        self._found = ahocorasick_rs.AhoCorasick(self._owners) if self._owners else None

    def hits(self, folded: str) -> Iterator[Hit]:
        """All words in `folded` (made by `text.fold`) that stand free, overlapping ones too, in no set order."""
        if self._found is None:
            return
        for form, start, end in self._found.find_matches_as_indexes(folded, overlapping=True):
            if _free(folded, start, end):
                for word in self._forms[form]:
                    yield Hit(word, start, end)


def longest(hits: Iterable[Hit]) -> list[Hit]:
    """Of hits that overlap, the leftmost and of these the longest; words of equal place and length all stay."""
    chosen: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.start, -h.end, h.word)):
        last = chosen[-1] if chosen else None
        if last is None or hit.start >= last.end or (hit.start, hit.end) == (last.start, last.end):
            chosen.append(hit)
    return chosen


def _free(text: str, start: int, end: int) -> bool:
    before = start > 0 and _alphabetic(text[start]) and _alphabetic(text[start - 1])
    after = end < len(text) and _alphabetic(text[end - 1]) and _alphabetic(text[end])
    return not before and not after


def _alphabetic(character: str) -> bool:
    return character.isalnum() and not _IS_CJK.match(character)
