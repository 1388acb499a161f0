"""An outbox in memory, a channel, a clock and an alert: what tests of delivery need."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from monitor.alerting.cards import Card
from monitor.alerting.delivery import Outbox
from monitor.models import Alert, AlertState, Claim, Evidence, Money, Span, Status, Verdict
from monitor.settings import Language

START = datetime(2024, 6, 7, 8, 0, tzinfo=UTC)


class Clock:
    """Time that passes only when told to."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        """Lets time pass; arguments as for timedelta."""
        self.at += timedelta(**by)


@dataclass
class Recorder:
    """A channel that takes every alert, after the errors it is told to raise first."""

    language: Language = "en"
    pace: timedelta = timedelta(0)
    errors: list[Exception] = field(default_factory=list)
    got: list[int] = field(default_factory=list)

    def send(self, _card: Card, alert_id: int, /) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.got.append(alert_id)


class OutboxUnderTest(Outbox, Protocol):
    """An outbox that can be filled and looked into."""

    def put(self, alert: Alert, /) -> int:
        """Adds a row with the values of `alert` but an ID of its own, higher than all before; returns the ID."""
        ...

    def get(self, alert_id: int, /) -> Alert:
        """The row as it stands."""
        ...


def alert(  # every test says what matters to it
    channel: str = "deals",
    *,
    company: str = "星河智能",
    title: str = "星河智能完成数千万元A轮融资",
    url: str = "https://news.example/a/1",
    claim: Claim | None = None,
    verdict: Verdict = Verdict.NEW_DEAL,
    topic: str = "funding",
    sentence: str = "星河智能今日宣布完成数千万元A轮融资，由远山资本领投。",
    marks: tuple[tuple[int, int], ...] = ((0, 4), (8, 10)),
    source: str = "Example News",
    published: datetime | None = START,
    created_at: datetime = START,
    doubtful: bool = False,
) -> Alert:
    """A waiting alert; by default of a completed deal."""
    evidence = Evidence(sentence, Span("text", 0, len(sentence)), marks)
    deal = Claim(
        company=company,
        news=True,
        status=Status.COMPLETED,
        evidence=evidence,
        rule="completed",
        round="A",
        amount=Money("数千万元", 10_000_000, 99_999_999, "CNY"),
        investors=("远山资本", "青禾创投"),
        lead_investors=("远山资本",),
    )
    return Alert(
        id=1,
        channel=channel,
        company=company,
        topic=topic,
        verdict=verdict,
        state=AlertState.PENDING,
        evidence=evidence,
        claim=claim or (deal if verdict is Verdict.NEW_DEAL else None),
        article_id=1,
        title=title,
        url=url,
        source=source,
        published=published,
        created_at=created_at,
        doubtful=doubtful,
    )


class MemoryOutbox:
    """Implements OutboxUnderTest."""

    def __init__(self) -> None:
        self._rows: dict[int, Alert] = {}
        self._due: dict[int, datetime] = {}
        self._leases: dict[int, datetime] = {}
        self._pauses: dict[str, datetime] = {}

    def put(self, alert: Alert, /) -> int:
        alert_id = len(self._rows) + 1
        self._rows[alert_id] = replace(alert, id=alert_id)
        return alert_id

    def get(self, alert_id: int, /) -> Alert:
        return self._rows[alert_id]

    def waiting(self) -> Collection[str]:
        return {row.channel for row in self._rows.values() if row.state in (AlertState.PENDING, AlertState.SENDING)}

    def lease(self, channel: str, now: datetime, until: datetime, /) -> Alert | None:
        for alert_id, row in sorted(self._rows.items()):
            if row.channel != channel or row.state not in (AlertState.PENDING, AlertState.SENDING):
                continue
            sending = row.state is AlertState.SENDING
            if now < (self._leases[alert_id] if sending else self._due.get(alert_id, row.created_at)):
                return None
            self._leases[alert_id] = until
            doubtful = row.doubtful or sending
            self._set(alert_id, state=AlertState.SENDING, attempts=row.attempts + 1, doubtful=doubtful)
            return self._rows[alert_id]
        return None

    def sent(self, alert_id: int, message_id: str | None, at: datetime, /) -> None:
        self._set(alert_id, state=AlertState.SENT, message_id=message_id, sent_at=at, error=None)

    def retry(self, alert_id: int, error: str, at: datetime, /, *, doubtful: bool) -> None:
        self._due[alert_id] = at
        self._set(alert_id, state=AlertState.PENDING, error=error, doubtful=doubtful)

    def dead(self, alert_id: int, error: str, /) -> None:
        self._set(alert_id, state=AlertState.DEAD, error=error)

    def paused_until(self, channel: str, /) -> datetime | None:
        return self._pauses.get(channel)

    def pause(self, channel: str, until: datetime, /) -> None:
        self._pauses[channel] = until

    def _set(self, alert_id: int, **changes: object) -> None:
        self._rows[alert_id] = replace(self._rows[alert_id], **changes)  # type: ignore[arg-type]
