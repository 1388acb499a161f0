"""The archive over HTTP: pages for people, an API for programs, feeds; and what every answer goes through."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from monitor.archive import Archive
from monitor.config import Config
from monitor.errors import MonitorError, TooSlowError
from monitor.settings import Schedule, Web
from monitor.web import api, feeds
from monitor.web.access import Access, Attempts, LoggedOut
from monitor.web.guard import FOR_PROGRAMS, Guard
from monitor.web.headers import Headers
from monitor.web.health import Probes
from monitor.web.pages import alerts, articles, companies, deals, figures, login, searching, sources
from monitor.web.problems import problem
from monitor.web.site import FOLDER, Site

SESSION_DAYS = 7


class Static(StaticFiles):
    """Our own scripts and styles, which browsers may keep for a day."""

    def file_response(self, *arguments: object, **options: object) -> Response:
        """Answer with a file."""
        answer = super().file_response(*arguments, **options)  # type: ignore[arg-type]
        answer.headers["Cache-Control"] = "public, max-age=86400"
        return answer


def application(
    archive: Archive,
    access: Access,
    web: Web,
    current: Callable[[], Config | None],
    clock: Callable[[], datetime],
    *,
    scheduled: bool = False,
) -> ASGIApp:
    """The whole as an ASGI application; `scheduled` says that a scheduler runs beside it.

    Sessions end with the process, as the key that signs them is nowhere kept.
    """
    site = Site(archive, current, clock, access, Attempts(), LoggedOut(), web)
    site.warm()
    app = Starlette(
        routes=routes(site, scheduled=scheduled),
        middleware=[
            Middleware(
                SessionMiddleware,
                secret_key=secrets.token_urlsafe(32),
                session_cookie="monitor_session",
                max_age=SESSION_DAYS * 86_400,
                same_site="lax",
                https_only=site.https,
            ),
            Middleware(Guard, access=access, attempts=site.attempts, logged_out=site.logged_out),
        ],
        exception_handlers={HTTPException: _http_error, MonitorError: _archive_error, Exception: _error},
    )
    app.state.site = site
    return Headers(app, https=site.https)


def _probes(site: Site, *, scheduled: bool) -> Probes:
    def deadline() -> timedelta:
        config = site.current()
        return (config.schedule if config else Schedule()).deadline

    return Probes(site.archive, site.clock, deadline, scheduled)


def routes(site: Site, *, scheduled: bool = False) -> list[BaseRoute]:
    """Everything that is answered."""
    pages = (deals, companies, searching, articles, figures, alerts, sources, login)
    return [
        *(route for page in pages for route in page.routes),
        *feeds.routes,
        *_probes(site, scheduled=scheduled).routes,
        Mount("/api", api.application(site)),
        Mount("/static", Static(directory=FOLDER / "static")),
    ]


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these alone
    return _told(request, error.status_code, error.headers)


def _archive_error(request: Request, error: Exception) -> Response:
    return _told(request, 503, {"Retry-After": "30"}, "too_slow" if isinstance(error, TooSlowError) else "")


def _error(request: Request, _error: Exception) -> Response:
    return _told(request, 500)


def _told(request: Request, status: int, headers: Mapping[str, str] | None = None, key: str = "") -> Response:
    """An error, as a page for people and as problem+json for programs."""
    if request.url.path.startswith(FOR_PROGRAMS):
        return problem(status, "", headers=headers)
    site: Site = request.app.state.site
    page = site.render(request, "error.html", status, status=status, key=key)
    page.headers.update(headers or {})
    return page
