"""Alerts with their delivery state and reasons, and what people think of them."""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.archive.alerts import AlertFilter
from monitor.archive.feedback import precision
from monitor.models import AlertState, Opinion
from monitor.web.cursors import BadCursorError, read_cursor, written_cursor
from monitor.web.forms import form_of, number
from monitor.web.site import SECONDS, site_of

PAGE = 50


def listed(request: Request) -> Response:
    """The alerts that the filter takes, newest first."""
    site, asked = site_of(request), request.query_params
    try:
        state = AlertState(asked["state"]) if asked.get("state") else None
        before = read_cursor(asked.get("cursor", ""), int)
    except (ValueError, BadCursorError) as error:
        raise HTTPException(400) from error
    company = asked.get("company", "").strip()
    wanted = AlertFilter(state, asked.get("channel") or None, site.canonical(company) if company else None)
    with site.archive.reading(SECONDS) as tables:
        found = tables.alerts.find(wanted, PAGE + 1, before)
        opinions = tables.feedback.counts([alert.id for alert in found])
        counts = tables.alerts.count()
    config = site.current()
    return site.render(
        request,
        "alerts.html",
        alerts=found[:PAGE],
        opinions=opinions,
        counts=counts,
        states=list(AlertState),
        channels=[channel.name for channel in config.channels] if config else [],
        more=written_cursor(found[PAGE - 1].id) if len(found) > PAGE else None,
    )


async def judge(request: Request) -> Response:
    """Record what somebody thinks of an alert."""
    form = await form_of(request)
    return await run_in_threadpool(_judge, request, form)


def _judge(request: Request, form: FormData) -> Response:
    site, alert_id = site_of(request), number(request.path_params["number"])
    opinion = next((opinion for opinion in Opinion if opinion == form.get("opinion")), None)
    if opinion is None:
        raise HTTPException(400)
    with site.archive.writing() as tables:
        if tables.alerts.get(alert_id) is None:
            raise HTTPException(404)
        person = request.scope.get("person") or request.session.get("name") or "web"
        tables.feedback.give(alert_id, person, opinion, site.clock())
    return RedirectResponse(f"/alerts?{request.url.query}#alert-{alert_id}", 303)


def feedback(request: Request) -> Response:
    """How many of the judged alerts were relevant, by rule and by source."""
    site = site_of(request)
    with site.archive.reading(SECONDS) as tables:
        found = precision(tables.feedback.judged())
    return site.render(request, "feedback.html", found=found)


routes = [
    Route("/alerts", listed, methods=["GET"]),
    Route("/alerts/{number:int}/feedback", judge, methods=["POST"]),
    Route("/feedback", feedback, methods=["GET"]),
]
