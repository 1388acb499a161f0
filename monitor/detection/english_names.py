"""Names of companies in English sentences, found by where they stand and by their capitals."""

import re
from collections.abc import Iterator

from monitor.detection.lexicon import COMPANY, Lexicon
from monitor.detection.sketch import PRONOUN, Candidate, Sketch

_REACH = 220
"""Characters before a predicate that are read for its subject."""

_TOKENS = 6
"""Words that a name may have, a description in a headline's capitals included."""

_NAME_WORD = (
    r"(?:\ue001|[A-Z][\w.&'’+:-]*|\d+[A-Za-z][\w.&-]*|[a-z]{1,3}-?[A-Z][\w.&'’-]*|[a-z]\d+[a-z]+"
    r"|[a-z]+\.(?:ai|io|com|co|dev|tech)\b|&)"
)
# A sentence that begins with small letters begins with a name: finch & fable, a startup that …
_LOWER_APPOSED = re.compile(r"(?:[•*-] )?([a-z][\w.-]*(?: [a-z&][\w.-]*){0,3}), (?:an?|the|which) ")

_ASIDE = 6
"""Words that an aside in brackets may have."""

_BEFORE_NAME = 60
"""Characters that may describe a company before its name."""

_IS_CLAUSE_END = re.compile(r"[.,;:!?]| (?:to|for|at|from|with|after|as|on|in) ")
_WORD = re.compile(r"\S+")
_IS_NAME_WORD = re.compile(_NAME_WORD)
_APPOSED = re.compile(
    rf"({_NAME_WORD}(?: {_NAME_WORD}){{0,4}})(?: \([^)]{{0,60}}\))?, (?:an? |the |which |whose |who |formerly |founded "
    r"|of |co-founded |based |led |backed |maker |one |now |known |new )"
)

# At the head of a sentence whatever stands between commas after a name: X, Europe's answer to Y, is raising.
_ANY_APPOSED = re.compile(rf"({_NAME_WORD}(?: {_NAME_WORD}){{0,3}})(?: \([^)]{{0,60}}\))?, [^,]{{4,90}},$")
_OWNED = re.compile(rf"({_NAME_WORD}(?: {_NAME_WORD}){{0,3}}?)['’]s (?:[\w-]+ ){{0,5}}([a-z]+)$")
"""A company's product before a predicate: X's AI coach."""

_OPENING = re.compile(
    rf"({_NAME_WORD}(?: {_NAME_WORD}){{0,3}}) (?!(?:to|of|in|for|and|with|at|on|an?|the|by|from|is|as)\b)[a-z]"
)
_PLACE = re.compile(r"\b(?:in|near|of|from) (?:[A-Z]\w+ ?){1,3}, $")
_SMALL = re.compile(r"([a-z]{3,12}) ([a-z][a-z0-9.]{2,20})(?<!ly)(?<!ed)(?<!ing)$")
_RELATIVE = frozenset({"which", "who"})
_LISTED = re.compile(r"\b(?:including|such as|like) [^.;]{2,100}(?:,| and| or) $")
# A name at the end of an apposition: of its founders, owners or home.
_INSIDE = re.compile(rf"(?:\b(?:by|of|from|and|at|with|in|for)|,) {_NAME_WORD}(?: {_NAME_WORD}){{0,3}}$")

# In talks with a Japanese conglomerate X to raise: X is none who raises.
_PHRASE = re.compile(
    r"\b(?:with|from|among|alongside) (?:[a-z'’-]+ |[A-Z][a-z]+(?:ese|an|ish|ch) ){0,4}"
    rf"{_NAME_WORD}(?:(?:,| and|, and)? {_NAME_WORD}){{0,6}}$"
)


class EnglishNames:
    """Finds who raises by predicates (raises, closes) and objects (invests in X, $5M for X)."""

    def __init__(self, words: Lexicon) -> None:
        self._predicates = words.predicates()
        self._objects = words.patterns("name_after")
        self._filler = words.pattern("adverbs")
        self._descriptor = words.pattern("descriptor")
        self._generic = words.pattern("no_company")
        self._products = frozenset(words.words["product"])
        self._pronoun = words.pattern("pronoun")
        self._office = words.pattern("office")
        self._cut = words.pattern("name_cut")
        self._at_head = frozenset(words.words["names_at_head"])
        self._breaks = frozenset(words.words["breaks_name"])

    def find(self, sketch: Sketch) -> Iterator[Candidate]:
        """Subjects of the predicates and objects of the verbs of funding in a sentence."""
        found = list(self._all(sketch))
        yield from found
        if (
            sketch.title and not found and COMPANY not in sketch.signs
        ):  # Marketing platform for brands raises £4m: the text says which
            starts = (match.start() for pattern in self._predicates for match in pattern.finditer(sketch.signs))
            yield from (Candidate(start, start, PRONOUN) for start in sorted(starts)[:1])

    def _all(self, sketch: Sketch) -> Iterator[Candidate]:
        seen = set()
        for pattern in self._predicates:
            for found in pattern.finditer(sketch.signs):
                start = found.start() + len(found[0]) - len(found[0].lstrip())
                if start not in seen:
                    seen.add(start)
                    yield from self._subject(sketch, start)
        for pattern in self._objects:
            for found in pattern.finditer(sketch.signs):
                yield from self._object(sketch, found.end())
        if sketch.title:
            described = self._descriptor.search(sketch.signs, 0, _BEFORE_NAME)
            subject = described and not _IS_CLAUSE_END.search(sketch.signs, 0, described.start())
            start = described.end() + 1 if described and subject else 0
            for opening in filter(None, (_OPENING.match(sketch.cased, place) for place in {0, start})):
                if "'s " not in opening[1]:
                    yield from self._named(sketch, *opening.span(1))

    def _subject(self, sketch: Sketch, at: int) -> Iterator[Candidate]:
        every = list(_WORD.finditer(sketch.cased, max(0, at - _REACH), at))
        words = self._without_phrase(sketch, self._stripped(list(every)))
        if not words:
            yield Candidate(at, at, PRONOUN)
            return
        if sketch.signs.startswith("and ", words[-1].end() + 1):  # X wants to do a thing, and just got $5M
            yield Candidate(at, at, PRONOUN)
            return
        if words[-1][0].endswith(",") and every[len(words) : len(words) + 1] and every[len(words)][0] in _RELATIVE:
            yield from self._run(sketch, words)  # a firm, and startup X, which raised
            return
        lower = _LOWER_APPOSED.match(sketch.cased, 0, words[-1].end())
        if lower:
            yield Candidate(*lower.span(1), lower[1])
            return
        named = self._further_left(sketch, words)
        found = list(self._named(sketch, *named.span(1)) if named else self._run(sketch, words))
        told = [word[0] for word in every[len(words) :]]
        if not found and {"that", "it"} <= {*told}:  # told a paper that it has raised
            found = [Candidate(at, at, PRONOUN)]
        yield from found

    def _further_left(self, sketch: Sketch, words: list[re.Match[str]]) -> re.Match[str] | None:
        """A subject that an apposition or its own product parts from the predicate; group 1 is the name."""
        start, end = words[0].start(), words[-1].end()
        comma = words[-1][0].endswith(",")
        apposed = _APPOSED.search(sketch.cased, start, end)
        if apposed and (comma or _INSIDE.search(sketch.cased, apposed.end(1), end)):
            return apposed
        if comma and not apposed:
            return _ANY_APPOSED.match(sketch.cased, start, end)
        owned = _OWNED.search(sketch.cased, 0, end)
        return owned if owned and owned[2] in self._products else None

    def _stripped(self, words: list[re.Match[str]]) -> list[re.Match[str]]:
        """The words without adverbs, auxiliaries and asides in brackets at their end: X (YC W25) has just."""
        while words:
            last = words[-1][0]
            if last.endswith(")") and any("(" in word[0] for word in words[-_ASIDE:]):
                while "(" not in words[-1][0]:
                    words.pop()
            elif not self._filler.fullmatch(last.casefold().rstrip(",")) or last[-1] in ";:":
                break
            words.pop()
        return words

    def _without_phrase(self, sketch: Sketch, words: list[re.Match[str]]) -> list[re.Match[str]]:
        """The words before a phrase such as `with Japanese conglomerate X`, in which no subject stands.

        All of the words if nothing is named before the phrase.
        """
        if not words or words[-1][0].endswith(","):
            return words
        phrase = _PHRASE.search(sketch.cased, words[0].start(), words[-1].end())
        before = self._stripped([word for word in words if phrase and word.end() <= phrase.start()])
        named = before and _IS_NAME_WORD.fullmatch(before[-1][0]) and not before[-1][0].endswith(",")
        return before if named else words

    def _run(self, sketch: Sketch, words: list[re.Match[str]]) -> Iterator[Candidate]:
        """The run of capitalised words at the end of a list of words."""
        last = words[-1]
        end = last.end() - (len(last[0]) - len(last[0].rstrip(",")))
        begin = end
        for number, word in enumerate(reversed(words[-_TOKENS:])):
            bare = word[0].rstrip(",") if number == 0 else word[0]
            if not _IS_NAME_WORD.fullmatch(bare) or (number and (bare[-1] in ",:;" or bare.casefold() in self._breaks)):
                break
            begin = word.start()
        small = _SMALL.search(sketch.cased, 0, end) if begin == end else None
        if small and self._descriptor.fullmatch(small[1]) and not self._is_word(small[2]):
            yield Candidate(*small.span(2), small[2])  # AI startup mika raises
            return
        if begin < end and _LISTED.search(sketch.cased, max(0, begin - 120), begin):
            yield Candidate(end, end, PRONOUN)  # a platform used by brands including X and Y
            return
        if begin < end:
            if not _PLACE.search(sketch.cased, max(0, begin - 30), begin):
                yield from self._named(sketch, begin, end)
            return
        if self._pronoun.search(sketch.signs, max(0, end - 40), end):
            yield Candidate(last.start(), end, PRONOUN)

    def _is_predicate(self, sketch: Sketch, at: int) -> bool:
        """True if a predicate of funding follows at once."""
        return any(pattern.match(sketch.signs, at + 1) for pattern in self._predicates)

    def _is_word(self, word: str) -> bool:
        return any(pattern.fullmatch(word) for pattern in (self._filler, self._descriptor, self._generic))

    def _object(self, sketch: Sketch, at: int) -> Iterator[Candidate]:
        described = list(self._descriptor.finditer(sketch.signs, at, at + _BEFORE_NAME))
        if described and not _IS_CLAUSE_END.search(sketch.signs, at, described[-1].start()):
            at = described[-1].end()  # rival HR agent startup X
            at += len(sketch.cased[at:]) - len(sketch.cased[at:].lstrip(" —–"))
        place = at
        end = begin = -1
        for number, word in enumerate(_WORD.finditer(sketch.cased, at, at + 120)):
            bare = word[0].rstrip(",.;:?!)")
            if _IS_NAME_WORD.fullmatch(bare):
                begin = word.start() if begin < 0 else begin
                end = word.start() + len(bare)
                if bare != word[0] or bare.endswith(("'s", "’s")):
                    break
            elif begin >= 0 and bare == word[0] and self._generic.fullmatch(sketch.signs[begin:end]):
                begin = -1  # Danish battery maker X
            elif begin >= 0 or bare != word[0] or number >= _TOKENS:
                break
            place = word.end()
        if begin >= 0 and place >= at:
            yield from self._named(sketch, begin, end)

    def _named(self, sketch: Sketch, begin: int, end: int) -> Iterator[Candidate]:
        """The name in a run of capitalised words, without what describes it; none if the company is known already."""
        cased = sketch.cased
        if COMPANY in cased[begin:end]:
            return
        for possessive in re.finditer(r"(?:'s|’s|s'|s’|-[A-Za-z]+) ", cased[begin:end]):
            rest = begin + possessive.end()
            if rest < end:
                begin = max(begin, rest)
        described = [found.end() for found in self._descriptor.finditer(sketch.signs, begin, end) if found.end() < end]
        begin = described[-1] if described else begin
        while begin < end and cased[begin] == " ":
            begin += 1
        cut = self._cut.match(sketch.signs, begin, end)
        begin = cut.end() if cut and cut.end() < end else begin
        if cased[max(0, begin - 4) : begin].lower() == "the " and self._descriptor.match(sketch.signs, end + 1):
            yield Candidate(begin, end, PRONOUN)  # the Minneapolis startup
            return
        begin = max(begin, cased.rfind(": ", begin, end) + 2) if ": " in cased[begin:end] else begin
        name = re.sub(r"(?:'s|’s)$", "", cased[begin:end]).strip(" .,&'’‘“”")
        end = begin + len(name)
        if self._office.search(sketch.signs, max(0, begin - 20), begin):
            return
        at_head = begin == 0 and name.casefold() in self._at_head and self._is_predicate(sketch, end)
        if len(name) >= 2 and (at_head or not self._generic.fullmatch(name.casefold())):
            yield Candidate(begin, end, name)
        elif self._pronoun.search(sketch.signs, max(0, end - 40), end):
            yield Candidate(begin, end, PRONOUN)
