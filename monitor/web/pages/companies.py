"""The companies; one with its rounds, amounts over time and articles."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.alerting.wording import round_words
from monitor.alerting.worth import usd
from monitor.archive.deals import DealFilter
from monitor.searching.nodes import Label
from monitor.text import fold
from monitor.web.charts import Chart
from monitor.web.cursors import BadCursorError, read_cursor, written_cursor
from monitor.web.site import SECONDS, language_of, site_of
from monitor.web.words import say

PAGE, DEALS, ARTICLES = 100, 200, 30


def listed(request: Request) -> Response:
    """The companies, watched or raising, those with the latest news first."""
    site, part = site_of(request), fold(request.query_params.get("name", "").strip())
    try:
        start = max(0, read_cursor(request.query_params.get("cursor", ""), int) or 0)
    except BadCursorError as error:
        raise HTTPException(400) from error
    with site.archive.reading(SECONDS) as tables:
        found = [name for name in tables.statistics.company_names(site.watched) if part in fold(name)]
        page = tables.statistics.describe(found[start : start + PAGE])
    more = written_cursor(start + PAGE) if len(found) > start + PAGE else None
    return site.render(
        request, "companies.html", companies=page, number=len(found), watched=set(site.watched), more=more
    )


def shown(request: Request) -> Response:
    """One company."""
    site, language = site_of(request), language_of(request)
    name = request.path_params["name"]
    canonical = site.canonical(name)
    if canonical != name:
        return RedirectResponse(request.url_for("company", name=canonical).path, 303)
    with site.archive.reading(SECONDS) as tables:
        deals = tables.deals.find(DealFilter(company=name), DEALS)
        articles = tables.search.find(Label("company", name), ARTICLES)
    if not deals and not articles and name not in site.watched:
        raise HTTPException(404)
    dated = [deal for deal in reversed(deals) if usd(deal.amount)]
    amounts = Chart(
        say("amounts_over_time", language),
        [
            f"{deal.seen_at:%Y-%m-%d} {round_words(deal.round, language) if deal.round else ''}".strip()
            for deal in dated
        ],
        {say("usd", language): [round(usd(deal.amount)) for deal in dated]},
    )
    return site.render(
        request,
        "company.html",
        company=name,
        watched=name in site.watched,
        deals=deals,
        articles=articles,
        amounts=amounts,
    )


routes = [
    Route("/companies", listed, methods=["GET"]),
    Route("/companies/{name:path}", shown, methods=["GET"], name="company"),
]
