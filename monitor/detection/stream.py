"""Grouping of claims as they come, in memory: for batches and backtests, where no archive is asked."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from anyascii import anyascii

from monitor.detection.grouping import choose, merge
from monitor.models import Claim, Deal
from monitor.text import fold


@dataclass
class DealStream:
    """The deals told so far. `tell` is called with claims in the order of publication."""

    _deals: dict[int, Deal] = field(default_factory=dict)
    _numbers: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def tell(self, claim: Claim, at: datetime) -> Deal:
        """The deal that a claim tells, with what it adds; a new one if none fits."""
        keys = name_keys(claim.company)
        known = {number for key in keys for number in self._numbers[key]}
        found = choose(claim, at, [self._deals[number] for number in sorted(known)])
        deal = merge(found, claim, at) if found else open_deal(claim, at, len(self._deals) + 1)
        self._deals[deal.id] = deal
        for key in keys:
            self._numbers[key].add(deal.id)
        return deal


_KEY = 2
"""Characters that the names of one company have in common at some place, so that only few deals are compared."""

_LATIN_TAIL = re.compile(r"(?<=[^\x00-\x7f])[a-z0-9]{3,}$")


def name_keys(company: str) -> tuple[str, ...]:
    """Where to look for other names of a company: its first characters, of 月之暗面Kimi also those of Kimi.

    In a legal name the name proper may come after a place: 北京智谱华章科技有限公司.
    """
    name = fold(company)
    tail = _LATIN_TAIL.search(name)
    sound = anyascii(name[:_KEY]).lower()[:_KEY]  # 砺原机器人 and Liyuan Robotics
    starts = [0, *([tail.start()] if tail else []), *(range(2, 5) if name.endswith("公司") else ())]
    return tuple(dict.fromkeys((*(name[start : start + _KEY] for start in starts), sound)))


def retold(told: Sequence[tuple[Claim, datetime]], number: int) -> Deal:
    """The deal that these claims tell together, each with when it was published."""
    first, *others = sorted(told, key=lambda one: one[1])
    deal = open_deal(*first, number)
    for claim, at in others:
        deal = merge(deal, claim, at)
    return deal


def open_deal(claim: Claim, at: datetime, number: int = 0) -> Deal:
    """The deal of which a claim is the first report."""
    return Deal(
        id=number,
        company=claim.company,
        status=claim.status,
        round=claim.round,
        amount=claim.amount,
        valuation=claim.valuation,
        investors=claim.investors,
        lead_investors=claim.lead_investors,
        opened_at=at,
        seen_at=at,
    )
