"""Watched companies found by their names and aliases."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.detection.automaton import Automaton, Hit, longest
from monitor.models import Mention, Part, Span
from monitor.settings import Company
from monitor.text import Folded


@dataclass(frozen=True, slots=True)
class _Word:
    company: str
    alias: str
    excluded: bool


class Watchlist:
    """The watched companies, ready to be found in any number of texts.

    Of names that overlap the leftmost, then the longest counts. An exclusion of a company hides the names of that
    company that lie inside it. A name of two companies mentions both.
    """

    def __init__(self, companies: Iterable[Company]) -> None:
        words: dict[tuple[str, str], _Word] = {}
        for company in companies:
            for alias in (company.name, *company.aliases):
                words.setdefault((company.name, alias), _Word(company.name, alias, excluded=False))
            for alias in company.exclude:
                words[company.name, alias] = _Word(company.name, alias, excluded=True)
        self._words = tuple(words.values())
        self._automaton = Automaton(word.alias for word in self._words)

    def find(self, folded: Folded, part: Part) -> list[Mention]:
        """The mentions in one part of an article, in its order, with positions in the original."""
        mentions = []
        for hit in longest(self._not_excluded(list(self._automaton.hits(folded.text)))):
            word = self._words[hit.word]
            start, end = folded.original(hit.start, hit.end)
            mentions.append(Mention(word.company, word.alias, Span(part, start, end)))
        return mentions

    def _not_excluded(self, hits: Sequence[Hit]) -> Iterable[Hit]:
        hidden: dict[str, list[Hit]] = {}
        names = []
        for hit in hits:
            word = self._words[hit.word]
            if word.excluded:
                hidden.setdefault(word.company, []).append(hit)
            else:
                names.append(hit)
        if not hidden:
            return names
        cover = {company: _covered(found) for company, found in hidden.items()}
        return [hit for hit in names if not _inside(hit, cover.get(self._words[hit.word].company, {}))]


def _covered(hits: Sequence[Hit]) -> dict[int, int]:
    """For each character that an exclusion covers, the end of the longest one over it that began first."""
    ends: dict[int, int] = {}
    for hit in hits:
        for place in range(hit.start, hit.end):
            ends[place] = max(ends.get(place, 0), hit.end)
    return ends


def _inside(hit: Hit, cover: dict[int, int]) -> bool:
    return cover.get(hit.start, 0) >= hit.end
