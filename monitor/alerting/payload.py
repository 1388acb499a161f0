"""An alert as JSON, for programs: the body of the signed webhook, described by a JSON Schema."""

import json
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from monitor.alerting.cards import Card
from monitor.alerting.content import Content
from monitor.alerting.outlets import outlets
from monitor.models import Alert, AlertKind, Money


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Amount(_Said):
    """A range in units of a currency; null where an end is open."""

    text: str = Field(description="As written in the article.")
    low: float | None
    high: float | None
    currency: str = Field(description="ISO 4217.")


class Told(_Said):
    """What an article says of a deal."""

    company: str = Field(description="Who raises.")
    status: Literal["completed", "in_talks", "denied"]
    round: str | None
    amount: Amount | None
    valuation: Amount | None
    lead_investors: list[str]
    investors: list[str] = Field(description="All of the round, leads included.")
    rule: str = Field(description="The rule of detection that found it.")


class Source(_Said):
    """The article an alert is about."""

    id: int
    title: str
    url: str
    source: str
    published: datetime | None


class Medium(_Said):
    """An outlet that reports the deal, with its first article."""

    name: str
    url: str


class Item(_Said):
    """One alert."""

    id: int
    kind: Literal["card", "follow_up"]
    verdict: str = Field(description="Why it is sent: new_deal, topic_match, new_fact, status_change.")
    changes: list[str] = Field(description="Of a follow-up: what is new or different.")
    deal: int | None = Field(description="The same number for all alerts about one deal.")
    company: str = Field(description="The watched company: the raiser, or one that invests.")
    topic: str
    claim: Told | None
    sentence: str = Field(description="The sentence that says so.")
    marks: list[tuple[int, int]] = Field(description="Places in it that made the match.")
    article: Source
    outlets: list[Medium]
    text: str = Field(description="The headline of the card, in the channel's language.")


class Payload(_Said):
    """The body of a request: one alert, a digest of several, or a notice for the operator."""

    version: Literal[1] = 1
    type: Literal["alert", "digest", "notice"]
    created: datetime
    possibly_repeated: bool = Field(description="True if an earlier attempt may have arrived.")
    alerts: list[Item]
    text: str | None = Field(None, description="What a notice says.")


def payload(card: Card) -> dict[str, Any]:
    """The body for a card."""
    alert = card.alert
    members = alert.members or (alert,)
    digest = alert.kind is AlertKind.DIGEST
    said = Payload(
        type="digest" if digest else "alert",
        created=alert.created_at,
        possibly_repeated=alert.doubtful,
        alerts=[_item(member, content) for member, content in zip(members, card.contents, strict=True)],
    )
    return said.model_dump(mode="json", exclude_none=False)


def notice_payload(text: str, at: datetime) -> dict[str, Any]:
    """The body for a notice."""
    return Payload(type="notice", created=at, possibly_repeated=False, alerts=[], text=text).model_dump(mode="json")


def schema() -> str:
    """The JSON Schema of the body."""
    return json.dumps(Payload.model_json_schema(mode="serialization"), indent=2, ensure_ascii=False)


def _item(alert: Alert, content: Content) -> Item:
    claim = alert.claim
    return Item(
        id=alert.id,
        kind="follow_up" if alert.kind is AlertKind.FOLLOW_UP else "card",
        verdict=alert.verdict.value,
        changes=[change.value for change in alert.changes],
        deal=alert.deal_id,
        company=alert.company,
        topic=alert.topic,
        claim=None
        if claim is None
        else Told(
            company=claim.company,
            status=claim.status.value,
            round=claim.round,
            amount=_amount(claim.amount),
            valuation=_amount(claim.valuation),
            lead_investors=list(claim.lead_investors),
            investors=list(claim.investors),
            rule=claim.rule,
        ),
        sentence=alert.evidence.sentence,
        marks=list(alert.evidence.marks),
        article=Source(
            id=alert.article_id, title=alert.title, url=alert.url, source=alert.source, published=alert.published
        ),
        outlets=[Medium(name=outlet.name, url=outlet.url) for outlet in outlets(alert.reports)],
        text=f"{content.header}: {content.title}",
    )


def _amount(money: Money | None) -> Amount | None:
    return None if money is None else Amount(text=money.text, low=money.low, high=money.high, currency=money.currency)
