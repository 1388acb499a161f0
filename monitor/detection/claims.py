"""From the statements of an article's sentences to one claim for each deal."""

import re
from collections.abc import Sequence

from monitor.detection.drafts import Drafts
from monitor.detection.raisers import named
from monitor.detection.reading import Reading, Statement
from monitor.detection.slots import Slots
from monitor.detection.status import RELATIVE, TOTAL
from monitor.models import Claim, Rejection
from monitor.text import CJK

SEVERAL = 3
"""Raisers, each at the head of a paragraph, from which on an article is a round-up whatever its title says."""


def tells_of_several(readings: Sequence[Reading], text: str) -> bool:
    """True if most paragraphs that tell of rounds begin with news, each of another company, and the title of none."""
    if any(s.company and not s.weak for r in readings if r.sentence.paragraph < 0 for s in r.statements):
        return False  # the title has a raiser of its own
    heads: dict[int, str] = {}
    seen = set()
    for reading in readings:
        paragraph = reading.sentence.paragraph
        if paragraph in seen:
            continue
        if not any(not s.weak for s in reading.statements):
            continue
        seen.add(paragraph)
        strong = [s for s in reading.statements if s.company and s.background in (None, RELATIVE) and not s.weak]
        raisers = [s.company for s in strong if s.slots.amount or s.slots.rounds]
        if paragraph >= 0 and raisers and _begins_paragraph(reading, text):
            heads[paragraph] = raisers[0]
    return len(set(heads.values())) >= SEVERAL and 2 * len(heads) > len(seen)


def _begins_paragraph(reading: Reading, text: str) -> bool:
    start = reading.sentence.span.start
    return start == 0 or text[start - 1] == "\n"


def claims(
    readings: Sequence[Reading],
    *,
    headline: str,
    text: str,
    roundup: bool,
    retrospect: bool = False,
    title_denies: bool,
) -> tuple[tuple[Claim, ...], tuple[Rejection, ...]]:
    """The claims of an article, news first, and the candidates refused.

    `headline` and `text` are the article as written. In a `retrospect` nothing is news.

    A company with a claim is in no rejection. In a round-up each
    entry is news; elsewhere the title's deal is, and what the lead tells if the title leaves it open.
    """
    readings = named(readings, text=text, roundup=roundup)
    title = _Title(readings, headline)
    news, background = Drafts(strict=False), Drafts(strict=True)
    for reading in readings:
        for statement in reading.statements:
            past = statement.background and not (roundup and statement.background == RELATIVE)
            fresh = not (past or retrospect) and (
                roundup or title.leaves_as_news(statement, known=news.tells(statement.company))
            )
            (news if fresh else background).add(statement)
            if statement.background == TOTAL and statement.slots.valuation:  # with it the company is worth …
                news.value(statement)
        if reading.rebuts and not roundup:
            news.rebut(s.company for s in reading.statements)
        if all(statement.weak for statement in reading.statements):
            for slots in reading.follows:
                continues = reading.continues and _begins_paragraph(reading, text)
                news.go_on(slots, reading.sentence.paragraph, anywhere=not roundup, continues=continues)
    news.drop(
        r.company for reading in readings if reading.sentence.lead for r in reading.rejections if r.rule in NOT_DEALS
    )
    news.support(background)
    found = (*news.claims(news=True, denied=title_denies and not roundup), *background.claims(news=False))
    refused = {claim: rule for claim in found if (rule := _refused(claim, headline, text, roundup=roundup))}
    found = tuple(claim for claim in found if claim not in refused)
    told = {claim.company for claim in found}
    rejections = tuple(r for reading in readings for r in reading.rejections if r.company not in told)
    return found, (*(Rejection(c.company, c.evidence, rule) for c, rule in refused.items()), *rejections)


def _refused(claim: Claim, headline: str, text: str, *, roundup: bool) -> str | None:
    """The rule by which a claim about a company on no list is none, seen from all of the article; else None."""
    if claim.watched or not claim.news:
        return None
    if re.search(rf"{re.escape(claim.company)}{_VEHICLE}", f"{headline}\n{text}"):
        return "fund"
    return "named_once" if not roundup and _in_passing(claim, headline, text) else None


_VEHICLE = r"(?: (?:Capital|Ventures|Partners|Venture Partners|VC)\b|(?:资本|创投|基金)(?![\u4e00-\u9fff]))"


def _in_passing(claim: Claim, headline: str, text: str) -> bool:
    """True for what looks like a name in a long article that never comes back to it: rather words of another kind.

    Names in quotes or Latin letters, those that end as companies do, and substantial facts count.
    """
    name = claim.company
    sure = (claim.round or claim.investors) and claim.amount and (claim.amount.low or 0) >= SUBSTANTIAL
    if sure or len(text) < LONG or not _CHINESE_ONLY.fullmatch(name) or _FIRM.search(name):
        return False
    sentence = claim.evidence.sentence
    quoted = any(f"{mark}{name}" in sentence for mark in '“「『‘"【《')
    return not quoted and headline.count(name) + text.count(name) < 2


SUBSTANTIAL = 1_000_000
"""Units of a currency; with a sum from here on and a round or investors, a statement is about some company."""

_FIRM = re.compile("(?:公司|集团|科技|智能|机器人|生物|医疗|医药|网络|信息|数据|软件|健康|教育|物流|汽车|能源|半导体)$")

LONG = 600
"""Characters from which on an article names what it is about more than once."""

_CHINESE_ONLY = re.compile(f"[{CJK}]+")


NOT_DEALS = frozenset({"fund", "ipo", "bond", "loan", "placement", "acquisition", "subsidy"})
"""Rules by which a lead takes back what a headline seemed to say: X raises $200M, in fact for its fifth fund."""


GETS = "gets_capital"
"""A rule that without a fact is often said in passing."""


def _has_facts(slots: Slots) -> bool:
    return bool(slots.amount or slots.valuation or slots.rounds or slots.investors)


class _Title:
    """What a title says, as far as it decides what in the text is news."""

    def __init__(self, readings: Sequence[Reading], headline: str) -> None:
        self._headline = headline.casefold()
        title = [reading for reading in readings if reading.sentence.span.part == "title"]
        self._about_funding = any(reading.funding for reading in title)
        self._no_deal = any(reading.no_deal for reading in title)
        self._raisers = {s.company for reading in title for s in reading.statements if not s.background}

    def _names(self, company: str) -> bool:
        return company.casefold() in self._headline

    def leaves_as_news(self, statement: Statement, *, known: bool) -> bool:
        """True if a statement without words of the past is news in an article with this title.

        `known` says that the article has told news of the company before.
        """
        sentence = statement.sentence
        if sentence.span.part == "title" or known:
            return True
        if self._raisers:
            return statement.company in self._raisers
        if self._no_deal:
            return statement.fresh or bool(statement.slots.rounds)
        if self._about_funding:
            return sentence.lead or statement.recent
        if sentence.lead and statement.rule == GETS and not (statement.recent or _has_facts(statement.slots)):
            return statement.fresh  # with technology that attracted his investment
        # A portrait of a company ends with what it is looking for.
        seeks = statement.seeks and self._names(statement.company)
        return sentence.lead or statement.fresh or seeks
