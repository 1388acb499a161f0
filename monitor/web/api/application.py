"""The API: lists by cursor, each thing by its number, search; each with an ETag, every error as problem+json."""

from collections.abc import Callable
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from monitor import __version__
from monitor.errors import MonitorError, TooSlowError
from monitor.searching.query import QueryError
from monitor.web.api import routes
from monitor.web.api.answers import Problem
from monitor.web.cursors import BadCursorError
from monitor.web.problems import MEDIA_TYPE, problem
from monitor.web.site import Site

_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}}
    for status, said in (
        (400, "A cursor or query that is not understood"),
        (401, "No token, or one that is not known"),
        (404, "There is none"),
        (422, "A parameter that is not understood"),
        (429, "Too many wrong tokens"),
        (503, "The archive does not answer, or the question takes too long"),
    )
}


_TOKEN = HTTPBearer(auto_error=False, description="One of MONITOR_TOKENS; `monitor.web.guard` asks for it.")


def application(site: Site) -> FastAPI:
    """The API over the archive of a site."""
    app = FastAPI(
        title="funding-news monitor",
        version=__version__,
        description="Articles, deals, companies, sources and alerts of the archive.",
        docs_url=None,  # their scripts come from elsewhere
        redoc_url=None,
        openapi_url="/openapi.json",
        dependencies=[] if site.access.open else [Depends(_TOKEN)],
        responses=_ERRORS,
    )
    app.state.site = site
    app.include_router(routes.router)
    handlers: dict[Any, Callable[[Request, Any], Response]] = {
        HTTPException: _http_error,
        RequestValidationError: _invalid,
        QueryError: _bad_query,
        BadCursorError: _bad_cursor,
        MonitorError: _archive_error,
        Exception: _error,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
    return app


def _http_error(_request: Request, error: HTTPException) -> Response:
    return problem(error.status_code, "", headers=error.headers)


def _invalid(_request: Request, error: RequestValidationError) -> Response:
    faults = [{"name": str(fault["loc"][-1]), "reason": str(fault["msg"])} for fault in error.errors()]
    said = "; ".join(f"{fault['name']}: {fault['reason']}" for fault in faults)
    return problem(422, "A parameter is not understood", said, invalid_params=faults)


def _bad_query(_request: Request, error: QueryError) -> Response:
    return problem(400, "The query is not understood", str(error), start=error.start, end=error.end)


def _bad_cursor(_request: Request, error: BadCursorError) -> Response:
    return problem(400, "The cursor is not understood", str(error))


def _archive_error(_request: Request, error: MonitorError) -> Response:
    slow = isinstance(error, TooSlowError)
    title = "The question takes too long" if slow else "The archive does not answer"
    return problem(503, title, str(error) if slow else "try again later", {"Retry-After": "30"})


def _error(_request: Request, _error: Exception) -> Response:
    return problem(500, "")
