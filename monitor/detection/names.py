"""Names of investors in a sentence about a round."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from monitor.detection.lexicon import Language, Lexicon
from monitor.detection.line import COMPANY, Line

MOST = 40
"""Names kept of one round."""

_BLANK = "\x00"
_PAREN = re.compile(r"\([^)]{0,80}\)?|[()]")
_SIGNS = re.compile("[\ue003-\ue00f]")
_LONG = 18
"""Chinese characters that no name has without its legal form."""

_FORMS = frozenset({"投资", "创投", "资本", "基金"})
_OF_PLACE = re.compile(r"\)上?的")  # 沙山路(Sand Hill Road)上的基金 names no fund
_LEGAL = ("有限公司", "合伙企业", "有限合伙")
_EDGE = " .,'-–—*“”\"「」"
_POSSESSIVE = re.compile("^.{1,40}(?:'s|’s|s’|s') (?=.)")
_SAYS = re.compile("^.* (?:showed|shows|said|says|confirmed|reported|that) (?=[A-Z])")
_END_EN = re.compile(
    " (?:to|for|at|about|with|that|which|who|as|in|on|after|valuing|bringing|while|has|have|joining|participating|also"
    "|is|are|will|(?<!and )the)(?: |$)"
)


class Names:
    """Finds lists of investors by the words around them and cuts them into names."""

    def __init__(self, lexicons: Mapping[Language, Lexicon]) -> None:
        self._of = {language: _Cutter(language, words) for language, words in lexicons.items()}
        self._people = {language: words.pattern("people") for language, words in lexicons.items()}
        self._lists = {
            language: [(True, p) for p in words.patterns("leads")] + [(False, p) for p in words.patterns("investors")]
            for language, words in lexicons.items()
        }

    def investors(self, line: Line, start: int, end: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """All investors named in `start` to `end` of a line, and those of them that lead; advisers left out."""
        cutter = self._of[line.language]
        people = self._people[line.language]
        line = replace(line, signs=people.sub(lambda found: _BLANK * len(found[0]), line.signs))
        every: dict[str, None] = {}
        leads: dict[str, None] = {}
        for leading, pattern in self._lists[line.language]:
            for found in pattern.finditer(line.signs, start, end):
                names = dict.fromkeys(cutter.names(line, *found.span("r")))
                every |= names
                if leading:
                    leads |= names
        return tuple(distinct(every)), tuple(distinct(leads))


class _Cutter:
    """Cuts a list of names, and off each name what is none of it."""

    def __init__(self, language: Language, words: Lexicon) -> None:
        self._english = language == "en"
        self._split = words.pattern("split")
        self._adviser = words.pattern("adviser")
        self._no_name = words.pattern("no_name")
        noise = words.any_of("investor_noise")
        glue = "[ ,:]*" if self._english else ""
        more = "" if self._english else "|[的是了有将拟并则获对从所们]"
        self._head = re.compile(rf"(?:(?:{noise}{more}|[\ue005\ue006\ue00f\x00]){glue})+")
        self._kind = words.pattern("kind_of_investor")
        self._described = words.pattern("described_investor")
        self._formerly = words.pattern("formerly")
        self._short = re.compile(r"(?:以下|下文|下)?(?:简称|下称)(?:为|:)?([^),]{2,12})\)?$")
        self._owner = words.pattern("owner")
        self._tail = re.compile(rf"(?:{glue}(?:{noise}{more}{'' if self._english else '|[和与及]'}))+$")

    def names(self, line: Line, start: int, end: int) -> Iterator[str]:
        stop = _END_EN.search(line.signs, start, end) if self._english else None
        end = stop.start() if stop else end
        listed = _PAREN.sub(lambda found: _BLANK * len(found[0]), line.signs[start:end])
        place = 0
        after_comma = False
        for found in (*self._split.finditer(listed), None):
            last = found.start() if found else len(listed)
            name = self._name(line, start + place, start + last)
            if name:
                yield name
            elif after_comma and not self._noise_only(line.signs[start + place : start + last]):
                return  # the list is over: a clause of another kind has begun
            after_comma = found is not None and "," in found[0]
            place = found.end() if found else last

    def _noise_only(self, piece: str) -> bool:
        found = self._head.match(piece)
        return not piece.strip() or (found is not None and found.end() >= len(piece.rstrip()) - 2)

    def _without_head(self, line: Line, start: int, end: int) -> int:
        """Where the name begins in a piece: after whose fund it is, and after words such as 老股东."""
        piece = line.signs[start:end]
        for head in (self._head, self._owner) * 3:
            found = head.match(piece)
            rest = piece[found.end() :].partition("(")[0] if found else ""
            if found and not (rest and self._kind.fullmatch(rest)):  # but not from 某资本旗下基金, 今日资本
                start, piece = start + found.end(), piece[found.end() :]
        return start

    def _name(self, line: Line, start: int, end: int) -> str | None:
        start = self._without_head(line, start, end)
        piece = line.signs[start:end]
        if self._adviser.search(piece) or _OF_PLACE.search(piece) or self._formerly.search(piece):
            return None
        piece, _, aside = piece.partition("(")
        short = None if self._english else self._short.match(aside)
        if short:
            start, piece = start + len(piece) + 1 + short.start(1), short[1]
        tail = self._tail.search(piece)
        if tail and not (
            self._english and line.raw(start + tail.start(), start + len(piece)).strip(_EDGE)[:1].isupper()
        ):
            piece = piece[: tail.start()]  # but not of QED Investors
        start += len(piece) - len(piece.lstrip(_EDGE))
        piece = piece.strip(_EDGE)
        if not _nameable(line, start, start + len(piece)):
            return None
        name = line.raw(start, start + len(piece)).strip(_EDGE)
        if self._english:
            name = _POSSESSIVE.sub("", self._described.sub("", _SAYS.sub("", name))).removeprefix("the ")
        return name if self._is_name(name, piece) else None

    def _is_name(self, name: str, piece: str) -> bool:
        """True if a name as written, `piece` in signs, is as long and made as one."""
        legal = piece.endswith(_LEGAL)
        if not 2 <= len(name) <= 40 or (not legal and self._no_name.search(piece)):
            return False
        if self._english:
            return any(c.isupper() or c.isdigit() for c in name[:3])
        return legal or len(name) <= _LONG or bool(re.search("[a-zA-Z]", name))


def _nameable(line: Line, start: int, end: int) -> bool:
    """True if no sign stands for something that is no part of a name; a raiser's makes a name only alone."""
    for place in range(start, end):
        sign = line.signs[place]
        if sign == COMPANY and end - start > 1:
            return False
        if _SIGNS.match(sign) and line.not_deals.get(place) != "fund":  # 前海母基金 is a name
            return False
    return True


def distinct(names: Iterable[str]) -> Iterator[str]:
    """Names without those that are part of another one before them, or the same without 投资; at most `MOST`."""
    kept: list[str] = []
    for name in names:
        if any(name in other for other in kept):
            continue
        longer = {other for other in kept if name.startswith(f"{other} ") or name.removeprefix(other) in _FORMS}
        kept = [other for other in kept if other not in longer]
        kept.append(name)
    yield from kept[:MOST]
