"""What channels are told, and what people think of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.models.deals import Change, Report
from monitor.models.findings import Claim, Evidence


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
