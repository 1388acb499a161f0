"""What people say of alerts."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select, update

from monitor.archive.alert_tables import alerts, feedback
from monitor.archive.deals import claim_from_row
from monitor.archive.tables import articles, claims
from monitor.models import Claim, Opinion


@dataclass(frozen=True, slots=True)
class Judged:
    """An alert that people have judged: how many find it relevant and how many do not."""

    alert_id: int
    channel: str
    company: str
    topic: str
    article_id: int
    source: str
    claim: Claim | None
    relevant: int
    irrelevant: int

    @property
    def rule(self) -> str:
        """The rule of detection that made the alert; of a topic's match the topic."""
        return self.claim.rule if self.claim else f"topic {self.topic}"

    @property
    def good(self) -> bool | None:
        """What most say; None where they are even."""
        return None if self.relevant == self.irrelevant else self.relevant > self.irrelevant


@dataclass(frozen=True, slots=True)
class Precision:
    """How many of the judged alerts of a rule or source were relevant; `kind` is rule, source or all."""

    kind: str
    name: str
    relevant: int
    judged: int

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.relevant / self.judged


def precision(judged: Iterable[Judged]) -> list[Precision]:
    """Of all, by rule and by source, the most judged first; an alert counts as most of its judges say, one on which
    they are even does not."""
    decided = [alert for alert in judged if alert.good is not None]
    return [
        *_share("all", decided, lambda _: ""),
        *_share("rule", decided, lambda alert: alert.rule),
        *_share("source", decided, lambda alert: alert.source),
    ]


def _share(kind: str, judged: Sequence[Judged], name: Callable[[Judged], str]) -> list[Precision]:
    number = Counter(name(alert) for alert in judged)
    good = Counter(name(alert) for alert in judged if alert.good)
    return [Precision(kind, key, good[key], count) for key, count in number.most_common()]


class Feedback:
    """The feedback of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def give(self, alert_id: int, person: str, opinion: Opinion, at: datetime) -> None:
        """Record what a person thinks of an alert; a later opinion of the same person replaces it."""
        same = (feedback.c.alert_id == alert_id, feedback.c.person == person)
        changed = self._connection.execute(
            update(feedback).where(*same).values(opinion=opinion.value, given_at=at)
        ).rowcount
        if not changed:
            self._connection.execute(
                insert(feedback).values(alert_id=alert_id, person=person, opinion=opinion.value, given_at=at)
            )

    def counts(self, alert_ids: Collection[int]) -> dict[int, dict[Opinion, int]]:
        """How many people hold which opinion of these alerts."""
        rows = self._connection.execute(
            select(feedback.c.alert_id, feedback.c.opinion, func.count().label("number"))
            .where(feedback.c.alert_id.in_(alert_ids))
            .group_by(feedback.c.alert_id, feedback.c.opinion)
        )
        found: dict[int, dict[Opinion, int]] = {}
        for row in rows:
            found.setdefault(row.alert_id, {})[Opinion(row.opinion)] = row.number
        return found

    def judged(self, after: datetime | None = None, channel: str | None = None) -> Iterator[Judged]:
        """The alerts that were judged, the first first; since a time, of a channel."""
        conditions: list[ColumnElement[bool]] = []
        if after:
            conditions.append(feedback.c.given_at >= after)
        if channel:
            conditions.append(alerts.c.channel == channel)
        counts = (
            select(
                feedback.c.alert_id,
                func.count().filter(feedback.c.opinion == Opinion.RELEVANT.value).label("relevant"),
                func.count().filter(feedback.c.opinion == Opinion.IRRELEVANT.value).label("irrelevant"),
            )
            .join(alerts, alerts.c.id == feedback.c.alert_id)
            .where(*conditions)
            .group_by(feedback.c.alert_id)
            .subquery()
        )
        for row in self._connection.execute(_judged(counts)):
            yield _read(row)


def _judged(counts: Any) -> Select[Any]:
    joined = (
        counts.join(alerts, alerts.c.id == counts.c.alert_id)
        .join(articles, articles.c.id == alerts.c.article_id)
        .outerjoin(claims, claims.c.id == alerts.c.claim_id)
    )
    about = (alerts.c.id.label("alert_id"), alerts.c.channel, alerts.c.company.label("heard_of"), alerts.c.topic)
    origin = articles.c.source.label("origin")
    return (
        select(claims, *about, articles.c.id.label("told_by"), origin, counts.c.relevant, counts.c.irrelevant)
        .select_from(joined)
        .order_by(alerts.c.id)
    )


def _read(row: Row[Any]) -> Judged:
    return Judged(
        alert_id=row.alert_id,
        channel=row.channel,
        company=row.heard_of,
        topic=row.topic,
        article_id=row.told_by,
        source=row.origin,
        claim=claim_from_row(row) if row.id is not None else None,
        relevant=row.relevant,
        irrelevant=row.irrelevant,
    )
