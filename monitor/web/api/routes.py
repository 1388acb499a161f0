"""What the API can be asked."""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, BeforeValidator
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from monitor.archive import Tables
from monitor.archive.alerts import AlertFilter
from monitor.archive.articles import ArchivedArticle
from monitor.archive.deals import DealFilter
from monitor.archive.search import Counts, Hit, Order
from monitor.archive.statistics import CompanyFigures
from monitor.models import Alert, AlertState, Deal, Report, Status
from monitor.polls import SourceState
from monitor.records import article_record, claim_record, deal_record
from monitor.searching.nodes import Label, Node, Within, all_of, renamed
from monitor.searching.query import parse
from monitor.web.api import answers
from monitor.web.cursors import read_cursor, written_cursor
from monitor.web.etags import tagged
from monitor.web.site import SECONDS, Site, site_of

router = APIRouter()

Limit = Annotated[int, Query(ge=1, le=200, description="Most items of a page.")]
Cursor = Annotated[str, Query(max_length=400, description="`next` of the page before.")]
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
Words = Annotated[str, Query(max_length=200, pattern="^[^\\x00]*$")]


def _written_out(value: object) -> object:
    """A day is written out: 20260131, or seconds since 1970, are none."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        raise ValueError("write a day as 2026-01-31")
    return value


Day = Annotated[date | None, BeforeValidator(_written_out), Query(description="A day in UTC, as 2026-01-31.")]


@router.get("/articles", response_model=answers.Page[answers.ArticleSummary])
def articles(
    request: Request,
    company: Words = "",
    source: Words = "",
    language: Words = "",
    after: Day = None,
    before: Day = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Response:
    """List articles, newest first."""
    site = site_of(request)
    wanted = all_of(
        [
            *([Label("company", site.canonical(company))] if company else ()),
            *([Label("source", source)] if source else ()),
            *([Label("lang", language.lower())] if language else ()),
            Within(_start_of(after), _start_of(before)),
        ]
    )
    with site.archive.reading(SECONDS) as tables:
        hits = tables.search.find(wanted, limit + 1, after=read_cursor(cursor, int))
    more = written_cursor(hits[limit - 1].cursor) if len(hits) > limit else None
    return _answer(request, answers.Page[answers.ArticleSummary](items=list(map(_summary, hits[:limit])), next=more))


@router.get("/articles/{number}", response_model=answers.ArticleAnswer)
def article(request: Request, number: Number) -> Response:
    """Show an article with its text and claims."""
    with site_of(request).archive.reading(SECONDS) as tables:
        found = tables.articles.get(number)
        if found is None:
            raise HTTPException(404)
        said = _whole_article(found, tables)
    return _answer(request, answers.ArticleAnswer(**said))


@router.get("/deals", response_model=answers.Page[answers.DealAnswer])
def deals(
    request: Request,
    company: Words = "",
    round: Annotated[str, Query(max_length=20, pattern="^[^\\x00]*$")] = "",  # noqa: A002 - its name for those who ask
    status: Status | None = None,
    investor: Words = "",
    min_usd: Annotated[float | None, Query(ge=0, allow_inf_nan=False)] = None,
    after: Day = None,
    before: Day = None,
    dismissed: Annotated[bool, Query(description="Those that were marked as no deal.")] = False,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Response:
    """List deals, those told of last first."""
    site = site_of(request)
    wanted = DealFilter(
        site.canonical(company) if company else None,
        round or None,
        status,
        _start_of(after),
        _start_of(before),
        investor or None,
        min_usd,
        dismissed,
    )
    with site.archive.reading(SECONDS) as tables:
        found = tables.deals.find(wanted, limit + 1, read_cursor(cursor, datetime, int))
    last = found[limit - 1] if len(found) > limit else None
    more = written_cursor(last.seen_at, last.id) if last else None
    return _answer(request, answers.Page[answers.DealAnswer](items=list(map(_deal, found[:limit])), next=more))


@router.get("/deals/{number}", response_model=answers.WholeDeal)
def deal(request: Request, number: Number) -> Response:
    """Show a deal with all that is reported of it; one that was merged is answered by the one that it is now."""
    with site_of(request).archive.reading(SECONDS) as tables:
        whole = tables.deals.whole(number) or number
        found = tables.deals.get(whole)
        if found is None:
            raise HTTPException(404)
        reports = tables.deals.reports([whole], as_told=True).get(whole, ())
        made = tables.corrections.of(whole)
    corrections = [
        answers.CorrectionAnswer(kind=c.kind.value, person=c.person, made_at=c.at.isoformat(), detail=c.detail)
        for c in made
    ]
    said = answers.WholeDeal(
        **deal_record(found),
        dismissed=found.dismissed,
        reports=list(map(_report, reports)),
        corrections=corrections,
    )
    return _answer(request, said)


@router.get("/companies", response_model=answers.Page[answers.CompanyAnswer])
def companies(request: Request, cursor: Cursor = "", limit: Limit = 50) -> Response:
    """List companies, watched or raising, those with the latest news first."""
    site, start = site_of(request), max(0, read_cursor(cursor, int) or 0)
    with site.archive.reading(SECONDS) as tables:
        names = tables.statistics.company_names(site.watched)
        found = tables.statistics.describe(names[start : start + limit])
    more = written_cursor(start + limit) if len(names) > start + limit else None
    items = [_company(one, site) for one in found]
    return _answer(request, answers.Page[answers.CompanyAnswer](items=items, next=more))


@router.get("/companies/{name:path}", response_model=answers.CompanyAnswer)
def company(request: Request, name: Annotated[str, Path(max_length=200, pattern="^[^\\x00]+$")]) -> Response:
    """Show a company, by its name or an alias."""
    site = site_of(request)
    wanted = site.canonical(name)
    with site.archive.reading(SECONDS) as tables:
        (found,) = tables.statistics.describe([wanted])
    if not found.last and wanted not in site.watched:
        raise HTTPException(404)
    return _answer(request, _company(found, site))


@router.get("/sources", response_model=answers.Page[answers.SourceAnswer])
def sources(request: Request) -> Response:
    """List sources with their health."""
    with site_of(request).archive.reading(SECONDS) as tables:
        found = tables.sources.all().values()
    return _answer(request, answers.Page[answers.SourceAnswer](items=list(map(_source, found)), next=None))


@router.get("/alerts", response_model=answers.Page[answers.AlertAnswer])
def alerts(
    request: Request,
    state: AlertState | None = None,
    channel: Words = "",
    company: Words = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Response:
    """List alerts, newest first."""
    site = site_of(request)
    wanted = AlertFilter(state, channel or None, site.canonical(company) if company else None)
    with site.archive.reading(SECONDS) as tables:
        found = tables.alerts.find(wanted, limit + 1, read_cursor(cursor, int))
    more = written_cursor(found[limit - 1].id) if len(found) > limit else None
    return _answer(request, answers.Page[answers.AlertAnswer](items=list(map(_alert, found[:limit])), next=more))


@router.get("/search", response_model=answers.Found)
def search(
    request: Request,
    q: Annotated[str, Query(max_length=2000, description="A query, in the language of docs/searching.md.")] = "",
    order: Order = Order.NEWEST,
    counts: Annotated[bool, Query(description="Count by company, source and month too.")] = False,
    cursor: Cursor = "",
    limit: Limit = 20,
) -> Response:
    """Find articles, Chinese and English."""
    site = site_of(request)
    query: Node = renamed(parse(q, site.clock().date()), site.canonical)
    with site.archive.reading(SECONDS) as tables:
        hits = tables.search.find(query, limit + 1, order=order, after=read_cursor(cursor, int))
        counted = tables.search.count(query) if counts else None
    more = written_cursor(hits[limit - 1].cursor) if len(hits) > limit else None
    found = answers.Found(items=list(map(_hit, hits[:limit])), next=more, counts=_counted(counted))
    return _answer(request, found)


def _answer(request: Request, said: BaseModel) -> Response:
    return tagged(request, said.model_dump_json().encode(), "application/json")


def _start_of(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _summary(hit: Hit) -> answers.ArticleSummary:
    return answers.ArticleSummary(
        id=hit.id, url=hit.url, source=hit.source, title=hit.title, language=hit.language,
        published_at=_iso(hit.published), sorted_at=hit.at.isoformat(),
    )  # fmt: skip


def _hit(hit: Hit) -> answers.HitAnswer:
    return answers.HitAnswer(
        **_summary(hit).model_dump(), title_marks=list(hit.title_marks), snippet=hit.snippet, marks=list(hit.marks)
    )


def _counted(counts: Counts | None) -> answers.Counted | None:
    if counts is None:
        return None
    return answers.Counted(
        total=counts.total,
        more=counts.more,
        companies=dict(counts.companies),
        sources=dict(counts.sources),
        months=dict(counts.months),
    )


def _whole_article(found: ArchivedArticle, tables: Tables) -> dict[str, Any]:
    claims = tables.deals.claims_of(found.id)
    record = article_record(found.id, found.article, found.fetched, found.version, found.mentions, claims)
    return {**record, "deals": [deal.id for deal in tables.deals.deals_of(found.id)]}


def _deal(deal: Deal) -> answers.DealAnswer:
    return answers.DealAnswer(**deal_record(deal))


def _report(report: Report) -> answers.ReportAnswer:
    return answers.ReportAnswer(
        **claim_record(report.claim), article_id=report.article_id, title=report.title, url=report.url,
        source=report.source, published_at=report.at.isoformat(),
    )  # fmt: skip


def _company(one: CompanyFigures, site: Site) -> answers.CompanyAnswer:
    return answers.CompanyAnswer(
        company=one.company,
        watched=one.company in site.watched,
        articles=one.articles,
        last=_iso(one.last),
        deals=list(map(_deal, one.deals)),
    )


def _source(state: SourceState) -> answers.SourceAnswer:
    return answers.SourceAnswer(
        name=state.name, problem=state.problem, articles=state.articles, failures=state.failures,
        last_polled_at=_iso(state.last_polled_at), last_success_at=_iso(state.last_success_at),
        next_poll_at=_iso(state.next_poll_at), last_outcome=state.last_outcome and state.last_outcome.value,
        last_error=state.last_error,
    )  # fmt: skip


def _alert(alert: Alert) -> answers.AlertAnswer:
    same = ("id", "channel", "kind", "state", "verdict", "company", "topic", "deal_id", "title", "url", "attempts",
            "error", "withdrawn")  # fmt: skip
    return answers.AlertAnswer(
        **{name: getattr(alert, name) for name in same},
        article_id=alert.article_id or None,
        sentence=alert.evidence.sentence,
        created_at=alert.created_at.isoformat(),
        due_at=_iso(alert.due),
        sent_at=_iso(alert.sent_at),
    )
