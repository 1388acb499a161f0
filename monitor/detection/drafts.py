"""Claims in the making: what the sentences of an article add to each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from monitor.detection.grouping import compatible_amounts, compatible_rounds, more_exact, same_company
from monitor.detection.names import distinct
from monitor.detection.reading import Statement
from monitor.detection.slots import Slots
from monitor.detection.status import FINISHES, TALKS, TOTAL
from monitor.models import Claim, Money, Status

BARE = "raises_money"
"""The rule of a statement of an amount without a word such as completed."""

STRATEGIC = "strategic"
"""Says who invests rather than which round it is."""

FIELDS = 4
"""Paragraphs after a deal of a round-up within which lines of fields go on about it."""

FOLLOWS = 12
"""Paragraphs after a deal was last told, within which sentences go on about it."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A claim in the making; `paragraph` is where it was last told, `joint` that its sum is of several rounds."""

    claim: Claim
    paragraph: int
    joint: bool = False


class Drafts:
    """Claims in the making. `strict`: amounts that differ make two claims (rounds of the past), else one."""

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict
        self._drafts: list[_Draft] = []
        self._weak: list[Statement] = []
        self._ahead: list[Slots] = []

    def tells(self, company: str) -> bool:
        """True if there is a claim about the company."""
        return any(draft.claim.company == company for draft in self._drafts)

    def add(self, statement: Statement) -> None:
        """Makes a statement part of the claim whose deal it tells, or a claim of its own; one for each round named."""
        if statement.weak:
            self._weak.append(statement)
            return
        rounds = statement.slots.rounds or (None,)
        for name in rounds:
            place = self._same(statement, name, single=len(rounds) == 1)
            if place is None:
                self._drafts.append(_Draft(_claim(statement, name), statement.sentence.paragraph, len(rounds) > 1))
            else:
                self._correct(place, statement)
                self._status(place, statement)
                self._fill(place, statement.slots, name, statement.sentence.paragraph)

    def _status(self, place: int, statement: Statement) -> None:
        """A bare headline (X融资5亿) says less of the status than a lead that calls it a plan.

        One of talks (启动上市前融资) gives way to a lead that says it is done.
        """
        draft = self._drafts[place]
        bare = draft.paragraph < 0 and draft.claim.rule == BARE and draft.claim.status is Status.COMPLETED
        bare = bare and not draft.claim.evidence.sentence.isascii()  # but X raises $5M
        if bare and statement.sentence.lead and statement.status is Status.IN_TALKS:
            self._drafts[place] = replace(draft, claim=replace(draft.claim, status=Status.IN_TALKS))
        planned = draft.paragraph < 0 and draft.claim.status is Status.IN_TALKS and draft.claim.rule == TALKS
        if planned and statement.fresh and statement.rule == FINISHES and statement.status is Status.COMPLETED:
            self._drafts[place] = replace(draft, claim=replace(draft.claim, status=Status.COMPLETED))

    def _correct(self, place: int, statement: Statement) -> None:
        """Where title and text differ, the text is nearer to its source."""
        draft, told = self._drafts[place], statement.slots.amount
        if (
            draft.paragraph < 0
            and told
            and statement.sentence.lead
            and (_spans(told, draft.claim.amount) or not compatible_amounts(draft.claim.amount, told))
        ):
            self._drafts[place] = replace(draft, claim=replace(draft.claim, amount=told))

    def drop(self, companies: Iterable[str]) -> None:
        """Takes out what only a title tells of these companies, if it names no round."""
        refused = set(companies)
        self._drafts = [
            draft
            for draft in self._drafts
            if draft.paragraph >= 0
            or _sure(draft.claim)
            or not any(same_company(draft.claim.company, company) for company in refused)
        ]

    def value(self, statement: Statement) -> None:
        """Adds the valuation that stands beside a total to the claim of the same company."""
        for place, draft in enumerate(self._drafts):
            if draft.claim.company == statement.company:
                self._fill(place, Slots(valuation=statement.slots.valuation), None, draft.paragraph)
                return

    def support(self, background: "Drafts") -> None:
        """Takes over what is told of the same round and sum as a claim here: the date of the deal is not its age."""
        for draft in list(background._drafts):
            told = draft.claim
            for place, known in enumerate(self._drafts):
                if told.company == known.claim.company and told.rule != TOTAL and _same_deal(known.claim, told):
                    slots = Slots(
                        amount=told.amount,
                        valuation=told.valuation,
                        investors=told.investors,
                        leads=told.lead_investors,
                    )
                    self._fill(place, slots, told.round, known.paragraph)
                    background._drafts.remove(draft)
                    break

    def rebut(self, companies: Iterable[str]) -> None:
        """What is only talked about is denied: of these companies, or of the one that the article is about."""
        named = set(companies) or {self._drafts[0].claim.company} if self._drafts else set()
        self._drafts = [
            replace(d, claim=replace(d.claim, status=Status.DENIED))
            if d.claim.company in named and d.claim.status is Status.IN_TALKS
            else d
            for d in self._drafts
        ]

    def go_on(self, slots: Slots, paragraph: int, *, anywhere: bool, continues: bool = False) -> None:
        """Adds what a sentence without a raiser says to the article's first claim, or to the last of its paragraph.

        One that `continues` may also stand a few paragraphs after the last: 投资方：甲、乙.
        What a title says before there is a claim is added last of all.
        """
        if not self._drafts:
            if anywhere and paragraph < 0:
                self._ahead.append(slots)
            return
        place = 0 if anywhere else len(self._drafts) - 1
        for number, draft in enumerate(self._drafts):  # A轮由甲领投，A+轮由乙领投
            if len(slots.rounds) == 1 and draft.claim.round == slots.rounds[0]:
                place = number
        known = self._drafts[place].claim.round
        if len(slots.rounds) == 1 and known and slots.rounds[0] not in (known, STRATEGIC):
            return  # of another round: 天使轮股东包括…
        reach = FOLLOWS if anywhere else FIELDS if continues else 0
        if paragraph - self._drafts[place].paragraph <= reach:
            self._fill(place, slots, slots.rounds[0] if len(slots.rounds) == 1 else None, paragraph)

    def claims(self, *, news: bool, denied: bool = False) -> Iterator[Claim]:
        """The claims; `denied` makes the first one so."""
        for statement in self._weak:
            for place, draft in enumerate(self._drafts):
                if draft.claim.company == statement.company:
                    self._fill(place, statement.slots, None, draft.paragraph)
                    break
        for slots in self._ahead[: len(self._drafts)]:
            self._fill(0, slots, slots.rounds[0] if len(slots.rounds) == 1 else None, self._drafts[0].paragraph)
        for place, draft in enumerate(self._drafts):
            status = Status.DENIED if denied and place == 0 else draft.claim.status
            yield replace(draft.claim, news=news, status=status)

    def _same(self, statement: Statement, name: str | None, *, single: bool) -> int | None:
        for place, draft in enumerate(self._drafts):
            claim = draft.claim
            near = statement.fresh or draft.paragraph == statement.sentence.paragraph
            goes_on = near and name == STRATEGIC and claim.round  # 本轮由…战略投资 after 完成A轮
            if claim.company != statement.company or not (goes_on or compatible_rounds(claim.round, name)):
                continue
            if not single and claim.round != name and (claim.round or self._told(statement.company, name)):
                continue  # of several rounds together each is a claim
            if not self._strict or compatible_amounts(claim.amount, statement.slots.amount):
                return place
        return None

    def _told(self, company: str, name: str | None) -> bool:
        """True if there is a claim about this round of the company."""
        return any(draft.claim.company == company and draft.claim.round == name for draft in self._drafts)

    def _fill(self, place: int, slots: Slots, name: str | None, paragraph: int) -> None:
        claim = _as_paid(self._drafts[place].claim, slots)
        amount = claim.amount
        joint = self._drafts[place].joint
        if joint and slots.amount and slots.rounds == (claim.round,):  # 两轮合计1.5亿，其中A轮9000万
            amount, joint = slots.amount, False
        elif compatible_amounts(claim.amount, slots.amount):
            amount = more_exact(claim.amount, slots.amount)
        claim = replace(
            claim,
            round=claim.round or name,
            amount=amount,
            valuation=_valuation(claim.valuation, slots.valuation),
            investors=_names(claim.company, claim.investors, slots.investors),
            lead_investors=_names(claim.company, claim.lead_investors, slots.leads),
            investing=_names(claim.company, claim.investing, slots.investing),
        )
        self._drafts[place] = _Draft(claim, paragraph, joint)


def _same_deal(one: Claim, other: Claim) -> bool:
    """True if both name the same sum, and no other round."""
    sums = [(claim.amount.low, claim.amount.currency) for claim in (one, other) if claim.amount and claim.amount.low]
    return len(sums) == 2 and sums[0] == sums[1] and compatible_rounds(one.round, other.round)


def _spans(told: Money, known: Money | None) -> bool:
    """True if a range such as 500 million to 1 billion holds an exact amount."""
    if known is None or known.low is None or known.low != known.high or told.currency != known.currency:
        return False
    return (
        told.low is not None and told.high is not None and told.low < told.high and told.low <= known.low <= told.high
    )


def _sure(claim: Claim) -> bool:
    return claim.round is not None or claim.status is Status.DENIED


def _as_paid(claim: Claim, slots: Slots) -> Claim:
    """A claim with its amounts in the currency of the deal, where a headline had converted them."""
    for paid, converted in slots.converted:
        if claim.amount and (claim.amount.low, claim.amount.currency) == (converted.low, converted.currency):
            claim = replace(claim, amount=paid)
        if claim.valuation and (claim.valuation.low, claim.valuation.currency) == (converted.low, converted.currency):
            claim = replace(claim, valuation=paid)
    return claim


def _valuation(known: Money | None, told: Money | None) -> Money | None:
    return more_exact(known, told) if compatible_amounts(known, told) else known


def _claim(statement: Statement, name: str | None) -> Claim:
    slots = statement.slots
    return Claim(
        company=statement.company,
        watched=statement.watched,
        investing=_names(statement.company, (), slots.investing),
        news=True,
        status=statement.status,
        evidence=statement.evidence,
        rule=statement.background or statement.rule,
        round=name,
        amount=slots.amount,
        valuation=slots.valuation,
        investors=_names(statement.company, (), slots.investors),
        lead_investors=_names(statement.company, (), slots.leads),
    )


def _names(company: str, known: tuple[str, ...], told: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in distinct((*known, *told)) if company not in name)
