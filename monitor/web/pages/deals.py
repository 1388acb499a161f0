"""Deals as a list and as a timeline; one deal with its reports, alerts and what people correct of it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from itertools import groupby
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.alerting.facts import confidence_words
from monitor.archive.alerts import AlertFilter
from monitor.archive.deals import DealFilter
from monitor.correcting import Correcting, CorrectionError
from monitor.models import Deal, Fact, Status
from monitor.web.cursors import BadCursorError, read_cursor, written_cursor
from monitor.web.forms import form_of, number
from monitor.web.site import SECONDS, Site, day_of, language_of, site_of

PAGE = 50
ROUNDS = ("pre-seed", "seed", "angel", "pre-A", "A", "A+", "B", "C", "D", "E", "strategic", "pre-IPO")
"""Rounds that the form offers; others can be written."""


def deal_filter(asked: Mapping[str, str], site: Site) -> DealFilter:
    """The deals that a form or an address asks for.

    Raises:
        ValueError: for a day, number or status that is none; says which.
    """
    company, status = asked.get("company", "").strip(), asked.get("status", "")
    least = asked.get("min_usd", "").strip()
    return DealFilter(
        company=site.canonical(company) if company else None,
        round=asked.get("round", "").strip() or None,
        status=Status(status).value if status else None,
        after=_start_of(asked.get("after", "")),
        before=_start_of(asked.get("before", "")),
        investor=asked.get("investor", "").strip() or None,
        min_usd=float(least) if least else None,
        dismissed=asked.get("dismissed") == "1",
    )


def _start_of(text: str) -> datetime | None:
    day: date | None = day_of(text.strip())
    return datetime.combine(day, time(), UTC) if day else None


def listed(request: Request) -> Response:
    """The deals that the filter takes, newest first."""
    site, asked = site_of(request), request.query_params
    try:
        wanted = deal_filter(asked, site)
        after = read_cursor(asked.get("cursor", ""), datetime, int)
    except (ValueError, BadCursorError):
        return site.render(request, "deals.html", 400, **_nothing(), fault="bad_filter")
    with site.archive.reading(SECONDS) as tables:
        found = tables.deals.find(wanted, PAGE + 1, after)
    shown = found[:PAGE]
    more = written_cursor(shown[-1].seen_at, shown[-1].id) if len(found) > PAGE else None
    months = [(month, list(some)) for month, some in groupby(shown, lambda deal: f"{deal.seen_at:%Y-%m}")]
    values = {**_nothing(), "deals": shown, "months": months, "more": more}
    return site.render(request, "deals.html", **values, fault="")


def _nothing() -> dict[str, Any]:
    return {"deals": [], "months": [], "more": None, "rounds": ROUNDS, "statuses": list(Status)}


def shown(request: Request) -> Response:
    """One deal."""
    return _deal_page(request, request.path_params["number"])


def _deal_page(request: Request, deal_id: int, fault: CorrectionError | None = None) -> Response:
    site, language = site_of(request), language_of(request)
    with site.archive.reading(SECONDS) as tables:
        deal = tables.deals.get(number(deal_id))
        if deal is None:
            whole = tables.deals.whole(number(deal_id))
            if whole is None:
                raise HTTPException(404)
            return RedirectResponse(f"/deals/{whole}", 303)
        told = tables.deals.reports([deal.id], as_told=True).get(deal.id, ())
        values = {
            "deal": deal,
            "reports": told,
            "confidence": confidence_words(told, language) if told else "",
            "alerts": tables.alerts.find(AlertFilter(deal_id=deal.id)),
            "corrections": tables.corrections.of(deal.id),
            "near": [one for one in tables.deals.find(DealFilter(company=deal.company), 20) if one.id != deal.id],
            "facts": list(Fact),
            "statuses": list(Status),
            "fault": fault.told(language) if fault else "",
        }
    return site.render(request, "deal.html", 400 if fault else 200, **values)


async def correct(request: Request) -> Response:
    """Do what a form of the deal's page asks for."""
    form = await form_of(request)
    return await run_in_threadpool(_correct, request, form)


def _correct(request: Request, form: FormData) -> Response:
    site, deal_id = site_of(request), number(request.path_params["number"])
    person = request.scope.get("person") or str(form.get("person", "")).strip()
    if not request.scope.get("person") and person:
        request.session["name"] = person[:100]
    try:
        with site.archive.writing() as tables:
            deal = _corrected(Correcting(tables, person, site.clock()), deal_id, form)
    except CorrectionError as error:
        return _deal_page(request, deal_id, error)
    return RedirectResponse(f"/deals/{deal.id}", 303)


def _corrected(correcting: Correcting, deal_id: int, form: FormData) -> Deal:
    match form.get("what"):
        case "merge":
            return correcting.merge(deal_id, _number_in(form, "other"))
        case "split":
            return correcting.split(deal_id, [int(str(one)) for one in form.getlist("article") if str(one).isdecimal()])
        case "edit":
            fact = next((fact for fact in Fact if fact == form.get("fact")), None)
            if fact is None:
                raise HTTPException(400)
            return correcting.edit(deal_id, fact, None if form.get("as_told") else str(form.get("value", ""))[:1000])
        case "dismiss":
            return correcting.dismiss(deal_id)
        case "restore":
            return correcting.restore(deal_id)
    raise HTTPException(400)


def _number_in(form: FormData, name: str) -> int:
    written = str(form.get(name, "")).strip().lstrip("#")
    return int(written) if written.isdecimal() and len(written) < 19 else 0


routes = [
    Route("/", listed, methods=["GET"]),
    Route("/deals/{number:int}", shown, methods=["GET"]),
    Route("/deals/{number:int}/correct", correct, methods=["POST"]),
]
