"""What people correct: two deals that are one, one that is two, a fact that is wrong, a deal that is none.

Each correction is kept with who made it and when. Later articles are grouped by it, and cards that were sent show it.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from monitor.archive import Tables
from monitor.detection import money, rounds
from monitor.detection.stream import retold
from monitor.errors import MonitorError
from monitor.models import Correction, CorrectionKind, Deal, Fact, Money
from monitor.searching.wording import named_status
from monitor.settings import Language


class Fault(StrEnum):
    """Why something cannot be corrected so."""

    NO_DEAL = "no_deal"
    MERGED = "merged"
    SAME = "same"
    NO_ARTICLES = "no_articles"
    ALL_ARTICLES = "all_articles"
    NO_STATUS = "no_status"
    NO_ROUND = "no_round"
    NO_MONEY = "no_money"
    NOBODY = "nobody"


_WORDS: Mapping[Fault, tuple[str, str]] = {
    Fault.NO_DEAL: ("there is no deal {}", "没有编号为{}的融资"),
    Fault.MERGED: ("deal {} is part of deal {} by now", "融资{}已并入融资{}"),
    Fault.SAME: ("a deal cannot be merged with itself; name another one", "不能与自身合并，请填写另一笔融资的编号"),
    Fault.NO_ARTICLES: (
        "name articles that tell this deal, and no others; it is told by: {}",
        "请选择报道该笔融资的文章（可选：{}）",
    ),
    Fault.ALL_ARTICLES: (
        "leave at least one article with the deal: these are all that tell it",
        "至少要给原融资留下一篇文章：所选已是全部",
    ),
    Fault.NO_STATUS: (
        "{!r} is no status: completed, in_talks or denied",
        "“{}”不是状态：completed、in_talks或denied",
    ),
    Fault.NO_ROUND: (
        "{!r} is no round: write one such as seed, angel, pre-A, A, B+, strategic",
        "“{}”不是轮次：可写种子、天使、Pre-A、A、B+、战略等",
    ),
    Fault.NO_MONEY: (
        "{!r} is no amount: write it with its currency, such as 4亿美元 or $400 million",
        "“{}”不是金额：请连同币种填写，如4亿美元",
    ),
    Fault.NOBODY: ("say who makes the correction", "请注明修改人"),
}


class CorrectionError(MonitorError):
    """Something cannot be corrected so; `told` says why in a language."""

    def __init__(self, fault: Fault, *values: object) -> None:
        super().__init__(_WORDS[fault][0].format(*values))
        self.fault = fault
        self._chinese = _WORDS[fault][1].format(*values)

    def told(self, language: Language) -> str:
        """What is wrong, for people who read a language."""
        return self._chinese if language == "zh" else str(self)


@dataclass(frozen=True, slots=True)
class Correcting:
    """Corrections by one person at one time, within the transaction of `tables`.

    All methods raise CorrectionError for what is not there or makes no sense; then nothing is changed.
    """

    tables: Tables
    person: str
    at: datetime

    def merge(self, kept_id: int, gone_id: int) -> Deal:
        """Let two deals be one, under the number of the first; returns it."""
        if kept_id == gone_id:
            raise CorrectionError(Fault.SAME)
        self._begin()
        kept, gone = self._deal(kept_id), self._deal(gone_id)
        self.tables.corrections.merge(kept.id, gone.id)
        self.tables.alerts.move(gone.id, kept.id)
        self.tables.mutes.follow(gone.id, kept.id)
        for deal in (kept, gone):
            self._note(deal, CorrectionKind.MERGE, f"{gone.id} → {kept.id}")
        self.tables.queue.withdraw(gone.id)
        self._show(gone.id)
        return self._anew(kept.id)

    def split(self, deal_id: int, article_ids: Collection[int]) -> Deal:
        """Let articles that tell a deal tell another one; returns the new one."""
        self._begin()
        deal = self._deal(deal_id)
        reports = self.tables.deals.reports([deal.id], as_told=True).get(deal.id, ())
        tellers = {report.article_id for report in reports}
        chosen = set(article_ids)
        if not chosen or not chosen <= tellers:
            raise CorrectionError(Fault.NO_ARTICLES, ", ".join(map(str, sorted(tellers))))
        if chosen == tellers:
            raise CorrectionError(Fault.ALL_ARTICLES)
        moved = [(report.claim, report.at) for report in reports if report.article_id in chosen]
        new_id = self.tables.deals.open(retold(moved, 0))
        self.tables.corrections.move(chosen, deal.id, new_id)
        self.tables.alerts.move(deal.id, new_id, chosen)
        self._anew(deal.id)
        new = self._anew(new_id)
        for one in (deal, new):
            self._note(one, CorrectionKind.SPLIT, f"{deal.id} → {deal.id} + {new.id}")
        return new

    def edit(self, deal_id: int, fact: Fact, words: str | None) -> Deal:
        """Set a fact to what the words say, empty for unknown; None lets it be what the articles tell again."""
        self._begin()
        deal = self._deal(deal_id)
        said = self.tables.corrections.said([deal.id]).get(deal.id, {})
        said = {known: value for known, value in said.items() if known is not fact}
        if words is not None:
            said[fact] = _READERS[fact](words.strip())
        self.tables.corrections.set_said(deal.id, said)
        self._note(deal, CorrectionKind.EDIT, f"{fact}: {'*' if words is None else words.strip() or '-'}")
        return self._anew(deal.id)

    def dismiss(self, deal_id: int) -> Deal:
        """Mark as no deal: it is listed and told no more, nor is what later articles say of it."""
        self._begin()
        deal = self._deal(deal_id)
        self.tables.corrections.set_dismissed(deal.id, dismissed=True)
        self.tables.queue.withdraw(deal.id)
        self._note(deal, CorrectionKind.DISMISS)
        return self._anew(deal.id)

    def restore(self, deal_id: int) -> Deal:
        """Take back that it is no deal."""
        self._begin()
        deal = self._deal(deal_id)
        self.tables.corrections.set_dismissed(deal.id, dismissed=False)
        self._note(deal, CorrectionKind.RESTORE)
        return self._anew(deal.id)

    def _begin(self) -> None:
        if not self.person.strip():
            raise CorrectionError(Fault.NOBODY)
        self.tables.deals.lock()

    def _deal(self, deal_id: int) -> Deal:
        deal = self.tables.deals.get(deal_id) if deal_id < 2**63 else None
        if deal is not None:
            return deal
        whole = self.tables.deals.whole(deal_id) if deal_id < 2**63 else None
        raise (
            CorrectionError(Fault.NO_DEAL, deal_id) if whole is None else CorrectionError(Fault.MERGED, deal_id, whole)
        )

    def _anew(self, deal_id: int) -> Deal:
        """Make the deal of its claims and of what people have set; tie its articles to it; let its cards show it."""
        reports = self.tables.deals.reports([deal_id], as_told=True).get(deal_id, ())
        if reports:
            self.tables.deals.update(retold([(report.claim, report.at) for report in reports], deal_id))
        self.tables.corrections.pin(deal_id)
        self._show(deal_id)
        return self._deal(deal_id)

    def _show(self, deal_id: int) -> None:
        heard = self.tables.alerts.heard(deal_id)
        self.tables.alerts.outdate([card.alert_id for card in heard if card.rendered], self.at)

    def _note(self, deal: Deal, kind: CorrectionKind, detail: str = "") -> None:
        self.tables.corrections.record(Correction(deal.id, kind, self.person.strip()[:100], self.at, detail[:500]))


def _status(words: str) -> Any:
    status = named_status(words)
    if status is None:
        raise CorrectionError(Fault.NO_STATUS, words)
    return status


def _round(words: str) -> str | None:
    if not words:
        return None
    name = words if rounds.is_name(words) else rounds.named(words)
    if name is None:
        raise CorrectionError(Fault.NO_ROUND, words)
    return name


def _money(words: str) -> Money | None:
    if not words:
        return None
    found = money.amounts(words)
    if len(found) != 1:
        raise CorrectionError(Fault.NO_MONEY, words)
    return replace(found[0], text=words)


def _names(words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in (part.strip() for part in re.split("[,，、;；\n]", words)) if name))


_READERS: Mapping[Fact, Callable[[str], Any]] = {
    Fact.STATUS: _status,
    Fact.ROUND: _round,
    Fact.AMOUNT: _money,
    Fact.VALUATION: _money,
    Fact.INVESTORS: _names,
    Fact.LEAD_INVESTORS: _names,
}
