"""The queues of the channels: each alert from when it is due until it is delivered."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, insert, or_, select, union, update

from monitor.archive.alert_tables import alerts
from monitor.archive.alertrows import all_alerts, read
from monitor.archive.channelstates import ChannelStates
from monitor.archive.columns import UTCDateTime
from monitor.archive.rows import evidence_to_columns
from monitor.models import Alert, AlertKind, AlertState, Evidence, Hold, Span, Verdict

_NO_EVIDENCE = Evidence("", Span("text", 0, 0))
_WAITING = (AlertState.PENDING.value, AlertState.SENDING.value)

# Made once, and one question instead of three: it is asked four times a second.
_BY = bindparam("by", type_=UTCDateTime)
_WAITING_CHANNELS = union(
    *(
        select(alerts.c.channel).where(*condition)
        for condition in (
            (alerts.c.state.in_(_WAITING), func.coalesce(alerts.c.leased_until, alerts.c.next_attempt_at) <= _BY),
            (alerts.c.state == AlertState.HELD.value, alerts.c.next_attempt_at <= _BY),
            (alerts.c.stale_at <= _BY, alerts.c.state == AlertState.SENT.value),
        )
    )
)


class Queue:
    """The queues of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def waiting(self, by: datetime) -> set[str]:
        """Channels for which there is something to do by a time."""
        return set(self._connection.execute(_WAITING_CHANNELS, {"by": by}).scalars())

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
        doubtful = head.doubtful or lost
        self._set(
            head.id,
            state=AlertState.SENDING.value,
            leased_until=until,
            attempts=head.attempts + 1,
            doubtful=doubtful,
            # It is written anew, with all that is known; a doubtful one may have arrived as it was.
            stale_at=head.stale_at if doubtful else None,
        )
        return read(self._connection, all_alerts().where(alerts.c.id == head.id), whole=True)[0]

    def sent(self, alert_id: int, message_id: str | None, at: datetime) -> None:
        """The channel has taken the message."""
        outcome = {"state": AlertState.SENT.value, "message_id": message_id, "sent_at": at, "error": None}
        self._set_with_members(alert_id, **outcome, leased_until=None, next_attempt_at=None)

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
        self._set_with_members(
            alert_id, state=AlertState.DEAD.value, error=error, leased_until=None, next_attempt_at=None
        )

    def revive(self, at: datetime, alert_id: int | None = None) -> int:
        """Put dead alerts (one, or all) back into the queue; a suppressed one only when named. Returns how many.

        What was part of a digest goes out with it again, by itself if it is named.
        """
        states = [AlertState.DEAD.value] + ([AlertState.SUPPRESSED.value] if alert_id is not None else [])
        wanted = alerts.c.digest_id.is_(None) if alert_id is None else alerts.c.id == alert_id
        again = {"state": AlertState.PENDING.value, "next_attempt_at": at, "attempts": 0, "held": None}
        revived = self._connection.execute(
            update(alerts)
            .where(alerts.c.state.in_(states), wanted)
            .values(**again, digest_id=None)
            .returning(alerts.c.id)
        ).all()
        self._connection.execute(
            update(alerts)
            .where(alerts.c.digest_id.in_({row.id for row in revived}), alerts.c.state == AlertState.DEAD.value)
            .values(state=AlertState.GATHERED.value)
        )
        return len(revived)

    def gather(self, channel: str, now: datetime, most: int) -> int:
        """Bring what is due of the alerts held back for a channel into its queue; returns how many messages they are.

        They make digests of at most `most` alerts each, a company's together; a single one that only had to wait goes
        out as it is.
        """
        if not self.anything_to_gather(channel, now):
            return 0
        rows = self._connection.execute(
            select(alerts.c.id, alerts.c.company, alerts.c.held)
            .where(
                alerts.c.channel == channel,
                alerts.c.state == AlertState.HELD.value,
                or_(alerts.c.next_attempt_at <= now, alerts.c.held == Hold.LIMIT.value),
            )
            .order_by(alerts.c.id)
            .with_for_update()
        ).all()
        if not rows:  # another process was first
            return 0
        if len(rows) == 1 and rows[0].held != Hold.DIGEST.value:
            self._set(rows[0].id, state=AlertState.PENDING.value, next_attempt_at=now, held=None)
            return 1
        pages = list(_pages(rows, most))
        for number, members in enumerate(pages, start=1):
            digest = self._add_digest(channel, now, number, len(pages))
            self._connection.execute(
                update(alerts)
                .where(alerts.c.id.in_(members))
                .values(state=AlertState.GATHERED.value, digest_id=digest, next_attempt_at=None)
            )
        return len(pages)

    def anything_to_gather(self, channel: str, now: datetime) -> bool:
        """True if something that was held back for a channel is due."""
        held = (alerts.c.channel == channel, alerts.c.state == AlertState.HELD.value)
        due = select(alerts.c.id).where(*held, alerts.c.next_attempt_at <= now).limit(1)
        return self._connection.execute(due).first() is not None

    def _add_digest(self, channel: str, now: datetime, page: int, pages: int) -> int:
        values: dict[str, Any] = {
            "channel": channel,
            "kind": AlertKind.DIGEST.value,
            "subject": f"digest:{now.isoformat()}:{page}",
            "company": "",
            "topic": "",
            "page": page,
            "pages": pages,
            "verdict": Verdict.DIGEST.value,
            "state": AlertState.PENDING.value,
            **evidence_to_columns(_NO_EVIDENCE),
            "created_at": now,
            "next_attempt_at": now,
        }
        digest: int = self._connection.execute(insert(alerts).values(values).returning(alerts.c.id)).scalar_one()
        return digest

    def room_at(self, channel: str, most: int, now: datetime) -> datetime | None:
        """When a channel that takes `most` messages an hour takes the next one; None if it does now."""
        hour = timedelta(hours=1)
        sent = self._connection.execute(
            select(alerts.c.sent_at)
            .where(alerts.c.channel == channel, alerts.c.sent_at > now - hour, alerts.c.digest_id.is_(None))
            .order_by(alerts.c.sent_at.desc())
            .limit(most)
        ).all()
        return None if len(sent) < most else sent[-1].sent_at + hour

    def hold(self, channel: str, until: datetime) -> int:
        """Keep what waits in a channel's queue for a digest at a time. Returns how much."""
        mine = (alerts.c.channel == channel, alerts.c.state == AlertState.PENDING.value)
        return self._take_back(*mine, state=AlertState.HELD.value, held=Hold.LIMIT.value, next_attempt_at=until)

    def silence(self, channel: str, company: str, deal_id: int) -> int:
        """Hold back for good what waits about a company or a deal that its channel has muted. Returns how much."""
        about = alerts.c.company == company if company else alerts.c.deal_id == deal_id
        waits = alerts.c.state.in_((AlertState.PENDING.value, AlertState.HELD.value))
        outcome = {"state": AlertState.SUPPRESSED.value, "verdict": Verdict.MUTED.value}
        return self._take_back(alerts.c.channel == channel, about, waits, **outcome, next_attempt_at=None, held=None)

    def withdraw(self, deal_id: int) -> int:
        """Hold back for good what waits about a deal that is none, or is another. Returns how much."""
        waits = alerts.c.state.in_((AlertState.PENDING.value, AlertState.HELD.value))
        outcome = {"state": AlertState.SUPPRESSED.value, "verdict": Verdict.DISMISSED.value}
        return self._take_back(alerts.c.deal_id == deal_id, waits, **outcome, next_attempt_at=None, held=None)

    def _take_back(self, *conditions: ColumnElement[bool], **values: Any) -> int:
        """Change what waits, but for what may have arrived and for digests, which were put together already."""
        untouched = (alerts.c.kind != AlertKind.DIGEST.value, alerts.c.doubtful.is_(False))
        return self._connection.execute(update(alerts).where(*conditions, *untouched).values(**values)).rowcount

    def stale(self, channel: str, now: datetime) -> tuple[Alert, int] | None:
        """A message that does not show all that is known any more, and the revision that it is to show; the longest
        waiting first."""
        # The revision first: what is read after it may show more than it, never less.
        first = self._connection.execute(
            select(alerts.c.id, alerts.c.revision)
            .where(
                alerts.c.channel == channel,
                alerts.c.stale_at <= now,
                alerts.c.state == AlertState.SENT.value,
            )
            .order_by(alerts.c.stale_at, alerts.c.id)
            .limit(1)
        ).one_or_none()
        if first is None:
            return None
        found = read(self._connection, all_alerts().where(alerts.c.id == first.id), whole=True)
        return (found[0], first.revision) if found else None

    def edit_later(self, alert_id: int, at: datetime) -> None:
        """The message could not be edited, and is to be at a time."""
        self._set(alert_id, stale_at=at)

    def edited(self, alert_id: int, revision: int) -> None:
        """The message shows a revision; if there is a later one by now, it is still to be shown."""
        self._connection.execute(
            update(alerts).where(alerts.c.id == alert_id, alerts.c.revision == revision).values(stale_at=None)
        )

    def due_at(self, channel: str) -> datetime | None:
        """When the channel's next message is to be sent or edited; None if nothing waits."""
        head = self._connection.execute(_head(channel)).one_or_none()
        times = [self._first(channel, alerts.c.next_attempt_at, AlertState.HELD)]
        if head is not None:
            times.append(head.leased_until if head.state == AlertState.SENDING.value else head.next_attempt_at)
        else:
            times.append(self._first(channel, alerts.c.stale_at, AlertState.SENT))
        due = min((time for time in times if time is not None), default=None)
        paused = ChannelStates(self._connection).paused_until(channel)
        return max(due, paused) if due and paused else due

    def _first(self, channel: str, column: Any, state: AlertState) -> datetime | None:
        mine = (alerts.c.channel == channel, alerts.c.state == state.value)
        first: datetime | None = self._connection.execute(select(func.min(column)).where(*mine)).scalar_one()
        return first

    def _set(self, alert_id: int, **values: Any) -> None:
        self._connection.execute(update(alerts).where(alerts.c.id == alert_id).values(**values))

    def _set_with_members(self, alert_id: int, **values: Any) -> None:
        # Members first: what looks at a deal's cards locks them in this order too.
        self._connection.execute(
            update(alerts)
            .where(alerts.c.digest_id == alert_id, alerts.c.state == AlertState.GATHERED.value)
            .values(**values)
        )
        self._set(alert_id, **values)


def _head(channel: str) -> Select[Any]:
    """The first in a channel's queue."""
    mine = (alerts.c.channel == channel, alerts.c.state.in_(_WAITING))
    return select(alerts).where(*mine).order_by(alerts.c.id).limit(1)


def _pages(rows: Sequence[Any], most: int) -> Iterator[list[int]]:
    """The alerts by company, in the order of each company's first, cut into pages."""
    companies: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        companies[row.company].append(row.id)
    ids = [alert_id for listed in companies.values() for alert_id in listed]
    for begin in range(0, len(ids), most):
        yield ids[begin : begin + most]
