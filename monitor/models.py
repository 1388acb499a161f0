"""Values that pass between the layers, one frozen type for each stage of an article's way."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

Part = Literal["title", "text"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a source's answer, before its page is fetched.

    `url` is canonical; `content` is the HTML of the whole text if the source carries it; times are aware. `revision` is
    what a source says of the entry's last change.
    """

    url: str
    title: str
    summary: str = ""
    content: str = ""
    author: str = ""
    published: datetime | None = None
    language: str | None = None
    revision: str = ""

    def fingerprint(self) -> str:
        """A short hash that changes when the source says something new of the same URL."""
        said = "\x1f".join((self.title, self.summary, self.content, self.revision))
        return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class FeedHints:
    """What a feed says of itself: when to come again, where it is announced, where its older entries are.

    `every` is from ttl or sy:updatePeriod; `skip_hours` are hours in UTC, `skip_days` days of the week from Monday = 0;
    `hubs` and `topic` are for WebSub; `next_archive` is the feed's next page of older entries (RFC 5005).
    """

    every: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    hubs: tuple[str, ...] = ()
    topic: str = ""
    next_archive: str = ""


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """An entry whose page is to be fetched.

    `baseline` says that its source was visited for the first time; `last_try` that after one more failure the entry
    itself must do for an article.
    """

    source: str
    entry: Entry
    baseline: bool
    last_try: bool
    seen: datetime

    @property
    def key(self) -> tuple[datetime, str]:
        """What the archive orders pending entries by."""
        return self.seen, self.entry.url


@dataclass(frozen=True, slots=True)
class Page:
    """What an article page says; empty strings and None where it says nothing.

    `next_page` is where a long article goes on, `canonical_url` the address that the page itself gives.
    """

    title: str
    text: str
    author: str = ""
    published: datetime | None = None
    language: str | None = None
    next_page: str = ""
    canonical_url: str = ""


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page as it was fetched; `url` is where it was found."""

    url: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Article:
    """One page of news, ready for the archive. `url` is canonical; paragraphs of `text` are lines."""

    url: str
    source: str
    title: str
    text: str
    author: str = ""
    language: str | None = None
    published: datetime | None = None


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


class Verdict(StrEnum):
    """Why an alert goes out, or why not: stored with each alert."""

    NEW_DEAL = "new_deal"
    TOPIC_MATCH = "topic_match"
    NEW_FACT = "new_fact"
    STATUS_CHANGE = "status_change"
    DIGEST = "digest"
    TOO_OLD = "too_old"
    BASELINE = "baseline"
    MUTED = "muted"
    DISMISSED = "dismissed"


HELD_BACK = frozenset({Verdict.TOO_OLD, Verdict.BASELINE, Verdict.MUTED, Verdict.DISMISSED})
"""Verdicts of which nobody hears."""


class AlertKind(StrEnum):
    """What an alert is to its channel: the card of a subject, what is new of it, or several of both in one message."""

    CARD = "card"
    FOLLOW_UP = "follow_up"
    DIGEST = "digest"


class Withdrawn(StrEnum):
    """Why a card that was sent is not to be counted on: no deal, or the same deal as another card tells."""

    DISMISSED = "dismissed"
    MERGED = "merged"


class AlertState(StrEnum):
    """Where an alert stands in the outbox. One that is `held` waits for a digest or the end of quiet hours; one that is
    `gathered` goes out as part of a digest, which is an alert of its own."""

    HELD = "held"
    GATHERED = "gathered"
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    SUPPRESSED = "suppressed"


class Hold(StrEnum):
    """What an alert waits for that is not sent at once."""

    DIGEST = "digest"
    QUIET = "quiet"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class AlertDraft:
    """A decision to tell one channel (or not to), before it has a row in the outbox.

    `subject` is what a channel hears of only once: `deal:ID`, `topic:NAME:COMPANY:ARTICLE_ID`, or for a follow-up the
    card's subject and which version of which article adds to it. `due` is when it is sent, `held` what it waits for
    until then.
    """

    channel: str
    subject: str
    company: str
    topic: str
    verdict: Verdict
    evidence: Evidence
    due: datetime
    held: Hold | None = None
    claim: Claim | None = None
    deal_id: int | None = None
    kind: AlertKind = AlertKind.CARD
    changes: tuple[Change, ...] = ()
    follows: int | None = None

    @property
    def wanted(self) -> bool:
        """True if the alert is to be sent."""
        return self.verdict not in HELD_BACK


@dataclass(frozen=True, slots=True)
class Alert:
    """One row of the outbox with all that a card shows; `source` is the name of the source that people see.

    `reports` are all that is known of its deal, oldest first. A follow-up says with `changes` what is new, and with
    `thread` under which message it stands, if that is known; `withdrawn` says that a person took it back. A digest has
    `members` instead of an article (its `article_id` is 0); `page` of `pages` tells which of several messages it is.
    """

    id: int
    channel: str
    company: str
    topic: str
    verdict: Verdict
    state: AlertState
    evidence: Evidence
    claim: Claim | None
    article_id: int
    title: str
    url: str
    source: str
    published: datetime | None
    created_at: datetime
    attempts: int = 0
    doubtful: bool = False
    message_id: str | None = None
    error: str | None = None
    sent_at: datetime | None = None
    kind: AlertKind = AlertKind.CARD
    due: datetime | None = None
    held: Hold | None = None
    deal_id: int | None = None
    changes: tuple[Change, ...] = ()
    thread: str | None = None
    withdrawn: Withdrawn | None = None
    reports: tuple[Report, ...] = ()
    members: tuple["Alert", ...] = ()
    page: int = 1
    pages: int = 1


@dataclass(frozen=True, slots=True)
class Heard:
    """A card that a channel has heard of, or will. `rendered`: its words are settled, it is being sent, or was."""

    alert_id: int
    channel: str
    subject: str
    company: str
    topic: str
    deal_id: int
    rendered: bool


class Opinion(StrEnum):
    """What somebody thinks of an alert."""

    RELEVANT = "relevant"
    IRRELEVANT = "irrelevant"
