"""Logging in and out."""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.web.access import new_key
from monitor.web.forms import form_of
from monitor.web.site import site_of

LONGEST_NAME = 60


def asked(request: Request) -> Response:
    """The form."""
    site = site_of(request)
    return site.render(request, "login.html", fault="", name="", next=request.query_params.get("next", ""))


async def given(request: Request) -> Response:
    """A name and the password; wrong ones are counted."""
    form = await form_of(request)
    return await run_in_threadpool(_log_in, request, form)


def _log_in(request: Request, form: FormData) -> Response:
    site = site_of(request)
    address = request.client.host if request.client else ""
    name = " ".join(str(form.get("name", "")).split())[:LONGEST_NAME]
    target = str(form.get("next", ""))
    wait = site.attempts.wait(address)
    if wait:
        answer = site.render(request, "login.html", 429, fault="too_many", name=name, next=target)
        answer.headers["Retry-After"] = str(wait)
        return answer
    if not name or not site.access.password_is(str(form.get("password", ""))):
        site.attempts.failed(address)
        return site.render(request, "login.html", 403, fault="wrong_password", name=name, next=target)
    site.attempts.succeeded(address)
    request.session.clear()  # nothing that somebody else may have put there goes on
    request.session.update(id=new_key(), person=name)
    return RedirectResponse(inside(target), 303)


def inside(target: str) -> str:
    """The page to go on to, if it is one of ours."""
    ours = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if ours else "/"


async def log_out(request: Request) -> Response:
    """End the session, for whoever may have copied its cookie too."""
    await form_of(request)
    site_of(request).logged_out.end(request.session.get("id", ""))
    request.session.clear()
    return RedirectResponse("/login", 303)


routes = [
    Route("/login", asked, methods=["GET"]),
    Route("/login", given, methods=["POST"]),
    Route("/logout", log_out, methods=["POST"]),
]
