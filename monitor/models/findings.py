"""What detection finds in an article."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Part = Literal["title", "text"]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive) of an article's title or text, as stored."""

    part: Part
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A watched company found at a place in an article."""

    company: str
    alias: str
    span: Span


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentence that made a match, and the places in it that did (offsets into `sentence`)."""

    sentence: str
    span: Span
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TopicMatch:
    """A configured topic found near a watched company."""

    topic: str
    company: str
    evidence: Evidence


class Status(StrEnum):
    """How far a deal has come."""

    COMPLETED = "completed"
    IN_TALKS = "in_talks"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount as a range in units of `currency` (ISO 4217); None where that end is open."""

    text: str
    low: float | None
    high: float | None
    currency: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What one article says of one deal of one company.

    `round` is normalised (seed, pre-A+, A, B+, strategic, pre-IPO …) or None; `news` is False for background, such
    as an earlier round in passing; `rule` names the rule of detection that made the claim. `company` is the canonical
    name of a watched company, else (`watched` False) the name as written. `investing` names the watched companies that
    are among the investors.
    """

    company: str
    news: bool
    status: Status
    evidence: Evidence
    rule: str
    round: str | None = None
    amount: Money | None = None
    valuation: Money | None = None
    investors: tuple[str, ...] = ()
    lead_investors: tuple[str, ...] = ()
    watched: bool = True
    investing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejection:
    """A candidate that is no claim, and the rule that said so."""

    company: str
    evidence: Evidence
    rule: str


@dataclass(frozen=True, slots=True)
class Detection:
    """All that was found in one article."""

    mentions: tuple[Mention, ...] = ()
    matches: tuple[TopicMatch, ...] = ()
    claims: tuple[Claim, ...] = ()
    rejections: tuple[Rejection, ...] = ()
