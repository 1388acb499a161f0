"""What each sentence of an article says of watched companies: statements of funding, and candidates refused."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product

from monitor.detection import lexicon
from monitor.detection.frames import Constructions, Frame
from monitor.detection.lexicon import Language, Lexicon
from monitor.detection.line import COMPANY, INVESTOR, NO_DEAL, Line, Reader
from monitor.detection.not_deals import NotDeals
from monitor.detection.roles import Roles
from monitor.detection.slots import SlotReader, Slots
from monitor.detection.status import DENIED, Tense
from monitor.detection.zones import Sentence
from monitor.models import Evidence, Mention, Rejection, Status
from monitor.text import fold


@dataclass(frozen=True, slots=True)
class Statement:
    """One frame of a sentence with its slots.

    `company` is empty where the sentence does not name it (see `sketch.PRONOUN`). `background` names the rule
    that makes it no news, else None; `recent` says that the sentence calls it new, `fresh` that it calls it the day's,
    `seeks` that the company looks for money.
    """

    company: str
    watched: bool
    rule: str
    status: Status
    background: str | None
    recent: bool
    fresh: bool
    seeks: bool
    weak: bool
    slots: Slots
    sentence: Sentence
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Reading:
    """One sentence with what it says; `follows` holds what it adds to a deal told elsewhere.

    `rebuts` says that it calls what was reported before untrue.

    `no_deal` says that it tells of money of another kind, and of no round.

    `continues` says that it is about the round of the paragraph before it.

    `introduced` is the company that a title opens with, or of which a sentence tells when it was founded.
    """

    sentence: Sentence
    statements: tuple[Statement, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    funding: bool = False
    follows: tuple[Slots, ...] = ()
    introduced: str = ""
    rebuts: bool = False
    continues: bool = False
    no_deal: bool = False


class SentenceReader:
    """Reads one sentence after the other."""

    def __init__(self, lexicons: Mapping[Language, Lexicon], *, everyone: bool = False) -> None:
        self._everyone = everyone
        self._worth, self._strangers = lexicon.hint(lexicons, "sentence"), lexicon.hint(lexicons, "strangers")
        self._rebuts = lexicon.hint(lexicons, "rebuttal")
        self._introduces, self._looks = lexicon.hint(lexicons, "introduction"), lexicon.hint(lexicons, "refusal")
        self._reader = Reader(lexicons, everyone=everyone)
        self._roles = Roles(lexicons)
        self._constructions = Constructions(lexicons)
        self._tense = Tense(lexicons)
        self._slots = SlotReader(lexicons)
        self._not_deals = NotDeals(lexicons)
        self._no_company = lexicons["en"].pattern("no_company")

    def read(
        self,
        sentence: Sentence,
        mentions: Sequence[Mention],
        raisers: Sequence[tuple[int, int, str]],
        published: datetime | None,
    ) -> Reading | None:
        """What the sentence says of the companies mentioned in it; None if nothing about funding.

        `raisers` are places at which companies on no list are named that the article has told to raise money.
        """
        title = sentence.span.part == "title"
        lower = sentence.text.lower()
        rebuts = sentence.speaks and bool(self._rebuts.search(lower)) and self._tense.rebuts(fold(sentence.text))
        introduces = self._everyone and bool(self._introduces.search(lower))
        introduced = self._opening(sentence.text) if title else ""
        nothing = Reading(sentence, rebuts=rebuts, introduced=introduced) if rebuts or introduced else None
        if not (introduces or self._worth.search(lower)):
            return nothing
        strangers = introduces or (self._everyone and self._strangers.search(lower))
        if not (mentions or raisers or title or strangers or self._tense.may_follow(lower)):
            return nothing
        offset = sentence.span.start
        names = [(m.span.start - offset, m.span.end - offset, m.company) for m in mentions]
        line = self._roles.mark(self._reader.read(sentence.text, names, raisers, title=title))
        if not sentence.speaks:
            frames = self._constructions.frames(line)
            return Reading(sentence, rejections=tuple(_refused(sentence, line, frames, "reference_list")))
        if introduces or title:
            introduced = _first_name(line) or introduced
        return replace(self._said(sentence, line, published), rebuts=rebuts, introduced=introduced)

    def _said(self, sentence: Sentence, line: Line, published: datetime | None) -> Reading:
        """Statements, refusals, and what goes on about a deal told elsewhere."""
        frames = self._constructions.frames(line)
        kept: list[Frame] = []
        rejections: list[Rejection] = []
        for frame, rule in self._not_deals.judge(line, frames):
            if rule is None:
                kept.append(frame)
            else:
                rejections += _refused(sentence, line, [frame], rule)
        statements = tuple(self._statements(sentence, line, kept, published))
        no_deal = NO_DEAL in line.signs
        funding = bool(frames) or self._constructions.speaks_of_funding(line)
        if funding or (no_deal and self._looks.search(sentence.text.lower())):
            taken = {s.company for s in statements} | {r.company for r in rejections}
            rejections += [r for r in _unused(sentence, line) if r.company not in taken]
        in_title = sentence.span.part == "title" and self._tense.about_funding(line)
        end = _until_no_deal(line)
        follows: tuple[Slots, ...] = ()
        if end > 0 and (in_title or self._tense.follows(line, end, published)):
            end = self._tense.until_past(line, end)
            parts = self._slots.parts(line, 0, end)
            follows = tuple(self._slots.read(line, begin, stop, near) for begin, stop, near in parts)
        return Reading(
            sentence,
            statements,
            tuple(rejections),
            funding=(funding or in_title) and not no_deal,
            follows=follows,
            continues=self._tense.continues(line),
            no_deal=no_deal and not statements,
        )

    def denies(self, title: str) -> bool:
        """True if a title, maybe in two sentences, denies or calls off a funding."""
        return self._tense.denies(self._reader.read(title, ()))

    def _opening(self, title: str) -> str:
        """The company that a title opens with, as far as its capitals tell."""
        found = _BACKED.search(title) or _OPENING.match(title)
        return found[1] if found and not self._no_company.fullmatch(fold(found[1])) else ""

    def _statements(
        self, sentence: Sentence, line: Line, frames: Sequence[Frame], published: datetime | None
    ) -> Iterator[Statement]:
        since = before = told_until = 0
        denied, recent = self._tense.denies(line), self._tense.recent(line)
        first_denied = min((f.company for f in frames if f.rule == DENIED), default=0)
        for number, frame in enumerate(frames):
            if number and frames[number - 1].end == frame.end:  # 投资甲和乙: said of both
                since = before
            following = next((other for other in frames[number + 1 :] if not other.weak), None)
            end = next_since = len(line.signs)
            if following and following.company == frame.company:  # another round: its clause is no more about this one
                clause = max(line.signs.rfind(mark, frame.end, following.start) for mark in ",;")
                end = next_since = clause + 1 if clause >= 0 else following.start
            elif following:
                clause = max(line.signs.rfind(mark, frame.end, following.first) for mark in ",;")
                end, next_since = following.first, clause + 1 if clause >= 0 else frame.end
            parts = self._slots.parts(line, since, max(end, frame.end))
            told = [self._slots.read(line, begin, stop, near or frame.end) for begin, stop, near in parts]
            apart = frame.rule != DENIED and frame.end <= first_denied  # X获融资，Y叫停融资
            status = Status.DENIED if denied and not apart else self._tense.status(line, frame)
            background = self._tense.background(line, frame, told_until, published, status)
            told_until = frame.end
            fresh = self._tense.fresh(line, frame, published)
            evidence = _evidence(sentence, line, frame)
            watched = frame.company not in line.unwatched
            for company, slots in product(line.companies[frame.company], told):
                yield Statement(
                    company,
                    watched,
                    frame.rule,
                    status,
                    background,
                    recent,
                    fresh,
                    status is Status.IN_TALKS and self._tense.seeks(line),
                    frame.weak,
                    slots,
                    sentence,
                    evidence,
                )
            before, since = since, next_since


def _until_no_deal(line: Line) -> int:
    """Where the clause begins that has a word of no deal; the line's end if none has. Funds are investors here."""
    place = min((place for place, rule in line.not_deals.items() if rule != "fund"), default=-1)
    return len(line.signs) if place < 0 else max(line.signs.rfind(mark, 0, place) for mark in ",;:") + 1


_BACKED = re.compile(
    r"\b(?:backs|bets on|invests in|leads|funds) ([A-Z][A-Za-z0-9.&-]*(?: [A-Z][A-Za-z0-9.&-]*){0,2}), "
    r"(?:which|whose|an?|the) "
)
_OPENING = re.compile(
    r"([A-Z][A-Za-z0-9.&-]*(?: [A-Z][A-Za-z0-9.&-]*){0,2}?)"
    r"(?= [a-z]| [A-Z][a-z]+s "
    r"| ?(?!创始人|高管|联合|工程师|团队|老兵|前|系|旗下|员工|投资|的|支持|参投|、)[\u4e00-\u9fff])"
)


def _first_name(line: Line) -> str:
    return next((name for names in line.companies.values() for name in names if name), "")


def _refused(sentence: Sentence, line: Line, frames: Sequence[Frame], rule: str) -> Iterator[Rejection]:
    for frame in frames:
        for company in line.companies[frame.company]:
            yield Rejection(company, _evidence(sentence, line, frame), rule)


def _unused(sentence: Sentence, line: Line) -> Iterator[Rejection]:
    """Companies in a sentence about funding that are said to raise nothing."""
    no_deal = line.signs.find(NO_DEAL)
    for place, companies in line.companies.items():
        sign = line.signs[place]
        if sign == INVESTOR:
            rule = "investor_role"
        elif no_deal >= 0:
            rule = line.not_deals[no_deal]
        else:
            rule = "no_subject" if sign == COMPANY else "in_passing"
        evidence = Evidence(sentence.text, sentence.span, (line.original(place, place + 1),))
        for company in companies:
            yield Rejection(company, evidence, rule)


def _evidence(sentence: Sentence, line: Line, frame: Frame) -> Evidence:
    marks = {line.original(frame.company, frame.company + 1), line.original(frame.start, frame.end)}
    return Evidence(sentence.text, sentence.span, tuple(_merged(sorted((s, e) for s, e in marks if s < e))))


def _merged(marks: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last: tuple[int, int] | None = None
    for start, end in marks:
        if last and start < last[1]:
            last = last[0], max(end, last[1])
            continue
        if last:
            yield last
        last = start, end
    if last:
        yield last
