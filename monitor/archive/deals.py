"""Deals, and the claims that tell of them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)

from monitor.alerting.worth import usd
from monitor.archive.columns import UTCDateTime
from monitor.archive.corrections import Corrections
from monitor.archive.crawl_tables import sources
from monitor.archive.rows import (
    evidence_from_row,
    evidence_to_columns,
    facts_from_row,
    facts_to_columns,
    said_from_json,
    signature_from_bytes,
)
from monitor.archive.tables import articles, claims, deals
from monitor.detection.stream import name_keys
from monitor.models import Claim, Deal, Report
from monitor.text import fold

_BATCH = 200


@dataclass(frozen=True, slots=True)
class DealFilter:
    """Which deals are asked for; None takes all. Those that a person found to be none are asked for by themselves."""

    company: str | None = None
    round: str | None = None
    status: str | None = None
    after: datetime | None = None
    before: datetime | None = None
    investor: str | None = None
    min_usd: float | None = None
    dismissed: bool = False

    def takes(self, deal: Deal) -> bool:
        """What no database decides: an investor whose name holds this one, and the least worth of the amount."""
        if self.min_usd is not None and usd(deal.amount) < self.min_usd:
            return False
        named = (*deal.investors, *deal.lead_investors)
        return self.investor is None or any(fold(self.investor) in fold(name) for name in named)


class Deals:
    """The deals of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self) -> None:
        """Let no other process group claims until this transaction ends; SQLite has one writer anyway."""
        if self._connection.dialect.name == "postgresql":
            self._connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('monitor:deals'))")

    def alike(self, company: str, since: datetime) -> list[Deal]:
        """Deals told of since a time, newest first, of companies whose name may mean this one.

        A deal that is another since a person said so comes with its own facts, but with the other's number and times.
        """
        whole = deals.alias("whole")
        statement = (
            _with_articles()
            .add_columns(
                whole.c.id.label("whole_id"),
                whole.c.opened_at.label("whole_opened"),
                whole.c.dismissed.label("whole_dismissed"),
            )
            .outerjoin(whole, whole.c.id == deals.c.merged_into)
            .where(deals.c.company_key.in_(name_keys(company)), deals.c.seen_at >= since)
        )
        return [
            _deal(row)
            if row.whole_id is None
            else replace(
                _deal(row),
                id=row.whole_id,
                opened_at=min(row.opened_at, row.whole_opened),
                dismissed=row.whole_dismissed,
            )
            for row in self._connection.execute(_newest_first(statement))
        ]

    def get(self, deal_id: int) -> Deal | None:
        """One deal, dismissed or not; None for one that is not there, or is another by now (`whole`)."""
        found = self._read(_with_articles().where(deals.c.id == deal_id, deals.c.merged_into.is_(None)))
        return found[0] if found else None

    def whole(self, deal_id: int) -> int | None:
        """The deal that a merged one is now."""
        return self._connection.execute(select(deals.c.merged_into).where(deals.c.id == deal_id)).scalar_one_or_none()

    def of(self, companies: Sequence[str]) -> Iterator[Deal]:
        """The deals of these companies, each company's newest first."""
        for some in in_parts(companies):
            yield from self._read(_with_articles().where(deals.c.company.in_(some), *standing()))

    def find(self, wanted: DealFilter, limit: int = 50, after: tuple[datetime, int] | None = None) -> list[Deal]:
        """Deals that fit, newest first; a page after the last one of the page before, told by `seen_at` and number."""
        return list(islice(self.walk(wanted, after), limit))

    def walk(self, wanted: DealFilter, after: tuple[datetime, int] | None = None) -> Iterator[Deal]:
        """All deals that fit, newest first, some hundred at a time in memory."""
        statement = _with_articles().where(*_conditions(wanted)).limit(_BATCH)
        while True:
            if after is not None:
                last = tuple_(literal(after[0], UTCDateTime), literal(after[1]))
                found = self._read(statement.where(tuple_(deals.c.seen_at, deals.c.id) < last))
            else:
                found = self._read(statement)
            yield from (deal for deal in found if wanted.takes(deal))
            if len(found) < _BATCH:
                return
            after = (found[-1].seen_at, found[-1].id)

    def count(self) -> int:
        """How many deals there are."""
        return self._connection.execute(select(func.count()).select_from(deals).where(*standing())).scalar_one()

    def open(self, deal: Deal) -> int:
        """Add a deal; its `id` is ignored. Returns the id it gets."""
        key = self._connection.execute(insert(deals).values(_columns(deal))).inserted_primary_key
        return int(key[0]) if key else 0

    def update(self, deal: Deal) -> Deal:
        """Write the facts of a deal as they are now, but for those that a person has set; returns it so."""
        said = Corrections(self._connection).said([deal.id]).get(deal.id, {})
        standing = replace(deal, **said, corrected=tuple(said))
        self._connection.execute(update(deals).where(deals.c.id == deal.id).values(_columns(standing)))
        # What is the same deal by now is told of when that is.
        self._connection.execute(update(deals).where(deals.c.merged_into == deal.id).values(seen_at=standing.seen_at))
        return standing

    def add_claim(self, article_id: int, deal_id: int | None, claim: Claim) -> int:
        """Record what an article says; background claims have no deal. Returns the claim's id."""
        values = {
            "article_id": article_id,
            "deal_id": deal_id,
            "company": claim.company,
            "watched": claim.watched,
            "investing": list(claim.investing),
            "news": claim.news,
            "rule": claim.rule,
            **facts_to_columns(claim),
            **evidence_to_columns(claim.evidence),
        }
        key = self._connection.execute(insert(claims).values(values)).inserted_primary_key
        return int(key[0]) if key else 0

    def remove_claims(self, article_id: int) -> dict[int, list[Report]]:
        """Forget what an article said, before it is read again after an edit. Returns what it told, by deal."""
        rows = self._connection.execute(select(claims.c.deal_id).where(claims.c.article_id == article_id))
        deal_ids = {row.deal_id for row in rows if row.deal_id is not None}
        told = {
            deal_id: [report for report in reports if report.article_id == article_id]
            for deal_id, reports in self.reports(deal_ids).items()
        }
        self._connection.execute(delete(claims).where(claims.c.article_id == article_id))
        return told

    def remove_untold(self, deal_ids: Collection[int]) -> set[int]:
        """Remove those of the deals that no article tells any more; returns which."""
        told = select(claims.c.deal_id).where(claims.c.deal_id.is_not(None))
        rows = self._connection.execute(
            delete(deals).where(deals.c.id.in_(deal_ids), deals.c.id.not_in(told)).returning(deals.c.id)
        )
        gone = {row.id for row in rows}
        if gone:
            self._connection.execute(delete(deals).where(deals.c.merged_into.in_(gone)))
        return gone

    def reports(self, deal_ids: Collection[int], *, as_told: bool = False) -> dict[int, tuple[Report, ...]]:
        """All that is reported of these deals, each deal's reports oldest first.

        Facts that a person has set stand in all of a deal's claims, unless these are wanted `as_told`.
        """
        joined = claims.join(articles, articles.c.id == claims.c.article_id).outerjoin(
            sources, sources.c.name == articles.c.source
        )
        rows = self._connection.execute(
            select(
                claims,
                articles.c.title,
                articles.c.url,
                articles.c.author,
                articles.c.sorted_at,
                articles.c.signature,
                func.coalesce(sources.c.title, articles.c.source).label("outlet"),
                func.coalesce(sources.c.home, "").label("home"),
            )
            .select_from(joined)
            .where(claims.c.deal_id.in_(deal_ids))
            .order_by(articles.c.sorted_at, claims.c.id)
        )
        said = {} if as_told else Corrections(self._connection).said(deal_ids)
        found: dict[int, list[Report]] = defaultdict(list)
        for row in rows:
            report = _report(row)
            found[row.deal_id].append(replace(report, claim=replace(report.claim, **said.get(row.deal_id, {}))))
        return {deal_id: tuple(told) for deal_id, told in found.items()}

    def told_with(self, article_id: int) -> list[Report]:
        """All that is reported of the deals that an article tells of, oldest first."""
        rows = self._connection.execute(select(claims.c.deal_id).where(claims.c.article_id == article_id))
        deal_ids = {row.deal_id for row in rows if row.deal_id is not None}
        found = [report for reports in self.reports(deal_ids).values() for report in reports]
        return sorted(found, key=lambda report: report.at)

    def claims_of(self, article_id: int) -> list[Claim]:
        """What an article says, in the order of detection."""
        rows = self._connection.execute(select(claims).where(claims.c.article_id == article_id).order_by(claims.c.id))
        return [claim_from_row(row) for row in rows]

    def deals_of(self, article_id: int) -> list[Deal]:
        """The deals that an article tells, newest first."""
        told = select(claims.c.deal_id).where(claims.c.article_id == article_id, claims.c.deal_id.is_not(None))
        return self._read(_with_articles().where(deals.c.id.in_(told)))

    def _read(self, statement: Select[Any]) -> list[Deal]:
        return [_deal(row) for row in self._connection.execute(_newest_first(statement))]


def _newest_first(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(deals.c.seen_at.desc(), deals.c.id.desc())


def _deal(row: Row[Any]) -> Deal:
    return Deal(
        id=row.id,
        company=row.company,
        opened_at=row.opened_at,
        seen_at=row.seen_at,
        articles=row.number,
        corrected=tuple(said_from_json(row.said)),
        dismissed=row.dismissed,
        **facts_from_row(row),
    )


def _conditions(wanted: DealFilter) -> list[ColumnElement[bool]]:
    named = ((deals.c.company, wanted.company), (deals.c.round, wanted.round), (deals.c.status, wanted.status))
    conditions: list[ColumnElement[bool]] = [column == value for column, value in named if value]
    conditions += standing(dismissed=wanted.dismissed)
    if wanted.after:
        conditions.append(deals.c.seen_at >= wanted.after)
    if wanted.before:
        conditions.append(deals.c.seen_at < wanted.before)
    return conditions


def in_parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """The names, so many at a time as are asked for at once."""
    for start in range(0, len(names), _BATCH):
        yield names[start : start + _BATCH]


def standing(*, dismissed: bool = False) -> list[ColumnElement[bool]]:
    """The conditions on deals that are no other deal by now, and (not) found to be none."""
    return [deals.c.merged_into.is_(None), deals.c.dismissed.is_(dismissed)]


def _with_articles() -> Select[Any]:
    number = select(func.count(claims.c.article_id.distinct())).where(claims.c.deal_id == deals.c.id).scalar_subquery()
    return select(deals, number.label("number"))


def _columns(deal: Deal) -> dict[str, Any]:
    return {
        "company": deal.company,
        "company_key": name_keys(deal.company)[0],
        "opened_at": deal.opened_at,
        "seen_at": deal.seen_at,
        **facts_to_columns(deal),
    }


def _report(row: Row[Any]) -> Report:
    return Report(
        claim=claim_from_row(row),
        article_id=row.article_id,
        title=row.title,
        url=row.url,
        source=row.outlet,
        home=row.home,
        author=row.author,
        at=row.sorted_at,
        signature=signature_from_bytes(row.signature),
    )


def claim_from_row(row: Row[Any]) -> Claim:
    """The claim in a row of `claims`."""
    return Claim(
        company=row.company,
        watched=row.watched,
        investing=tuple(row.investing),
        news=row.news,
        rule=row.rule,
        evidence=evidence_from_row(row),
        **facts_from_row(row),
    )
