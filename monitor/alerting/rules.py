"""Who hears what, and whether at all: pure decisions, every one with its reason."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.detection.grouping import USD_RATES
from monitor.models import AlertDraft, Claim, Evidence, Money, Verdict
from monitor.settings import FUNDING, Role, Route


@dataclass(frozen=True, slots=True)
class Subject:
    """Something in one article that a channel may hear of, once.

    `key` is `deal:ID` (with its `claim`), `deal:ID:investor:COMPANY` for a watched company that invests, or
    `topic:NAME:COMPANY:ARTICLE_ID`.
    """

    key: str
    company: str
    topic: str
    evidence: Evidence
    claim: Claim | None = None
    role: Role = "raiser"


def deal_subjects(claim: Claim, deal_id: int) -> Iterator[Subject]:
    """What a claim about a deal is news of: the raiser, and each watched company that invests."""
    yield Subject(f"deal:{deal_id}", claim.company, FUNDING, claim.evidence, claim)
    for investor in claim.investing:
        key = f"deal:{deal_id}:investor:{investor}"
        yield Subject(key, investor, FUNDING, claim.evidence, claim, role="investor")


def decide(
    subjects: Sequence[Subject],
    routes: Sequence[Route],
    *,
    published: datetime | None,
    now: datetime,
    max_age: timedelta | None,
    baseline: bool,
) -> tuple[AlertDraft, ...]:
    """One draft for each channel and subject of one article, deals before topic matches, then in the order given.

    All routes that fit count. In one channel an article tells of a company at most once: of these drafts the outbox
    takes the first of which the channel has not heard. A draft that is not `wanted` says why nothing is sent.

    `max_age` None means that old articles were asked for: then nothing is held back. `baseline` says that the source is
    visited for the first time, so that an article without a date may be years old.
    """
    held = _reason_to_hold(published, now, max_age, baseline=baseline)
    drafts = []
    for subject in sorted(subjects, key=lambda s: s.claim is None):
        verdict = held or (Verdict.TOPIC_MATCH if subject.claim is None else Verdict.NEW_DEAL)
        drafts += [_draft(subject, channel, verdict) for channel in channels_for(subject, routes)]
    return tuple(drafts)


def channels_for(subject: Subject, routes: Iterable[Route]) -> tuple[str, ...]:
    """The channels of all routes that take this topic and company, each once, in the order of the routes."""
    fitting = (channel for route in routes if _fits(subject, route) for channel in route.channels)
    return tuple(dict.fromkeys(fitting))


def _fits(subject: Subject, route: Route) -> bool:
    claim = subject.claim
    watched = claim is None or claim.watched or subject.role == "investor"
    return (
        subject.topic in route.topics
        and subject.role in route.roles
        and (watched or route.everyone)
        and (not route.companies or subject.company in route.companies)
        and (route.min_usd is None or (claim is not None and _usd(claim.amount) >= route.min_usd))
    )


def _usd(amount: Money | None) -> float:
    """What an amount is at least worth in US dollars (its upper end where only that is known); 0 if that is unknown."""
    if amount is None:
        return 0.0
    least = amount.low if amount.low is not None else amount.high
    return (least or 0.0) * USD_RATES.get(amount.currency, 0.0)


def _reason_to_hold(
    published: datetime | None, now: datetime, max_age: timedelta | None, *, baseline: bool
) -> Verdict | None:
    if max_age is None:
        return None
    if published is None:
        return Verdict.BASELINE if baseline else None
    return Verdict.TOO_OLD if now - published > max_age else None


def _draft(subject: Subject, channel: str, verdict: Verdict) -> AlertDraft:
    return AlertDraft(
        channel=channel,
        subject=subject.key,
        company=subject.company,
        topic=subject.topic,
        verdict=verdict,
        evidence=subject.evidence,
        claim=subject.claim,
    )
