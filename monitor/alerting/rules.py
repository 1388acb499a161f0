"""Who hears what, and whether at all: pure decisions, every one with its reason."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from monitor.alerting import plans
from monitor.alerting.worth import usd
from monitor.models import AlertDraft, AlertKind, Change, Claim, Deal, Evidence, Heard, Hold, Report, Verdict
from monitor.settings import FUNDING, Role, Route, Timed


@dataclass(frozen=True, slots=True)
class Subject:
    """Something in one article that a channel may hear of, once.

    `key` is `deal:ID` (with its `claim`), `deal:ID:investor:COMPANY` for a watched company that invests, or
    `topic:NAME:COMPANY:ARTICLE_ID`. `known` is the claim with what else is known of the deal: by it routes decide.
    """

    key: str
    company: str
    topic: str
    evidence: Evidence
    claim: Claim | None = None
    role: Role = "raiser"
    deal_id: int | None = None
    known: Claim | None = None


@dataclass(frozen=True, slots=True)
class Mutes:
    """What somebody does not want to hear of: pairs of a channel and a company or a deal."""

    companies: Collection[tuple[str, str]] = ()
    deals: Collection[tuple[str, int]] = ()

    def silence(self, channel: str, company: str, deal_id: int | None) -> bool:
        """True if the channel has muted the company or the deal."""
        return (channel, company) in self.companies or (deal_id is not None and (channel, deal_id) in self.deals)


@dataclass(frozen=True, slots=True)
class Routing:
    """Who hears what and when. `channels` are those of the configuration, by name; others hear at once.

    `max_age` None means that old articles were asked for: then nothing is held back.
    """

    routes: Sequence[Route]
    match: Literal["all", "first"] = "all"
    default: tuple[str, ...] = ()
    groups: Mapping[str, Collection[str]] = field(default_factory=dict)
    channels: Mapping[str, Timed] = field(default_factory=dict)
    max_age: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """The article that is news, and when; `baseline` says that its source is visited for the first time, so that an
    article without a date may be years old."""

    published: datetime | None
    now: datetime
    source: str = ""
    language: str | None = None
    baseline: bool = False


def deal_subjects(claim: Claim, deal: Deal) -> Iterator[Subject]:
    """What a claim about a deal is news of: the raiser, and each watched company that invests.

    What a later report leaves out, an earlier one has said: routes decide by both.
    """
    known = replace(claim, round=claim.round or deal.round, amount=claim.amount or deal.amount)
    yield Subject(f"deal:{deal.id}", claim.company, FUNDING, claim.evidence, claim, deal_id=deal.id, known=known)
    for investor in claim.investing:
        key = f"deal:{deal.id}:investor:{investor}"
        yield Subject(key, investor, FUNDING, claim.evidence, claim, "investor", deal.id, known)


def decide(
    subjects: Sequence[Subject], routing: Routing, occasion: Occasion, mutes: Mutes = Mutes()
) -> tuple[AlertDraft, ...]:
    """One draft for each channel and subject of one article, deals before topic matches, then in the order given.

    In one channel an article tells of a company at most once: of these drafts the outbox takes the first of which the
    channel has not heard. A draft that is not `wanted` says why nothing is sent.
    """
    held = _reason_to_hold(occasion, routing.max_age)
    drafts = []
    for subject in sorted(subjects, key=lambda s: s.claim is None):
        verdict = held or (Verdict.TOPIC_MATCH if subject.claim is None else Verdict.NEW_DEAL)
        for channel in channels_for(subject, routing, occasion):
            muted = mutes.silence(channel, subject.company, subject.deal_id)
            drafts.append(_draft(subject, channel, Verdict.MUTED if muted else verdict, routing, occasion.now))
    return tuple(drafts)


def follow_ups(
    told: Report,
    changes: tuple[Change, ...],
    heard: Iterable[Heard],
    version: int,
    routing: Routing,
    occasion: Occasion,
    mutes: Mutes = Mutes(),
) -> tuple[AlertDraft, ...]:
    """What the channels that have heard of a deal are told of a later report on it.

    Nothing without changes, and nothing where the card itself is still to be written: it will say all of this.
    `version` is the article's: an edit may bring something new.
    """
    if not changes or _reason_to_hold(occasion, routing.max_age):
        return ()
    verdict = Verdict.STATUS_CHANGE if Change.STATUS in changes else Verdict.NEW_FACT
    drafts: list[AlertDraft] = []
    for card in heard:
        if any(draft.channel == card.channel for draft in drafts):
            continue  # the raiser's card and an investor's: once is enough
        if not card.rendered or mutes.silence(card.channel, card.company, card.deal_id):
            continue
        at, held = _due(card.channel, told.claim, routing, occasion.now)
        drafts.append(
            AlertDraft(
                channel=card.channel,
                subject=f"{card.subject}:told:{told.article_id}:{version}",
                company=card.company,
                topic=card.topic,
                verdict=verdict,
                evidence=told.claim.evidence,
                due=at,
                held=held,
                claim=told.claim,
                deal_id=card.deal_id,
                kind=AlertKind.FOLLOW_UP,
                changes=changes,
                follows=card.alert_id,
            )
        )
    return tuple(drafts)


def channels_for(subject: Subject, routing: Routing, occasion: Occasion) -> tuple[str, ...]:
    """The channels of the routes that take this, each once, in the order of the routes; else those of the default.

    The default hears of watched companies only, as a route does that says nothing of `everyone`.
    """
    fitting = [route for route in routing.routes if _fits(subject, route, routing, occasion)]
    if routing.match == "first":
        fitting = fitting[:1]
    if not fitting and _watched(subject):
        return routing.default
    return tuple(dict.fromkeys(channel for route in fitting for channel in route.channels))


def _watched(subject: Subject) -> bool:
    return subject.claim is None or subject.claim.watched or subject.role == "investor"


def _fits(subject: Subject, route: Route, routing: Routing, occasion: Occasion) -> bool:
    return (
        subject.topic in route.topics
        and subject.role in route.roles
        and (_watched(subject) or route.everyone)
        and _named(subject.company, route, routing)
        and (not route.languages or occasion.language in route.languages)
        and (not route.sources or occasion.source in route.sources)
        and _deal_fits(subject.known or subject.claim, route)
    )


def _named(company: str, route: Route, routing: Routing) -> bool:
    if not route.companies and not route.groups:
        return True
    return company in route.companies or any(company in routing.groups.get(group, ()) for group in route.groups)


def _deal_fits(claim: Claim | None, route: Route) -> bool:
    if claim is None:  # a topic's match is no deal: it has no amount, and status and round do not speak of it
        return route.min_usd is None and not route.status and not route.rounds
    return (
        (not route.status or claim.status in route.status)
        and (not route.rounds or claim.round in route.rounds)
        and (route.min_usd is None or usd(claim.amount) >= route.min_usd)
    )


def _reason_to_hold(occasion: Occasion, max_age: timedelta | None) -> Verdict | None:
    if max_age is None:
        return None
    if occasion.published is None:
        return Verdict.BASELINE if occasion.baseline else None
    return Verdict.TOO_OLD if occasion.now - occasion.published > max_age else None


def _due(channel: str, claim: Claim | None, routing: Routing, now: datetime) -> tuple[datetime, Hold | None]:
    timed = routing.channels.get(channel)
    return (now, None) if timed is None else plans.due(timed, claim, now)


def _draft(subject: Subject, channel: str, verdict: Verdict, routing: Routing, now: datetime) -> AlertDraft:
    at, held = _due(channel, subject.known or subject.claim, routing, now)
    return AlertDraft(
        channel=channel,
        subject=subject.key,
        company=subject.company,
        topic=subject.topic,
        verdict=verdict,
        evidence=subject.evidence,
        due=at,
        held=held,
        claim=subject.claim,
        deal_id=subject.deal_id,
    )
