"""Search as one types, and searches that are saved under a name."""

from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.archive.saved import SavedSearch
from monitor.archive.search import Order
from monitor.errors import TooSlowError
from monitor.searching.nodes import renamed
from monitor.searching.query import QueryError, parse
from monitor.web.cursors import BadCursorError, read_cursor, written_cursor
from monitor.web.forms import form_of
from monitor.web.site import SECONDS, Site, language_of, site_of

PAGE, FACETS = 20, 10
LONGEST_NAME = 100


def found(request: Request) -> Response:
    """The search page with what the query finds; without a query, with the newest articles."""
    site, asked = site_of(request), request.query_params
    text = asked.get("q", "")
    order = Order.RELEVANT if asked.get("order") == "relevant" else Order.NEWEST
    values: dict[str, Any] = {"query_text": text, "order": order, "facets": FACETS, "saved": _saved(site)}
    values |= {"hits": [], "counts": None, "more": None, "error": None}
    try:
        after = read_cursor(asked.get("cursor", ""), int)
        node = renamed(parse(text, site.clock().date()), site.canonical)
        with site.archive.reading(SECONDS) as tables:
            hits = tables.search.find(node, PAGE + 1, order=order, after=after)
            values["hits"] = hits[:PAGE]
            if len(hits) > PAGE:
                values["more"] = written_cursor(hits[PAGE - 1].cursor)
            if text.strip() and after is None:
                values["counts"] = tables.search.count(node)
    except BadCursorError as error:
        raise HTTPException(400) from error
    except QueryError as error:
        values["error"] = {
            "told": error.told(language_of(request)),
            "before": text[: error.start],
            "at": text[error.start : error.end],
            "after": text[error.end :],
        }
    except TooSlowError:
        values["error"] = {"told": "", "before": "", "at": "", "after": ""}
    return site.render(request, "search.html", **values)


def _saved(site: Site) -> list[SavedSearch]:
    with site.archive.reading(SECONDS) as tables:
        return tables.saved_searches.all()


async def save(request: Request) -> Response:
    """Save a search, or forget one."""
    form = await form_of(request)
    return await run_in_threadpool(_save, request, form)


def _save(request: Request, form: FormData) -> Response:
    site = site_of(request)
    name, text = (" ".join(str(form.get(field, "")).replace("\0", "").split()) for field in ("name", "q"))
    if not name or len(name) > LONGEST_NAME or "/" in name:
        raise HTTPException(400)
    with site.archive.writing() as tables:
        if form.get("forget"):
            tables.saved_searches.remove(name)
        else:
            try:
                parse(text, site.clock().date())
            except QueryError as error:
                raise HTTPException(400) from error
            tables.saved_searches.put(SavedSearch(name, text, request.scope.get("person", ""), site.clock()))
    return RedirectResponse(f"/search?{urlencode({'q': text})}", 303)


routes = [
    Route("/search", found, methods=["GET"]),
    Route("/search/saved", save, methods=["POST"]),
]
