"""Who the raisers of an article are: pronouns resolved, and one name for each company."""

import re
from collections.abc import Sequence
from dataclasses import replace

from monitor.detection.grouping import compatible_amounts, same_company
from monitor.detection.reading import Reading, Statement
from monitor.detection.sketch import PRONOUN
from monitor.detection.slots import Slots
from monitor.detection.status import DENIED
from monitor.text import fold


def _renamed(readings: Sequence[Reading], text: str) -> dict[str, str]:
    """One name for the raiser that title and lead call differently, where the round or the amount is the same.

    What the text never uses as a name (only as a description, or not at all) gives way.
    """
    told = [s for r in readings for s in r.statements if not s.weak and s.company != PRONOUN]
    heads = [s for s in told if s.sentence.span.part == "title" and not s.watched]
    lead = next((s for s in told if s.sentence.lead and not s.background), None)
    if lead is None:
        return {}
    heads = [h for h in heads if not same_company(h.company, lead.company) and _fits(h.slots, lead.slots)]
    folded = fold(text) if heads else ""
    names = {}
    for head in heads:
        if not _is_used(fold(head.company), folded):
            names[head.company] = lead.company
        elif _shares(head.slots, lead.slots) and not lead.watched:
            names[lead.company] = head.company
    return names


_DESCRIBED = re.compile("(?:领域|行业|赛道)?(?:公司|企业|平台|品牌|厂商|创企|初创|项目|团队|[\u4e00-\u9fff]{1,2}商)")


def _is_used(name: str, text: str) -> bool:
    """True if a text has a name other than as what a company is: 具身大脑公司."""
    places = [found.end() for found in re.finditer(re.escape(name), text)]
    return any(not _DESCRIBED.match(text, place) for place in places)


def _shares(one: Slots, other: Slots) -> bool:
    rounds = bool({*one.rounds} & {*other.rounds} - {"strategic"})
    return rounds or (one.amount is not None and other.amount is not None)


def _topic(readings: Sequence[Reading], text: str) -> str:
    """The company that an article introduces, of several the one it names most often; empty if there is none.

    Without an introduction it is the one whose earlier rounds are told.
    """
    introduced = dict.fromkeys(reading.introduced for reading in readings if reading.introduced)
    titles = "\n".join(reading.sentence.text for reading in readings if reading.sentence.paragraph < 0)
    introduced |= dict.fromkeys(name for found in _FIRM.findall(text[:INTRODUCTION]) for name in found if name)
    introduced |= dict.fromkeys(
        name for part in (titles[:LEAD], text[:LEAD]) for found in _ENGLISH_FIRM.findall(part) for name in found if name
    )
    earlier = [s.company for r in readings for s in r.statements if s.company != PRONOUN and s.background]
    introduced = introduced or dict.fromkeys(name for name in earlier if text.count(name) >= OFTEN)
    return max(introduced, key=text.count, default="")


OFTEN = 3
"""Times that a text names a company, of which it tells only earlier rounds, to be about it."""


INTRODUCTION = 2000
"""Characters at the head of a text in which it says whom it is about."""

# A company in Latin letters or quotes that a Chinese text calls one: 云治理公司CloudQuery, 机器人公司“甲”.
_FIRM = re.compile(
    r"(?:创业公司|初创公司|初创企业|公司|创企|企业|平台|厂商|名为) ?[“「]?"
    r"(?:([A-Z][A-Za-z0-9.&]{2,}(?: [A-Z][A-Za-z0-9.&]+){0,2})|(?<=[“「])([\u4e00-\u9fff]{2,10})(?=[”」]))"
    r"|[“「]([\u4e00-\u9fff]{2,10})[”」](?=是一[家款个种]|成立于|创立于)"
)


LEAD = 600
"""Characters at the head of an English text in which it names its company beside what it is."""

_NAME = r"([A-Z][\w.’'-]*(?: (?:& )?[A-Z][\w.-]*){0,2})"
# Her startup, Tally, uses …; Tally, which makes …; the rise of Tally, the $1 billion company.
_ENGLISH_FIRM = re.compile(
    rf"(?:(?<=startup, )|(?<=company, )|(?<=startup called )|(?<=company called )){_NAME}"
    rf"|^{_NAME}(?=, (?:which|whose|an? [^,.]*(?:startup|company|firm|maker|platform)))"
    rf"|\A{_NAME}(?= (?:said|says|declined|did not|has|had)\b)"
    rf"|{_NAME}(?=, the [^,]{{0,30}}(?:company|startup|firm)\b)",
    re.MULTILINE,
)


def _told_of(topic: str, statement: Statement, text: str) -> bool:
    """True if what a title opens with can be who raises: the text speaks of it too, or there is none."""
    if statement.sentence.span.part == "text" or not text:
        return True
    return topic in text or f"{topic}'s " in statement.sentence.text or f"{topic}’s " in statement.sentence.text


def _alike(told: Statement, readings: Sequence[Reading]) -> Statement | None:
    """The first statement that names who raises the amount of one that does not."""
    for reading in readings:
        for other in reading.statements:
            named = other.company != PRONOUN and not other.weak and other.slots.amount
            if named and told.slots.amount and _fits(told.slots, other.slots):
                return other
    return None


def _fits(one: Slots, other: Slots) -> bool:
    rounds = not one.rounds or not other.rounds or bool({*one.rounds} & {*other.rounds})
    return rounds and compatible_amounts(one.amount, other.amount)


def named(readings: Sequence[Reading], *, text: str, roundup: bool) -> list[Reading]:
    """The readings with each raiser under one name, that of a watched company or else the one told first.

    What a sentence says of `the company` goes to the raiser named before it, in a round-up only within its paragraph;
    what a title says so to the first raiser of the text. Where nobody is named as raising, it is the company that the
    article introduces; without one the statement is dropped.
    """
    called = {} if roundup else _renamed(readings, text)
    readings = readings if roundup else _without_deniers(readings)
    names: list[str] = [s.company for r in readings for s in r.statements if s.watched and s.company != PRONOUN]
    first = next((s for r in readings for s in r.statements if s.company != PRONOUN and not s.background), None)
    topic = "" if roundup else _topic(readings, text)
    last: Statement | None = None
    resolved = []
    for reading in readings:
        statements = []
        for told in reading.statements:
            statement: Statement | None = told
            if told.company == PRONOUN:
                alike = None if roundup or last else _alike(told, readings)
                known = last or (None if roundup else alike or first)
                if roundup and known and known.sentence.paragraph != told.sentence.paragraph:
                    known = None
                if known is None and not (topic and _told_of(topic, told, text)):
                    continue
                company, watched = (known.company, known.watched) if known else (topic, False)
                background = told.background or (known.background if known is alike and known else None)
                statement = replace(told, company=_one(names, company), watched=watched, background=background)
            else:
                company = called.get(told.company, told.company)
                statement = told if told.watched else replace(told, company=_one(names, company))
                last = statement
            statements.append(statement)
        rejections = tuple(r for r in reading.rejections if r.company != PRONOUN)
        resolved.append(replace(reading, statements=tuple(statements), rejections=rejections))
    return resolved


def _without_deniers(readings: Sequence[Reading]) -> list[Reading]:
    """The readings with `denied` said of the company that is told of elsewhere, where a person does the denying.

    Of two of whom one sentence says it the last is the company: whoever denies comes first.
    """
    told = [s for r in readings for s in r.statements if s.company != PRONOUN]
    raisers = {s.company for s in told if s.rule != DENIED}
    raisers |= {r.statements[-1].company for r in readings if [s.rule for s in r.statements] == [DENIED, DENIED]}

    def corrected(statement: Statement) -> Statement:
        person = statement.rule == DENIED and not statement.watched and raisers and statement.company not in raisers
        return replace(statement, company=PRONOUN) if person else statement

    return [replace(r, statements=tuple(map(corrected, r.statements))) for r in readings]


def _is_short_for(short: str, legal: str) -> bool:
    """True if a Chinese name takes its characters in order from a legal one: 步锐科技, 深圳市步锐生物科技有限公司."""
    if len(short) < 3 or short.isascii() or not legal.endswith("公司") or not 0 <= legal.find(short[:2]) <= 5:
        return False
    rest = iter(legal)
    return all(character in rest for character in short)


def _one(names: list[str], told: str) -> str:
    """The name under which a raiser is known; a new one is added to `names`."""
    for name in names:
        if same_company(name, told) or _is_short_for(name, told) or _is_short_for(told, name):
            return name
    names.append(told)
    return told
