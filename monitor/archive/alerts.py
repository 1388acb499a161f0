"""The outbox: alerts from the decision until they are delivered."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, func, not_, or_, select, update

from monitor.archive.crawl_tables import sources
from monitor.archive.deals import claim_from_row
from monitor.archive.rows import evidence_from_row, evidence_to_columns, insert_or_skip
from monitor.archive.tables import alerts, articles, channel_pauses, claims
from monitor.models import Alert, AlertDraft, AlertState, Verdict

_BATCH = 500
_WAITING = (AlertState.PENDING.value, AlertState.SENDING.value)


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts are asked for; None takes all."""

    state: AlertState | None = None
    channel: str | None = None
    company: str | None = None
    article_id: int | None = None


class Alerts:
    """The alerts of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def offer(self, draft: AlertDraft, article_id: int, claim_id: int | None, at: datetime) -> bool:
        """Put an alert into the outbox, unless its channel heard of its subject, or of this company from this article.

        A wanted alert takes the place of a suppressed one: a fresh report of a deal of which the channel was never
        told. Returns whether it will be sent.
        """
        state = AlertState.PENDING if draft.wanted else AlertState.SUPPRESSED
        values = {
            "channel": draft.channel,
            "subject": draft.subject,
            "company": draft.company,
            "topic": draft.topic,
            "article_id": article_id,
            "claim_id": claim_id,
            "verdict": draft.verdict.value,
            "state": state.value,
            "created_at": at,
            "next_attempt_at": at if draft.wanted else None,
            **evidence_to_columns(draft.evidence),
        }
        if draft.wanted:
            self._make_room(draft, article_id)
        statement = insert_or_skip(self._connection, alerts).values(values).returning(alerts.c.id)
        return self._connection.execute(statement).scalar_one_or_none() is not None and draft.wanted

    def _make_room(self, draft: AlertDraft, article_id: int) -> None:
        """Remove what was suppressed, unless it is all undated: then this may be as old as that."""
        undated = select(articles.c.published_at.is_(None)).where(articles.c.id == article_id).scalar_subquery()
        self._connection.execute(
            delete(alerts).where(
                alerts.c.channel == draft.channel,
                or_(
                    alerts.c.subject == draft.subject,
                    and_(alerts.c.article_id == article_id, alerts.c.company == draft.company),
                ),
                alerts.c.state == AlertState.SUPPRESSED.value,
                or_(alerts.c.verdict != Verdict.BASELINE.value, not_(undated)),
            )
        )

    def lease(self, channel: str, now: datetime, until: datetime) -> Alert | None:
        """The head of a channel's queue, marked as being sent until a time; None if there is none or it must wait.

        One whose lease ran out was being sent when its process died: it comes back as doubtful.
        """
        head = self._connection.execute(_head(channel).with_for_update(of=alerts)).one_or_none()
        if head is None:
            return None
        lost = head.state == AlertState.SENDING.value
        if (head.leased_until if lost else head.next_attempt_at) > now:
            return None
        self._set(
            head.id,
            state=AlertState.SENDING.value,
            leased_until=until,
            attempts=head.attempts + 1,
            doubtful=head.doubtful or lost,
        )
        return self.get(head.id)

    def sent(self, alert_id: int, message_id: str | None, at: datetime) -> None:
        """The channel has taken the message."""
        self._set(
            alert_id,
            state=AlertState.SENT.value,
            message_id=message_id,
            sent_at=at,
            error=None,
            leased_until=None,
            next_attempt_at=None,
        )

    def retry(self, alert_id: int, error: str, at: datetime, *, doubtful: bool) -> None:
        """Try again at a time; `doubtful` if the channel may have taken the message after all."""
        self._set(
            alert_id,
            state=AlertState.PENDING.value,
            error=error,
            next_attempt_at=at,
            leased_until=None,
            doubtful=doubtful,
        )

    def dead(self, alert_id: int, error: str) -> None:
        """Give up; the alert stays until `revive` sends it again."""
        self._set(alert_id, state=AlertState.DEAD.value, error=error, leased_until=None, next_attempt_at=None)

    def revive(self, at: datetime, alert_id: int | None = None) -> int:
        """Put dead alerts (one, or all) back into the queue; a suppressed one only when named. Returns how many."""
        states = [AlertState.DEAD.value] + ([AlertState.SUPPRESSED.value] if alert_id is not None else [])
        statement = (
            update(alerts)
            .where(alerts.c.state.in_(states))
            .values(state=AlertState.PENDING.value, next_attempt_at=at, attempts=0)
        )
        if alert_id is not None:
            statement = statement.where(alerts.c.id == alert_id)
        return self._connection.execute(statement).rowcount

    def relink(self, article_id: int, subject: str, claim_id: int) -> None:
        """Tie the alerts of an article that was read again to what it says of their subject now."""
        self._connection.execute(
            update(alerts)
            .where(alerts.c.article_id == article_id, alerts.c.subject == subject, alerts.c.claim_id.is_(None))
            .values(claim_id=claim_id)
        )

    def rename(self, article_id: int, company: str, old: str, new: str) -> None:
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
            .values(subject=new)
        )

    def due_at(self, channel: str) -> datetime | None:
        """When the head of a channel's queue is to be sent; None if nothing waits."""
        head = self._connection.execute(_head(channel)).one_or_none()
        if head is None:
            return None
        due: datetime = head.leased_until if head.state == AlertState.SENDING.value else head.next_attempt_at
        paused = self.paused_until(channel)
        return max(due, paused) if paused else due

    def waiting(self) -> set[str]:
        """Channels that have an alert in the queue."""
        rows = self._connection.execute(select(alerts.c.channel).distinct().where(alerts.c.state.in_(_WAITING)))
        return {row.channel for row in rows}

    def paused_until(self, channel: str) -> datetime | None:
        """Until when nothing is sent to a channel."""
        return self._connection.execute(
            select(channel_pauses.c.until).where(channel_pauses.c.channel == channel)
        ).scalar_one_or_none()

    def pause(self, channel: str, until: datetime) -> None:
        """Send nothing to a channel until a time."""
        self._connection.execute(insert_or_skip(self._connection, channel_pauses).values(channel=channel, until=until))
        self._connection.execute(update(channel_pauses).where(channel_pauses.c.channel == channel).values(until=until))

    def get(self, alert_id: int) -> Alert | None:
        """One alert."""
        rows = self._read(_whole().where(alerts.c.id == alert_id))
        return rows[0] if rows else None

    def find(self, wanted: AlertFilter, limit: int = 50) -> list[Alert]:
        """Alerts that fit, newest first."""
        conditions = [
            column == value
            for column, value in (
                (alerts.c.state, wanted.state),
                (alerts.c.channel, wanted.channel),
                (alerts.c.company, wanted.company),
                (alerts.c.article_id, wanted.article_id),
            )
            if value
        ]
        return self._read(_whole().where(*conditions).order_by(alerts.c.id.desc()).limit(limit))

    def all(self) -> Iterator[Alert]:
        """Every alert, oldest first, some hundred at a time in memory."""
        statement = _whole().order_by(alerts.c.id).limit(_BATCH)
        last = 0
        while found := self._read(statement.where(alerts.c.id > last)):
            yield from found
            last = found[-1].id

    def _set(self, alert_id: int, **values: Any) -> None:
        self._connection.execute(update(alerts).where(alerts.c.id == alert_id).values(**values))

    def _read(self, statement: Select[Any]) -> list[Alert]:
        found = self._connection.execute(statement).all()
        wanted = [row.claim_id for row in found if row.claim_id is not None]
        told = {
            row.id: claim_from_row(row)
            for row in self._connection.execute(select(claims).where(claims.c.id.in_(wanted)))
        }
        return [
            Alert(
                claim=told.get(row.claim_id),
                evidence=evidence_from_row(row),
                **_plain(row),
            )
            for row in found
        ]


def _head(channel: str) -> Select[Any]:
    """The first in a channel's queue."""
    mine = (alerts.c.channel == channel, alerts.c.state.in_(_WAITING))
    return select(alerts).where(*mine).order_by(alerts.c.id).limit(1)


def _whole() -> Select[Any]:
    joined = alerts.join(articles, articles.c.id == alerts.c.article_id).outerjoin(
        sources, sources.c.name == articles.c.source
    )
    origin = func.coalesce(sources.c.title, articles.c.source).label("source")
    return select(alerts, articles.c.title, articles.c.url, articles.c.published_at, origin).select_from(joined)


def _plain(row: Row[Any]) -> dict[str, Any]:
    same = ("id", "channel", "company", "topic", "article_id", "title", "url", "source", "created_at", "attempts",
            "doubtful", "message_id", "error", "sent_at")  # fmt: skip
    return {
        **{name: getattr(row, name) for name in same},
        "verdict": Verdict(row.verdict),
        "state": AlertState(row.state),
        "published": row.published_at,
    }
