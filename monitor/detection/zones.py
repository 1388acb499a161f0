"""The parts of an article that speak: sentences, without reference lists, related links and author boxes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from monitor import text as texts
from monitor.detection import lexicon
from monitor.models import Part, Span

LONGEST = 600
"""Characters after which a sentence is cut, at a comma if there is one: bounds the cost of rules on hostile text."""

_ENTRY = re.compile(
    r"\s*(?:[-*·•▪●○◆▶✦>]|\(?\d{1,3}[.、)）:：]|[①-⑳]|\[\d{1,3}\]|[一二三四五六七八九十]{1,3}、|https?://|!?\[)"
)
_MARKUP = re.compile(r"\s*(?:!\[[^\]]{0,200}\]\(|https?://\S{1,400}\s*$)")
_BYLINE = re.compile(
    r"\s*(?:文|作者|编辑|来源|责编|撰文|图源|文章来源|文章作者|图片来源|编译|采访|校对|by)\s?[|｜丨/:：].{0,60}$",
    re.IGNORECASE,
)
_FIRST_ENTRY = re.compile(r"[:：]\s?(?:\[1\]|1[.、)]|①)")
_LONGEST_HEADING = 20
_SEGMENT = re.compile(r"\s*[|｜丨/]\s*")
_COUNTED = re.compile(r"(?<![\d.])(\d{1,2})[.、](?![\d\s])")
_ENTRIES = 3
"""Numbers in a row, from 1, that make a paragraph a list."""

_COMMA = re.compile(r"[,，、;；]")
_INTRODUCTION = 1500
"""Characters at the head of a text that say what it is about."""

_LEAD = 220
"""Characters at the head of a text that are taken for its lead."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with its place. `paragraph` counts lines of the text; the title is paragraph -1."""

    span: Span
    text: str
    paragraph: int
    lead: bool = False
    speaks: bool = True


class Zones:
    """Divides articles, with the headings and titles named in the lexicons."""

    def __init__(self, lexicons: Iterable[lexicon.Lexicon]) -> None:
        words = tuple(lexicons)
        self._roundup = re.compile("|".join(one.any_of("roundup") for one in words))
        self._section = re.compile("|".join(f"(?:{one.pattern('heading').pattern})[:：]?" for one in words))
        self._intros = [one.pattern("roundup_intro") for one in words]
        self._retrospects = [one.pattern("retrospect") for one in words]
        headings = "|".join(one.any_of("references") for one in words)
        self._heading_end = re.compile(rf"(?:{headings})$", re.IGNORECASE)
        self._heading = re.compile(rf"[\s#*【\[(-]*(?:{headings})[\s*】\])]*(?:[:|].{{0,400}})?")

    def is_roundup(self, title: str, text: str) -> bool:
        """True for a digest of several news: by its title, by several headlines in it, or by a text of entries."""
        folded = texts.fold(title)
        if self._roundup.search(folded) or folded.count(";") >= 2 or len(_SEGMENT.findall(folded)) >= 3:
            return True
        head = text[: _INTRODUCTION // 2].lower()
        if any(one.search(head) for one in self._intros):
            return True
        lines = text.splitlines()
        if any(
            len(line) <= _LONGEST_HEADING * 2 and self._section.fullmatch(texts.fold(line).strip()) for line in lines
        ):
            return True
        entries = sum(1 for line in lines if _ENTRY.match(line) and 15 <= len(line) <= 400)
        return entries >= 4 and entries * 2 >= len(lines)

    def is_retrospect(self, title: str, text: str) -> bool:
        """True for a look back at a year or a quarter: by its title, or by what its first paragraphs say."""
        return any(one.search(texts.fold(title)) or one.search(text[:_INTRODUCTION]) for one in self._retrospects)

    def sentences(self, title: str, text: str) -> list[Sentence]:
        """The sentences of title and text. Those of reference lists and the like come with `speaks` False."""
        found = [_sentence(title, "title", start, end, -1) for start, end in _segments(title)]
        said = 0
        for paragraph, (start, end, speaks) in enumerate(self._lines(text)):
            for first, last in _cut(text, start, end):
                lead = speaks and said < _LEAD
                found.append(_sentence(text, "text", first, last, paragraph, lead=lead, speaks=speaks))
                said += (last - first) if speaks else 0
        return found

    def _lines(self, text: str) -> Iterator[tuple[int, int, bool]]:
        start = 0
        listing = False
        for line in text.split("\n"):
            end = start + len(line)
            if self._heading.fullmatch(texts.fold(line[:500])):
                listing = True
                yield start, end, False
            elif listing and (_ENTRY.match(line) or len(line) < 40):
                yield start, end, False
            else:
                listing = False
                speaks = not (_MARKUP.match(line) or _BYLINE.match(line))
                middle = start + self._inline_list(line)
                yield start, middle, speaks
                if middle < end:
                    yield middle, end, False
            start = end + 1

    def _inline_list(self, line: str) -> int:
        """Where in a paragraph a list of references begins, heading included; its length if there is none."""
        for found in _FIRST_ENTRY.finditer(line):
            heading = self._heading_end.search(line, max(0, found.start() - _LONGEST_HEADING), found.start())
            if heading:
                return heading.start()
        return len(line)


def _sentence(
    whole: str, part: Part, start: int, end: int, paragraph: int, *, lead: bool = False, speaks: bool = True
) -> Sentence:
    return Sentence(Span(part, start, end), whole[start:end], paragraph, lead, speaks)


def _segments(title: str) -> Iterator[tuple[int, int]]:
    """A title's sentences, cut also where bars divide it; a bar as in `A/B test` divides nothing."""
    for start, end in texts.sentences(title):
        last = start
        for bar in _SEGMENT.finditer(title, start, end):
            if bar[0].strip() == "/" and bar.start() - last < 8:
                continue
            yield from texts.trimmed(title, last, bar.start())
            last = bar.end()
        yield from texts.trimmed(title, last, end)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for first, last in _entries(text, start, end):
        place = first
        while last - place > LONGEST:
            commas = [found.end() for found in _COMMA.finditer(text, place + LONGEST // 2, place + LONGEST)]
            middle = commas[-1] if commas else place + LONGEST
            yield place, middle
            place = middle
        yield place, last


def _entries(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentences of a paragraph; where it counts entries (1.甲… 2.乙… 3.丙…), each begins a sentence."""
    cuts = [start, end]
    if text.find("1", start, end) >= 0:
        counted = list(_COUNTED.finditer(text, start, end))
        numbers = [int(found[1]) for found in counted]
        if len(numbers) >= _ENTRIES and numbers == list(range(1, len(numbers) + 1)):
            cuts[1:1] = [found.start() for found in counted]
    for begin, stop in pairwise(cuts):
        for first, last in texts.sentences(text[begin:stop]):
            yield begin + first, begin + last
