"""Grouping of claims as they come, in memory: for batches and backtests, where no archive is asked."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from monitor.detection.grouping import choose, merge
from monitor.models import Claim, Deal
from monitor.text import fold


@dataclass
class DealStream:
    """The deals told so far. `tell` is called with claims in the order of publication."""

    _deals: dict[str, list[Deal]] = field(default_factory=lambda: defaultdict(list))
    _number: int = 0

    def tell(self, claim: Claim, at: datetime) -> Deal:
        """The deal that a claim tells, with what it adds; a new one if none fits."""
        known = self._deals[name_key(claim.company)]
        found = choose(claim, at, known)
        if found is not None:
            merged = merge(found, claim, at)
            known[known.index(found)] = merged
            return merged
        self._number += 1
        opened = open_deal(claim, at, self._number)
        known.append(opened)
        return opened


def name_key(company: str) -> str:
    """What the names of one company have in common, so that only few deals are compared: the first two characters."""
    return fold(company)[:2]


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
