"""Deals, who reports them, and what people correct of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.models.findings import Claim, Money, Status


class Fact(StrEnum):
    """What of a deal a person can correct: a field of `Claim` and `Deal`."""

    STATUS = "status"
    ROUND = "round"
    AMOUNT = "amount"
    VALUATION = "valuation"
    INVESTORS = "investors"
    LEAD_INVESTORS = "lead_investors"


@dataclass(frozen=True, slots=True)
class Deal:
    """One company's one financing round, as the archive knows it. `seen_at` is when the last claim was published.

    `corrected` names the facts that a person has set; `dismissed` says that a person found it to be no deal.
    """

    id: int
    company: str
    status: Status
    round: str | None
    amount: Money | None
    valuation: Money | None
    investors: tuple[str, ...]
    lead_investors: tuple[str, ...]
    opened_at: datetime
    seen_at: datetime
    articles: int = 1
    corrected: tuple[Fact, ...] = ()
    dismissed: bool = False


class CorrectionKind(StrEnum):
    """What a person did to a deal."""

    MERGE = "merge"
    SPLIT = "split"
    EDIT = "edit"
    DISMISS = "dismiss"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person did to a deal, and when; `detail` in words: the other deal, the fact and what it is now."""

    deal_id: int
    kind: CorrectionKind
    person: str
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A claim about a deal with the article that makes it: who says what, when.

    `source` is the name of the source that people see, `home` its address, `at` when the article was published (else
    fetched), `signature` that of its text (`detection.reprints`).
    """

    claim: Claim
    article_id: int
    title: str
    url: str
    source: str
    home: str
    author: str
    at: datetime
    signature: tuple[int, ...] = ()


class Change(StrEnum):
    """What a later report says of a deal that nobody has said before."""

    STATUS = "status"
    AMOUNT = "amount"
    ROUND = "round"
    LEAD = "lead"
    VALUATION = "valuation"
