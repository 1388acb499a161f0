"""Names of companies in Chinese sentences, found by where they stand."""

import re
from collections.abc import Iterator
from dataclasses import replace

from monitor.detection.lexicon import BLOT, COMPANY, Lexicon, alternatives
from monitor.detection.sketch import PRONOUN, Candidate, Sketch
from monitor.text import CJK

_ASIDE = re.compile(r"\([^()]{0,120}\)")
_SOURCE = re.compile(
    r"(?<![云自])从(?![容事业未来而此小])[^,。;:!?]{1,80}?(?:处|中|手中|手里|那里)?(?=(?:成功|已经?)?(?:获得|筹集|募集|拿到|筹得|融得|融资|拿下))"
)


def _unmarked(found: re.Match[str]) -> str:
    """An aside in brackets without marks: what stands before it goes on after it."""
    return re.sub("[,。;:!?、]", " ", found[0])


def _without_sources(signs: str) -> str:
    """Signs in which those stand for nothing from whom the money comes (从甲、乙处) or who reports (某网(记者 甲))."""
    return _REPORTER.sub(_blotted, _SOURCE.sub(_blotted, signs))


def _blotted(found: re.Match[str]) -> str:
    return BLOT * len(found[0])


_REPORTER = re.compile(r"^[^,。;()]{2,10}\((?:记者|作者|编辑|实习|通讯员)[^)]{0,16}\)")


_MARKS = ",。;:!?、"
_CLAUSE = re.compile(f"[{_MARKS}]")
_REACH = 90
"""Characters before a predicate that are read for its subject."""

_CLAUSES = 4
"""Clauses that may stand between a subject and its predicate, its own included."""

_SIGN = "[\ue001-\ue00f]"
_LATIN_TAIL = re.compile(f"(?<=[{CJK}])[a-z0-9][a-z0-9.&'+ -]*$")
_ACRONYM = re.compile(r"[(（]([A-Z]{2,6})[)）]")  # 某某智能(ABC): what it is called from there on
_LATIN_FIRM = re.compile("[a-z0-9)]公司$")
_SHORT_HEAD = 4
"""Chinese characters that may belong to a name before Latin ones (月之暗面kimi); more are a description."""

_FUNCTION = re.compile("[几今去前近本上当][年月日]|[叫是的在让使把被与为给对向从由家款个位些说]")
"""Characters that are in no Chinese name that goes before a Latin one: 叫essential ai, 几年openai."""

_NUMBERED = re.compile(r"\d{1,2}[.、]\s?(?=\D)")

_LONGEST = 12
_LONGEST_LEGAL = 30
_NO_FORM = "(?<!有限)(?<!股份)(?<!集团)"
_NO_QUOTED_NAME = re.compile(f"融资|完成|投资|领投|{_SIGN}|[,。;!?]")
_NOT_LATIN = re.compile(r"[a-z]{0,2}\d*|\d[\d.%+-]*")


class ChineseNames:
    """Finds who raises by predicates (完成, 获) and objects (领投X, 投资X)."""

    def __init__(self, words: Lexicon) -> None:
        self._predicates = words.predicates()
        self._objects = words.patterns("name_after")
        before = {word for name in ("adverbs", "finish", "get", "talk", "denied") for word in words.plain(name)}
        back = [re.escape(word[::-1]) for word in sorted(before, key=lambda w: (-len(w), w))]
        self._trailing = re.compile(
            rf"(?:{'|'.join(back)}|{_SIGN}|的(?=[^{_MARKS}]{{2}})|[\s\"“”「」]|\)[^(]{{0,60}}\(|(?:[里内中上间时后下]|域领|面方|道赛|段阶)[^,在]{{0,40}}在"
            rf"|值估的?{_SIGN}[约近超过达]?以|内?(?:月个|[天月年周])[0-9一二三四五六七八九十半两几]{{1,3}}近?)+"
        )
        head = {*words.words["leading"], *(word for word in words.words["adverbs"] if len(word) > 1)}
        self._leading = re.compile(rf"(?:{alternatives(head)}|{_SIGN}|[\s·•])+")
        self._bound = words.pattern("bound")
        self._descriptor_end = re.compile(f"{_NO_FORM}(?:{words.any_of('descriptor')}|[{CJK}]商)$")
        self._description = re.compile(
            f"{_NO_FORM}(?:{words.any_of('descriptor')}|[{CJK}]商)$|^(?:国内|全球|中国|国产)?(?:首个|首款|一款|一个|首家|最大)"
        )
        self._descriptor_head = words.pattern("descriptor")
        self._called = words.pattern("called")
        self._clause_verb, self._coordinated = words.pattern("clause_verb"), words.pattern("coordinated")
        self._holding = words.patterns("clause_names")
        self._is_a = words.compiled("<is_a>")
        self._speaker = words.pattern("speaker")
        self._person = words.pattern("person")
        self._completes = words.compiled("<finish>|<direct>")
        self._modal = words.pattern("modal")
        self._prep = words.pattern("preposition")
        self._apposition = words.pattern("apposition")
        self._stop = words.pattern("name_stop")
        self._pronoun = words.pattern("pronoun")
        self._bad = words.pattern("no_company")
        self._source = words.pattern("hearsay")
        self._short = words.pattern("short_form")

    def find(self, sketch: Sketch) -> Iterator[Candidate]:
        """Subjects of the predicates and objects of the verbs of funding in a sentence."""
        found = list(self._all(sketch))
        yield from found
        if sketch.title and not found and COMPANY not in sketch.signs:  # 甲创始人领衔创业，获…融资: the text says whose
            starts = (match.start() for pattern in self._predicates for match in pattern.finditer(sketch.signs))
            yield from (Candidate(start, start, PRONOUN) for start in sorted(starts)[:1])

    def _all(self, sketch: Sketch) -> Iterator[Candidate]:
        sketch = replace(sketch, signs=_without_sources(_ASIDE.sub(_unmarked, sketch.signs)))
        seen = set()
        for pattern in self._predicates:
            for found in pattern.finditer(sketch.signs):
                start = found.start("at") if "at" in pattern.groupindex else found.start()
                if start not in seen:
                    seen.add(start)
                    yield from self._subject(sketch, start)
        for pattern in self._objects:
            for found in pattern.finditer(sketch.signs):
                yield from self._object(sketch, found.end())

    def _subject(self, sketch: Sketch, at: int) -> Iterator[Candidate]:
        """The subject of a predicate: in its own clause, or before those that only describe it."""
        end = at
        coordinated = bool(self._coordinated.match(sketch.signs, max(self._clause_start(sketch.signs, at), 0), at))
        for number in range(_CLAUSES):
            own = number == 0
            begin = max(self._clause_start(sketch.signs, end), at - _REACH, 0)
            stop = self._without_phrases(sketch, begin, end)
            if COMPANY in sketch.signs[stop:end]:
                return  # a company that is known already
            if stop > begin:
                found = self._raisers(sketch, begin, stop, at, own=own)
                if own and self._quotes(sketch, begin, found):
                    end = begin - 1
                    continue
                if not own and coordinated:
                    found = list(self._head(sketch, begin, stop)) or found
                describes = not own and self._describes(sketch, begin, stop, found)
                if own or (found and not describes):
                    yield from found
                    return
                if not describes:
                    break
            if begin <= at - _REACH or begin <= 0 or sketch.signs[begin - 1] not in ",:":
                break
            end = begin - 1
        if not any("\ue001" <= c <= "\ue003" for c in sketch.signs[max(0, at - _REACH) : at]):
            yield Candidate(at, at, PRONOUN)

    def _raisers(self, sketch: Sketch, begin: int, stop: int, at: int, *, own: bool) -> list[Candidate]:
        """Who a clause names at its end; people only complete no round."""
        found = list(self._unit(sketch, begin, stop, own=own))
        if self._completes.match(sketch.signs, at):
            return found
        return [one for one in found if not self._is_person(sketch, begin, one)]

    def _head(self, sketch: Sketch, begin: int, stop: int) -> Iterator[Candidate]:
        """The subject at the head of a clause with a verb of its own: 甲周三宣布推出产品，并获得…."""
        verb = self._clause_verb.search(sketch.signs, begin + 2, stop)
        if verb:
            yield from self._named(sketch, begin, self._trimmed(sketch, begin, verb.start()))

    def _quotes(self, sketch: Sketch, begin: int, found: list[Candidate]) -> bool:
        """True if the clause before has the subject: 甲宣布，公司已完成…."""
        says = begin > 1 and self._speaker.search(sketch.signs, 0, begin - 1)
        return bool(says) and _only_pronouns(found)

    def _describes(self, sketch: Sketch, begin: int, stop: int, found: list[Candidate]) -> bool:
        """True if a clause says of the company before it what it is: 甲，一家做机器人的公司，…."""
        names = self._is_a.search(sketch.signs, begin, stop) or _LATIN_FIRM.search(sketch.signs, begin, stop)
        if (
            names
            or self._called.search(sketch.signs, begin, stop)
            or not self._apposition.match(sketch.signs, begin, stop)
        ):
            return False
        return _only_pronouns(found) or not self._opens(sketch, begin, found[0].start)

    def _is_person(self, sketch: Sketch, begin: int, one: Candidate) -> bool:
        """True for what looks like a person's name at the head of a clause; only companies complete rounds."""
        bare = not self._leading.sub("", sketch.signs[begin : one.start])
        return bare and one.end not in sketch.quoted and bool(self._person.fullmatch(sketch.signs, one.start, one.end))

    def _opens(self, sketch: Sketch, begin: int, start: int) -> bool:
        """True if nothing but a description stands between `begin` and a name."""
        before = self._leading.sub("", sketch.signs[begin:start])
        return not before or before.endswith("的") or self._described(sketch, begin, start)

    def _described(self, sketch: Sketch, begin: int, start: int) -> bool:
        """True if what stands between `begin` and a name says what the company is."""
        return bool(self._descriptor_end.search(sketch.signs[begin:start].rstrip(' "“「')))

    def _without_phrases(self, sketch: Sketch, begin: int, end: int) -> int:
        """The end of a clause's subject: adverbs and phrases such as 与甲 or 从乙处 are taken off."""
        stop = self._trimmed(sketch, begin, end)
        for _ in range(3):
            if stop in sketch.quoted:
                break
            phrases = list(self._prep.finditer(sketch.signs, begin, stop))
            if not phrases or "的" in sketch.signs[phrases[-1].end() : stop]:  # 由甲支持的乙: not a phrase of 乙
                break
            before = self._trimmed(sketch, begin, phrases[-1].start())
            if before > begin and not any(self._named(sketch, begin, before)):
                break  # 云从, 自由: the preposition is part of a name
            stop = before
        return stop

    def _object(self, sketch: Sketch, at: int) -> Iterator[Candidate]:
        quoted = next((end for end, start in sketch.quoted.items() if start == at), None)
        if quoted:
            yield from self._named(sketch, at, quoted)
            while sketch.signs[quoted : quoted + 1] in {"和", "、", "与", "及"}:  # 投资「甲」和「乙」
                at = quoted + 1
                quoted = next((end for end, start in sketch.quoted.items() if start == at), len(sketch.signs))
                if quoted < len(sketch.signs):
                    yield from self._named(sketch, at, quoted)
            return
        found = self._stop.search(sketch.signs, at, at + _LONGEST_LEGAL)
        stop = found.start() if found else min(len(sketch.signs), at + _LONGEST_LEGAL)
        if stop - at >= 2:
            yield from self._named(sketch, at, stop)

    def _clause_start(self, signs: str, end: int) -> int:
        return max(signs.rfind(mark, 0, end) for mark in _MARKS) + 1

    def _trimmed(self, sketch: Sketch, begin: int, end: int) -> int:
        """`end` without adverbs, dates and the like before it; a quotation is never cut into."""
        while end > begin and end not in sketch.quoted:
            if sketch.signs[end - 1] == ")" and end - 1 in sketch.quoted:  # (以下简称“甲”)
                aside = sketch.signs.rfind("(", begin, end)
                if aside < 0:
                    break
                end = aside
                continue
            quote = max((place for place in sketch.quoted if begin < place < end), default=begin)
            found = self._trailing.match(sketch.signs[quote:end][::-1])
            if not found:
                break
            end -= len(found[0])
            if end == quote:
                break
        return end

    def _unit(self, sketch: Sketch, begin: int, stop: int, *, own: bool) -> Iterator[Candidate]:
        """The name at the end of a clause that is left of a predicate."""
        text = sketch.signs[begin:stop]
        opening = next((end for end, start in sketch.quoted.items() if start == begin and end < stop), None)
        if not own and opening and not self._descriptor_head.match(sketch.signs, opening):  # 「甲」想做一件事，获…
            yield from self._named(sketch, begin, opening)
            return
        if not own and stop in sketch.quoted and not self._opens(sketch, begin, sketch.quoted[stop]):
            return
        if stop not in sketch.quoted:
            modal = self._modal.search(text)
            if modal and own:
                stop = begin + modal.start()
                text = sketch.signs[begin:stop]
            holds = next((found for pattern in self._holding if (found := pattern.search(text))), None)
            if holds:
                yield from self._named(sketch, begin + holds.start("name"), begin + holds.end("name"))
                return
            if self._source.search(text):
                return
            if self._pronoun.fullmatch(text) or (
                sketch.title and self._description.search(text) and not _LATIN_FIRM.search(text)
            ):
                yield Candidate(max(begin, stop - 2), stop, PRONOUN)
                return
        yield from self._named(sketch, begin, stop)

    def _named(self, sketch: Sketch, begin: int, stop: int) -> Iterator[Candidate]:
        """The name that ends at `stop`, without what describes it."""
        signs = sketch.signs
        if stop in sketch.quoted:
            begin = sketch.quoted[stop]
        else:
            if _LATIN_FIRM.search(signs, begin, stop):
                stop -= 2
            for found in self._bound.finditer(signs, begin, stop):
                if found.end() < stop - (found[0] == "的"):  # not in 雪山的茶
                    begin = found.end()
            lead = self._leading.match(signs, begin, stop)
            begin = lead.end() if lead else begin
            latin = _LATIN_TAIL.search(signs, begin, stop)
            if latin and (latin.start() - begin > _SHORT_HEAD or _FUNCTION.search(signs, begin, latin.start())):
                begin = latin.start()
        paren = signs.find("(", begin, stop)
        stop = paren if paren > begin else stop
        number = _NUMBERED.match(signs, begin, stop)
        begin = number.end() if number else begin
        while begin < stop and signs[begin] in " -—·|":
            begin += 1
        while stop > begin and signs[stop - 1] in " -—·|":
            stop -= 1
        if begin and "\ue001" <= signs[begin - 1] <= "\ue003":
            return
        name = signs[begin:stop]
        if not (self._is_quoted_name(name) if stop in sketch.quoted else self._is_name(name)):
            return
        short = self._short.match(signs, stop) or _ACRONYM.match(sketch.cased, stop)
        yield Candidate(begin, stop, sketch.cased[slice(*short.span(1))] if short else sketch.cased[begin:stop])

    def _is_quoted_name(self, name: str) -> bool:
        return 2 <= len(name) <= _LONGEST_LEGAL and not _NO_QUOTED_NAME.search(name)

    def _is_name(self, name: str) -> bool:
        if len(name) < 2 or _NOT_LATIN.fullmatch(name) or re.search(_SIGN, name):
            return False
        chinese = sum(1 for c in name if re.match(f"[{CJK}]", c))
        longest = _LONGEST_LEGAL if chinese < 2 or name.endswith("公司") else _LONGEST
        if len(name) > longest or self._descriptor_end.search(name.removesuffix("有限公司").removesuffix("股份")):
            return False
        return not self._bad.search(name)


def _only_pronouns(found: list[Candidate]) -> bool:
    return all(one.name == PRONOUN for one in found)
