"""Who hears what, and whether at all: pure decisions, every one with its reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.models import AlertDraft, Claim, Evidence, Verdict
from monitor.settings import Route


@dataclass(frozen=True, slots=True)
class Subject:
    """Something in one article that a channel may hear of, once.

    `key` is `deal:ID` (with its `claim`) or `topic:NAME:COMPANY:ARTICLE_ID`.
    """

    key: str
    company: str
    topic: str
    evidence: Evidence
    claim: Claim | None = None


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

    All routes that fit count. In one channel an article tells of a company at most once: a deal goes before a topic
    match, else the first goes. A draft that is not `wanted` says why nothing is sent.

    `max_age` None means that old articles were asked for: then nothing is held back. `baseline` says that the source is
    visited for the first time, so that an article without a date may be years old.
    """
    held = _reason_to_hold(published, now, max_age, baseline=baseline)
    drafts = []
    told: set[tuple[str, str]] = set()
    for subject in sorted(subjects, key=lambda s: s.claim is None):
        verdict = held or (Verdict.TOPIC_MATCH if subject.claim is None else Verdict.NEW_DEAL)
        for channel in channels_for(subject, routes):
            if (channel, subject.company) not in told:
                told.add((channel, subject.company))
                drafts.append(_draft(subject, channel, verdict))
    return tuple(drafts)


def channels_for(subject: Subject, routes: Iterable[Route]) -> tuple[str, ...]:
    """The channels of all routes that take this topic and company, each once, in the order of the routes."""
    fitting = (
        channel
        for route in routes
        if subject.topic in route.topics and (not route.companies or subject.company in route.companies)
        for channel in route.channels
    )
    return tuple(dict.fromkeys(fitting))


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
