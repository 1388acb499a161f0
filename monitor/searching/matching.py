"""Whether an article fits a query, where, and how well: what decides over what an index proposes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from monitor.detection.grouping import USD_RATES
from monitor.models import Claim, Money
from monitor.searching.labels import label
from monitor.searching.nodes import All, Label, Lacks, Node, Some, Sum, Term, Told, Within, walk, wanted_terms
from monitor.text import CJK, fold, fold_with_positions

CONTEXT = 180
"""Characters of a snippet."""

_SATURATION, _USUAL_LENGTH, _IN_TITLE = 1.2, 1500, 3.0
"""How relevance is counted (as in BM25, with b = 0.75): what a term more adds, characters of a usual article, and what
a term in the title is worth."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that the index proposes. `labels` are its terms of `searching.labels`, `claims` what it says."""

    title: str
    text: str
    published: datetime
    labels: frozenset[str] = frozenset()
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """Where a candidate matched: spans of its title, and of a snippet of its text."""

    title_marks: tuple[tuple[int, int], ...]
    snippet: str
    marks: tuple[tuple[int, int], ...]


class Matcher:
    """Holds candidates against a query."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._reads = any(isinstance(part, Term) for part in walk(node))
        self._wanted = tuple(dict.fromkeys(wanted_terms(node)))
        self._patterns: dict[Term, re.Pattern[str]] = {}

    def fits(self, candidate: Candidate) -> bool:
        """True if all that is asked for is true of the candidate."""
        if not self._reads:
            return self._fits(self._node, candidate, "", "")
        return self._fits(self._node, candidate, fold(candidate.title), fold(candidate.text))

    def score(self, candidate: Candidate) -> float:
        """How well a candidate fits: by how often the terms occur, and most of all in its title."""
        title, body = fold(candidate.title), fold(candidate.text)
        norm = _SATURATION * (0.25 + 0.75 * len(body) / _USUAL_LENGTH)
        score = 0.0
        for term in self._wanted:
            pattern = self._pattern(term)
            number = 0 if term.title else len(pattern.findall(body))
            score += number * (_SATURATION + 1) / (number + norm) + _IN_TITLE * bool(pattern.search(title))
        return score

    def show(self, candidate: Candidate) -> Shown:
        """Where a candidate that fits matched."""
        title, body = fold_with_positions(candidate.title), fold_with_positions(candidate.text)
        patterns = [self._pattern(term) for term in self._wanted]
        title_marks = {title.original(*found.span()) for pattern in patterns for found in pattern.finditer(title.text)}
        places = sorted(
            (*body.original(*found.span()), number)
            for number, (term, pattern) in enumerate(zip(self._wanted, patterns, strict=True))
            if not term.title
            for found in pattern.finditer(body.text)
        )
        return Shown(tuple(sorted(title_marks)), *_snippet(candidate.text, places))

    def _fits(self, node: Node, candidate: Candidate, title: str, body: str) -> bool:
        match node:
            case All():
                return all(self._fits(part, candidate, title, body) for part in node.parts)
            case Some():
                return any(self._fits(part, candidate, title, body) for part in node.parts)
            case Lacks():
                return not self._fits(node.part, candidate, title, body)
            case Term():
                pattern = self._pattern(node)
                return bool(pattern.search(title) or (not node.title and pattern.search(body)))
        return _has(candidate, node)

    def _pattern(self, term: Term) -> re.Pattern[str]:
        found = self._patterns.get(term)
        if found is None:
            found = self._patterns[term] = pattern(term)
        return found


def _has(candidate: Candidate, node: Label | Told | Within) -> bool:
    match node:
        case Label():
            return label(node.kind, node.value) in candidate.labels
        case Told():
            return any(tells(claim, node) for claim in candidate.claims)
    late = node.before is not None and candidate.published >= node.before
    return not late and (node.after is None or candidate.published >= node.after)


def pattern(term: Term) -> re.Pattern[str]:
    """Finds the term as it must stand in folded text.

    Its Latin begins and ends where a word does; between Chinese and Latin a blank may stand or not, as writers please
    (智谱 AI, 智谱AI).
    """
    latin = f"[^\\W_{CJK}]"
    before = f"(?<!{latin})" if re.match(latin, term.text) else ""
    after = f"(?!{latin})" if re.match(latin, term.text[-1]) and not term.prefix else ""
    return re.compile(before + "".join(_pieces(term.text)) + after)


def _pieces(text: str) -> Iterator[str]:
    before, blank = "", False
    for piece in re.findall(f"\\s+|[{CJK}]+|[^\\W_{CJK}]+|[^\\w\\s]+|_+", text):
        if piece.isspace():
            blank = True
            continue
        joined = before and before[-1].isalnum() and piece[0].isalnum()
        if joined and (_is_cjk(before) or _is_cjk(piece)):
            yield r"\s*"
        elif before and blank:
            yield r"\s+"
        yield re.escape(piece)
        before, blank = piece, False


def _is_cjk(piece: str) -> bool:
    return bool(re.match(f"[{CJK}]", piece))


def tells(claim: Claim, asked: Told) -> bool:
    """True if a claim is news of a deal as it is asked for."""
    named = {fold(name) for name in (claim.company, *claim.investing)}
    return (
        claim.news
        and all(claim.round == value for value in asked.rounds)
        and all(claim.status is value for value in asked.statuses)
        and all(fold(value) in named for value in asked.companies)
        and all(claim.amount is not None and fits_sum(claim.amount, value) for value in asked.sums)
    )


def fits_sum(amount: Money, asked: Sum) -> bool:
    """True if an amount is as much as asked: more is said of its lower end, less of its upper one, if they are known.

    In another currency it is converted at the rates of `detection.grouping`; without a rate it does not fit.
    """
    rate = 1.0
    if asked.currency is not None and asked.currency != amount.currency:
        rates = USD_RATES.get(amount.currency), USD_RATES.get(asked.currency)
        if rates[0] is None or rates[1] is None:
            return False
        rate = rates[0] / rates[1]
    ends = (amount.low, amount.high) if asked.above else (amount.high, amount.low)
    end = ends[0] if ends[0] is not None else ends[1]
    if end is None:
        return False
    value = end * rate
    if asked.equal and abs(value - asked.value) <= _EXACT * asked.value:
        return True
    return value > asked.value if asked.above else value < asked.value


_EXACT = 1e-9


def _snippet(text: str, places: list[tuple[int, int, int]]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The part of the text with most of the terms, the first of such, and the places in it that matched."""
    best, most = 0, 0
    for i, (start, _, _) in enumerate(places):
        inside = {number for _, end, number in places[i : i + 50] if end <= start + CONTEXT * 2 // 3}
        if len(inside) > most:
            best, most = start, len(inside)
    start = max(0, best - CONTEXT // 3) if places else 0
    end = min(len(text), start + CONTEXT)
    marks = {(max(a, start) - start, min(b, end) - start) for a, b, _ in places if a < end and b > start}
    return text[start:end].replace("\n", " "), tuple(sorted(marks))
