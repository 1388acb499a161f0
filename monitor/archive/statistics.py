"""What the archive holds, in figures: by company, month, round, source and day, and how fast it tells."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import quantiles

from sqlalchemy import Connection, func, select

from monitor.alerting.worth import usd
from monitor.archive.alerts import Alerts
from monitor.archive.articles import within
from monitor.archive.crawl_tables import sources
from monitor.archive.deals import DealFilter, Deals, in_parts, standing
from monitor.archive.lags import lags
from monitor.archive.tables import articles, deals, mentions, positions
from monitor.models import Deal, Status


@dataclass(frozen=True, slots=True)
class CompanyFigures:
    """A company with its deals, newest first, how many articles name it, and when it was last named or told of."""

    company: str
    deals: tuple[Deal, ...]
    articles: int
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Lag:
    """Time from an article's publication until its alert was sent: seconds, the median and the 95th percentile."""

    alerts: int
    median: float
    slow: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What the archive holds. Of the time asked for: dollars raised in completed rounds by month, deals by round (an
    unnamed one is empty), articles by source and day, the lag of alerts in all and by day of publication. The totals
    are of all times."""

    articles: int
    deals: int
    sources: int
    first: datetime | None
    last: datetime | None
    alerts: dict[str, int]
    raised: dict[str, float] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)
    daily: dict[str, dict[str, int]] = field(default_factory=dict)
    lag: Lag | None = None
    lags: dict[str, Lag] = field(default_factory=dict)


class Statistics:
    """The figures of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def companies(self, watched: Sequence[str] = ()) -> list[CompanyFigures]:
        """The `watched` companies and all that the archive knows, those with the latest news first."""
        return self.describe(self.company_names(watched))

    def company_names(self, watched: Sequence[str] = ()) -> list[str]:
        """Their names alone, in that order."""
        last: dict[str, datetime | None] = dict.fromkeys(watched)
        newest = select(deals.c.company, func.max(deals.c.seen_at).label("last")).where(*standing())
        found = [(row.company, row.last) for row in self._connection.execute(newest.group_by(deals.c.company))]
        found += [(name, at) for name, (_, at) in self._named(None).items()]
        for name, at in found:
            known = last.get(name)
            last[name] = at if known is None else max(at, known)
        dated = sorted(((at, name) for name, at in last.items() if at), key=lambda one: (-one[0].timestamp(), one[1]))
        return [name for _, name in dated] + sorted(name for name, at in last.items() if at is None)

    def describe(self, names: Sequence[str]) -> list[CompanyFigures]:
        """These companies with their figures, in their order."""
        named, told = self._named(names), defaultdict(list)
        for deal in Deals(self._connection).of(names):
            told[deal.company].append(deal)
        found = []
        for name in names:
            number, last = named.get(name, (0, None))
            its = tuple(told[name])
            last = max((at for at in (last, its[0].seen_at if its else None) if at), default=None)
            found.append(CompanyFigures(name, its, number, last))
        return found

    def _named(self, names: Sequence[str] | None) -> dict[str, tuple[int, datetime]]:
        """How many articles name these companies (None: any), and when one did last.

        The last is looked up by its place in the order of time, as an index holds that and the article is large.
        """
        newest = (
            select(
                mentions.c.company,
                func.count(mentions.c.article_id.distinct()).label("number"),
                func.max(positions.c.position).label("position"),
            )
            .join(positions, positions.c.article_id == mentions.c.article_id)
            .group_by(mentions.c.company)
        )
        found: dict[str, tuple[int, datetime]] = {}
        parts = [newest] if names is None else [newest.where(mentions.c.company.in_(some)) for some in in_parts(names)]
        for part in parts:
            counted = part.subquery()
            statement = (
                select(counted.c.company, counted.c.number, articles.c.sorted_at)
                .join(positions, positions.c.position == counted.c.position)
                .join(articles, articles.c.id == positions.c.article_id)
            )
            found.update({row.company: (row.number, row.sorted_at) for row in self._connection.execute(statement)})
        return found

    def figures(self, after: datetime | None = None, before: datetime | None = None) -> Figures:
        """All figures; months, rounds, days and lag of what was published at `after` or later, before `before`."""
        totals = self._connection.execute(
            select(func.count(), func.min(articles.c.sorted_at), func.max(articles.c.sorted_at)).select_from(articles)
        ).one()
        raised: defaultdict[str, float] = defaultdict(float)
        rounds = Counter[str]()
        for deal in Deals(self._connection).walk(DealFilter(after=after, before=before)):
            rounds[deal.round or ""] += 1
            if deal.status is Status.COMPLETED:
                raised[f"{deal.seen_at:%Y-%m}"] += usd(deal.amount)
        told: defaultdict[str, list[float]] = defaultdict(list)
        for published, seconds in lags(self._connection, *within(after, before)):
            told[f"{published:%Y-%m-%d}"].append(seconds)
        return Figures(
            articles=totals[0],
            deals=Deals(self._connection).count(),
            sources=self._connection.execute(select(func.count()).select_from(sources)).scalar_one(),
            first=totals[1],
            last=totals[2],
            alerts=Alerts(self._connection).count(),
            raised=dict(sorted(raised.items())),
            rounds=dict(rounds.most_common()),
            daily=self._daily(after, before),
            lag=_lag([seconds for spans in told.values() for seconds in spans]) if told else None,
            lags={day: _lag(spans) for day, spans in sorted(told.items())},
        )

    def _daily(self, after: datetime | None, before: datetime | None) -> dict[str, dict[str, int]]:
        """Articles of each source on each day (in UTC) that has any."""
        at = articles.c.sorted_at
        day = func.date(at if self._connection.dialect.name == "sqlite" else func.timezone("UTC", at)).label("day")
        statement = select(articles.c.source, day, func.count().label("number")).where(*within(after, before))
        daily: dict[str, dict[str, int]] = {}
        for row in self._connection.execute(statement.group_by("source", "day").order_by("source", "day")):
            day_words = row.day.isoformat() if isinstance(row.day, date) else str(row.day)
            daily.setdefault(row.source, {})[day_words] = row.number
        return daily


def _lag(spans: Sequence[float]) -> Lag:
    shares = quantiles(spans, n=20, method="inclusive") if len(spans) > 1 else [*spans] * 19
    return Lag(len(spans), shares[9], shares[18])
