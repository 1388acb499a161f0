"""Asks each request who it is, before anything answers it."""

import hmac
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.web.access import Access, Attempts, LoggedOut, new_key
from monitor.web.problems import problem

PUBLIC = ("/login", "/static/", "/healthz", "/readyz")
"""What is answered without a login."""

FOR_PROGRAMS = ("/api", "/feeds/", "/metrics")
"""What takes tokens and basic authentication."""

SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass
class Guard:
    """Lets requests through to an application that may be answered; `scope["person"]` says whose they are."""

    app: ASGIApp
    access: Access
    attempts: Attempts
    logged_out: LoggedOut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return
        refused = self._refused(scope)
        await (refused or self.app)(scope, receive, send)

    def _refused(self, scope: Scope) -> Response | None:
        request, path = HTTPConnection(scope), scope["path"]
        if not self.access.takes_host(request.headers.get("host", "")):
            return problem(421, "This host name is not configured", "set web.url to the address that people use")
        scope["person"] = self._person(scope)
        if self.access.open or path.startswith(PUBLIC) or scope["person"]:
            return None
        programs = path.startswith(FOR_PROGRAMS)
        said = request.headers.get("authorization", "")
        if programs and said:
            return self._program(scope, said)
        if programs:
            return problem(401, "A token is needed", headers=_challenge(path))
        if scope["method"] not in SAFE:
            return problem(403, "Log in first")
        target = path + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
        return RedirectResponse(f"/login?next={quote(target, safe='')}", 303)

    def _person(self, scope: Scope) -> str:
        session = scope["session"]
        if session.get("id") in self.logged_out:
            session.clear()
        return str(session.get("person", ""))

    def _program(self, scope: Scope, said: str) -> Response | None:
        address = scope["client"][0] if scope.get("client") else ""
        wait = self.attempts.wait(address)
        if wait:
            return problem(429, "Too many wrong tokens", headers={"Retry-After": str(wait)})
        name = self.access.program(said)
        if name is None:
            self.attempts.failed(address)
            return problem(401, "This token is not known", headers=_challenge(scope["path"]))
        scope["person"] = name
        return None


def _challenge(path: str) -> dict[str, str]:
    # Feed readers ask their people for a password when they see basic.
    return {"WWW-Authenticate": "Basic realm=monitor" if path.startswith("/feeds/") else "Bearer"}


def form_key(request: Request) -> str:
    """The key that a form must bring back: nobody but a page of ours knows it."""
    key: str = request.session.setdefault("form", new_key())
    return key


def from_us(request: Request, given: str, access: Access) -> bool:
    """True if what was sent comes from a form of ours: it has the session's key and no foreign origin."""
    expected = request.session.get("form", "")
    return (
        bool(expected)
        and hmac.compare_digest(given.encode(), expected.encode())
        and request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
        and _same_origin(request.headers, access)
    )


def _same_origin(headers: Headers, access: Access) -> bool:
    origin = headers.get("origin")
    if origin is None:
        return True
    parts = urlsplit(origin)  # a web server in front may have put a Host of its own
    return parts.netloc == headers.get("host") or parts.hostname in access.hosts
