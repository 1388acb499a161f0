"""A sentence as a line of signs: names, amounts, rounds and dates each become one character.

The rules of detection are patterns over such lines. Each sign is a character of a private area of Unicode, and each
character of the line knows which characters of the sentence it stands for.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from monitor.detection import dates, lexicon, money, rounds
from monitor.detection.candidates import Candidates
from monitor.detection.sketch import Sketch
from monitor.models import Money
from monitor.text import CJK, Folded, fold_with_positions

COMPANY, INVESTOR, OTHER, MONEY, ROUND, DATE, NO_DEAL = lexicon.SIGNS.values()

LONGEST_NAME = 200
"""Characters kept of a name."""

_PRIVATE = re.compile("[\ue000-\uf8ff]")
_QUOTED = re.compile('[“「『‘"【]([^“”「」『』‘’"【】。]{2,40})[”」』’"】]')
_IGNORED = re.compile(r",? (?:inc|llc|ltd|corp|plc|gmbh)(?:\.|(?![a-z0-9]))|[“”‘\"「」『』《》【】*]")
_CJK = re.compile(f"[{CJK}]")
_LATIN = re.compile("[a-z]{2}")
_BREAK = re.compile(f"(?<=[{CJK}]) +(?=[{CJK}])")  # in Chinese headlines a blank divides as a comma does
_BLANK = re.compile(f"(?<=[{CJK},。、:;!?()\ue001-\ue00f]) +| +(?=[{CJK},。、:;!?()\ue001-\ue00f])")


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence as signs, to be read with the rules of `language`.

    `starts` and `ends` give the place in the sentence of each character of `signs`.

    The mappings are by position in `signs`; a name that several companies share stands for all of them.
    """

    sentence: str
    language: lexicon.Language
    signs: str
    starts: Sequence[int]
    ends: Sequence[int]
    companies: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    amounts: Mapping[int, Money] = field(default_factory=dict)
    round_names: Mapping[int, str] = field(default_factory=dict)
    when: Mapping[int, dates.Date] = field(default_factory=dict)
    not_deals: Mapping[int, str] = field(default_factory=dict)
    unwatched: frozenset[int] = frozenset()

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The place in the sentence of `start` to `end` (exclusive, end > start) of the signs."""
        return self.starts[start], self.ends[end - 1]

    def raw(self, start: int, end: int) -> str:
        """The words of the sentence behind `start` to `end` of the signs."""
        if start >= end:
            return ""
        return self.sentence[self.starts[start] : self.ends[end - 1]]

    def with_roles(self, roles: Mapping[int, str]) -> "Line":
        """The same line with the signs at some positions changed."""
        if not roles:
            return self
        signs = list(self.signs)
        for place, sign in roles.items():
            signs[place] = sign
        return replace(self, signs="".join(signs))


class _Unwatched(str):
    """The name of a company that is on no list."""


_Value = tuple[str, ...] | _Unwatched | Money | rounds.Round | dates.Date | str | None


class _Builder:
    """Signs under construction; `values` holds what each sign stands for."""

    def __init__(self, folded: Folded) -> None:
        self.signs = _PRIVATE.sub(" ", folded.text).replace("’", "'")  # as in the text, whatever the keyboard
        places = [folded.original(i, i + 1) for i in range(len(self.signs))]
        self.starts = [start for start, _ in places]
        self.ends = [end for _, end in places]
        self.values: list[_Value] = [None] * len(self.signs)

    def put(self, spans: Iterable[tuple[int, int, _Value]], sign: str) -> None:
        """Replaces spans, in order and free of overlap, by one sign each (by nothing for an empty sign)."""
        wanted = list(spans)
        if not wanted:
            return
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        values: list[_Value] = []
        last = 0
        for start, end, value in (*wanted, (len(self.signs), len(self.signs), None)):
            if start < last:
                continue
            pieces.append(self.signs[last:start])
            starts += self.starts[last:start]
            ends += self.ends[last:start]
            values += self.values[last:start]
            if sign and start < len(self.signs):
                pieces.append(sign)
                starts.append(self.starts[start])
                ends.append(self.ends[end - 1] if end > start else self.starts[start])
                values.append(value)
            last = end
        self.signs, self.starts, self.ends, self.values = "".join(pieces), starts, ends, values

    def sketch(self, sentence: str, *, title: bool) -> Sketch:
        """What the finders of names see; quotations are those of `sentence`."""
        cased = "".join(
            sign if "\ue000" <= sign <= "\uf8ff" else sentence[start]
            for sign, start in zip(self.signs, self.starts, strict=True)
        )
        quoted = {
            bisect_left(self.starts, found.end(1)): bisect_left(self.starts, found.start(1))
            for found in _QUOTED.finditer(sentence)
        }
        return Sketch(self.signs, cased, quoted, title)

    def drop(self, pattern: re.Pattern[str]) -> None:
        """Takes out what a pattern finds."""
        self.put(((found.start(), found.end(), None) for found in pattern.finditer(self.signs)), "")


class Reader:
    """Reads sentences as lines, with the words of the lexicons."""

    def __init__(self, lexicons: Mapping[lexicon.Language, lexicon.Lexicon], *, everyone: bool = False) -> None:
        self._candidates = Candidates(lexicons) if everyone else None
        self._blotted = {language: words.pattern("blotted") for language, words in lexicons.items()}
        self._not_deals = {
            language: (
                re.compile(lexicon.alternatives(word for said in words.not_deals.values() for word in said)),
                {lexicon.bare(word): rule for rule, said in words.not_deals.items() for word in said},
            )
            for language, words in lexicons.items()
        }

    def read(
        self,
        sentence: str,
        names: Iterable[tuple[int, int, str]],
        unwatched: Iterable[tuple[int, int, str]] = (),
        *,
        title: bool = False,
    ) -> Line:
        """The line of a sentence, in which watched companies are named at (start, end, company).

        `unwatched` are places of companies that are on no list and already known from the article.
        """
        builder = _Builder(fold_with_positions(sentence))
        builder.put(_shared(names, builder), COMPANY)
        builder.put(
            [
                (bisect_left(builder.starts, start), bisect_left(builder.starts, end), _Unwatched(name))
                for start, end, name in unwatched
                if COMPANY not in builder.signs[bisect_left(builder.starts, start) : bisect_left(builder.starts, end)]
            ],
            COMPANY,
        )
        builder.drop(_IGNORED)
        language = _language(sentence, builder.signs)
        if language == "zh":
            if title:
                builder.put([(m.start(), m.end(), None) for m in _BREAK.finditer(builder.signs)], ",")
            builder.drop(_BLANK)
        builder.put([(found.start, found.end, found) for found in rounds.find(builder.signs)], ROUND)
        builder.put([(m.start(), m.end(), None) for m in self._blotted[language].finditer(builder.signs)], lexicon.BLOT)
        pattern, rules = self._not_deals[language]
        builder.put([(m.start(), m.end(), rules[m[0]]) for m in pattern.finditer(builder.signs)], NO_DEAL)
        builder.put([(found.start, found.end, found.money) for found in money.find(builder.signs)], MONEY)
        builder.put([(found.start, found.end, found) for found in dates.find(builder.signs)], DATE)
        if self._candidates:
            found = self._candidates.find(builder.sketch(sentence, title=title), language)
            builder.put(
                [(one.start, one.end, _Unwatched(" ".join(one.name.split())[:LONGEST_NAME])) for one in found], COMPANY
            )
        return _line(sentence, language, builder)


def _language(sentence: str, signs: str) -> lexicon.Language:
    """Chinese as soon as a Chinese character is left beside the names; by the names if nothing is."""
    return "zh" if _CJK.search(signs) or (not _LATIN.search(signs) and _CJK.search(sentence)) else "en"


def _shared(names: Iterable[tuple[int, int, str]], builder: _Builder) -> list[tuple[int, int, _Value]]:
    """Names with their places in the signs; companies that share a name stand together."""
    at: dict[tuple[int, int], list[str]] = {}
    for start, end, company in names:
        at.setdefault((start, end), []).append(company)
    return [
        (bisect_left(builder.starts, start), bisect_left(builder.starts, end), tuple(companies))
        for (start, end), companies in sorted(at.items())
    ]


def _line(sentence: str, language: lexicon.Language, builder: _Builder) -> Line:
    values = {place: value for place, value in enumerate(builder.values) if value is not None}
    watched = {place: value for place, value in values.items() if isinstance(value, tuple)}
    return Line(
        sentence,
        language,
        builder.signs,
        builder.starts,
        builder.ends,
        companies=watched | {place: (str(value),) for place, value in values.items() if isinstance(value, _Unwatched)},
        amounts={
            place: replace(value, text=sentence[builder.starts[place] : builder.ends[place]])
            for place, value in values.items()
            if isinstance(value, Money)
        },
        round_names={place: value.name for place, value in values.items() if isinstance(value, rounds.Round)},
        when={place: value for place, value in values.items() if isinstance(value, dates.Date)},
        not_deals={place: value for place, value in values.items() if type(value) is str},
        unwatched=frozenset(place for place, value in values.items() if isinstance(value, _Unwatched)),
    )
