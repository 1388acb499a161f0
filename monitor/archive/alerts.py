"""The alerts of the archive: what was decided, who has heard of what, what was sent."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, not_, or_, select, update

from monitor.archive.alert_tables import alerts
from monitor.archive.alertrows import all_alerts, read
from monitor.archive.rows import evidence_to_columns, insert_or_skip
from monitor.archive.tables import articles
from monitor.models import Alert, AlertDraft, AlertKind, AlertState, Heard, Verdict

_BATCH = 500
_ON_ITS_WAY = (AlertState.SENDING.value, AlertState.SENT.value)


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts are asked for; None takes all."""

    state: AlertState | None = None
    channel: str | None = None
    company: str | None = None
    article_id: int | None = None
    deal_id: int | None = None


class Alerts:
    """The alerts of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def offer(self, draft: AlertDraft, article_id: int, claim_id: int | None, at: datetime) -> bool:
        """Put an alert into the outbox, unless its channel heard of its subject, or of this company from this article.

        A wanted alert takes the place of a suppressed one: a fresh report of a deal of which the channel was never
        told. Returns whether it will be sent.
        """
        state = AlertState.SUPPRESSED
        if draft.wanted:
            state = AlertState.PENDING if draft.held is None else AlertState.HELD
        values = {
            "channel": draft.channel,
            "kind": draft.kind.value,
            "subject": draft.subject,
            "company": draft.company,
            "topic": draft.topic,
            "article_id": article_id,
            "claim_id": claim_id,
            "deal_id": draft.deal_id,
            "follows": draft.follows,
            "changes": [change.value for change in draft.changes],
            "verdict": draft.verdict.value,
            "state": state.value,
            "held": draft.held and draft.held.value,
            "created_at": at,
            "next_attempt_at": draft.due if draft.wanted else None,
            **evidence_to_columns(draft.evidence),
        }
        if draft.wanted:
            self._make_room(draft, article_id)
        statement = insert_or_skip(self._connection, alerts).values(values).returning(alerts.c.id)
        return self._connection.execute(statement).scalar_one_or_none() is not None and draft.wanted

    def _make_room(self, draft: AlertDraft, article_id: int) -> None:
        """Remove what was suppressed, unless it is all undated: then this may be as old as that.

        Of a card also what its article tells of the company otherwise: a follow-up stands beside that.
        """
        same = alerts.c.subject == draft.subject
        if draft.kind is AlertKind.CARD:
            same |= (alerts.c.article_id == article_id) & (alerts.c.company == draft.company)
        undated = select(articles.c.published_at.is_(None)).where(articles.c.id == article_id).scalar_subquery()
        self._connection.execute(
            delete(alerts).where(
                alerts.c.channel == draft.channel,
                same,
                alerts.c.state == AlertState.SUPPRESSED.value,
                or_(alerts.c.verdict != Verdict.BASELINE.value, not_(undated)),
            )
        )

    def heard(self, deal_id: int) -> list[Heard]:
        """The cards about a deal that channels have got or will get, locked: until this transaction ends none of them
        goes out, so that what it says of the deal is known."""
        gone = (AlertState.SUPPRESSED.value, AlertState.DEAD.value)
        cards = self._connection.execute(
            select(alerts)
            .where(alerts.c.deal_id == deal_id, alerts.c.kind == AlertKind.CARD.value, alerts.c.state.not_in(gone))
            .order_by(alerts.c.id)
            .with_for_update()
        ).all()
        digests = self._connection.execute(
            select(alerts.c.id, alerts.c.state, alerts.c.doubtful)
            .where(alerts.c.id.in_({card.digest_id for card in cards if card.digest_id is not None}))
            .order_by(alerts.c.id)
            .with_for_update()
        ).all()
        rendered = {row.id for row in (*cards, *digests) if row.doubtful or row.state in _ON_ITS_WAY}
        return [
            Heard(
                alert_id=card.id,
                channel=card.channel,
                subject=card.subject,
                company=card.company,
                topic=card.topic,
                deal_id=deal_id,
                rendered=card.id in rendered or card.digest_id in rendered,
            )
            for card in cards
        ]

    def outdate(self, alert_ids: Collection[int], at: datetime) -> None:
        """These cards do not show all that is known any more: those that are messages of their own are edited."""
        self._connection.execute(
            update(alerts)
            .where(alerts.c.id.in_(alert_ids), alerts.c.digest_id.is_(None))
            .values(stale_at=at, revision=alerts.c.revision + 1)
        )

    def relink(self, article_id: int, subject: str, claim_id: int) -> None:
        """Tie the alerts of an article that was read again to what it says of their subject now."""
        follow_up = and_(
            alerts.c.kind == AlertKind.FOLLOW_UP.value, alerts.c.subject.startswith(f"{subject}:told:", autoescape=True)
        )
        self._connection.execute(
            update(alerts)
            .where(
                alerts.c.article_id == article_id,
                or_(alerts.c.subject == subject, follow_up),
                alerts.c.claim_id.is_(None),
            )
            .values(claim_id=claim_id)
        )

    def rename(self, article_id: int, company: str, old: str, new: str, deal_id: int | None) -> None:
        """Let an article's alerts about a company be of another subject, in channels that have not heard of it."""
        heard = select(alerts.c.channel).where(alerts.c.subject == new)
        self._connection.execute(
            update(alerts)
            .where(
                alerts.c.article_id == article_id,
                alerts.c.company == company,
                alerts.c.subject == old,
                alerts.c.channel.not_in(heard),
            )
            .values(subject=new, deal_id=deal_id)
        )

    def move(self, old: int, new: int, article_ids: Collection[int] | None = None) -> None:
        """Let the alerts about a deal (those of some articles) be about another, where the channel has not heard of
        that; others stay with the old one."""
        wanted = [alerts.c.deal_id == old] + ([] if article_ids is None else [alerts.c.article_id.in_(article_ids)])
        for row in self._connection.execute(select(alerts).where(*wanted).order_by(alerts.c.id).with_for_update()):
            subject = f"deal:{new}{row.subject.removeprefix(f'deal:{old}')}"
            same = (alerts.c.channel == row.channel, alerts.c.subject == subject)
            if self._connection.execute(select(alerts.c.id).where(*same)).first() is None:
                self._connection.execute(
                    update(alerts).where(alerts.c.id == row.id).values(subject=subject, deal_id=new)
                )

    def get(self, alert_id: int) -> Alert | None:
        """One alert, with the reports of its deal."""
        rows = read(self._connection, all_alerts().where(alerts.c.id == alert_id), whole=True)
        return rows[0] if rows else None

    def find(self, wanted: AlertFilter, limit: int = 50, before: int | None = None) -> list[Alert]:
        """Alerts that fit, newest first; `before` is the number of the last one of the page before."""
        conditions = [
            column == value
            for column, value in (
                (alerts.c.state, wanted.state),
                (alerts.c.channel, wanted.channel),
                (alerts.c.company, wanted.company),
                (alerts.c.article_id, wanted.article_id),
                (alerts.c.deal_id, wanted.deal_id),
            )
            if value
        ] + ([] if before is None else [alerts.c.id < before])
        return read(self._connection, all_alerts().where(*conditions).order_by(alerts.c.id.desc()).limit(limit))

    def all(self) -> Iterator[Alert]:
        """Every card, oldest first, some hundred at a time in memory."""
        statement = all_alerts().where(alerts.c.kind == AlertKind.CARD.value).order_by(alerts.c.id).limit(_BATCH)
        last = 0
        while found := read(self._connection, statement.where(alerts.c.id > last)):
            yield from found
            last = found[-1].id

    def count(self) -> dict[str, int]:
        """How many alerts are in each state."""
        rows = self._connection.execute(select(alerts.c.state, func.count()).group_by(alerts.c.state))
        return {state: number for state, number in rows}  # noqa: C416 - rows are no pairs to dict
