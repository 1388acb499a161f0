"""A channel, a clock and an alert: what tests of delivery need."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from monitor.alerting.cards import Card
from monitor.alerting.content import PLAIN, Style
from monitor.models import Alert, AlertState, Claim, Evidence, Money, Span, Status, Verdict

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

    style: Style = PLAIN
    pace: timedelta = timedelta(0)
    burst: int = 1
    errors: list[Exception] = field(default_factory=list)
    got: list[int] = field(default_factory=list)

    def send(self, card: Card, /) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.got.append(card.alert.id)


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
