"""Who may look at the archive, and what protects it: every route is listed here."""

import socket
from collections.abc import Iterator

import pytest
from fastapi import APIRouter
from starlette.routing import BaseRoute, Mount, Route

from monitor.archive import Archive
from monitor.settings import Web
from monitor.web import app as web_app
from monitor.web.access import TRIES, WITHIN, Access, Attempts, LoggedOut
from monitor.web.headers import HEADERS
from monitor.web.site import Site
from tests.conftest import NOW, on_sqlite
from tests.fakes.newsroom import Newsroom
from tests.fakes.program import Program, free_port
from tests.fakes.visitor import Visitor, basic, looking
from tests.integration.test_crawl import wait_for

pytestmark = on_sqlite

PASSWORD, TOKEN = "correct horse battery", "a-token-of-24-characters"
SECRETS = Access(PASSWORD, {"reader": TOKEN})

PAGE, FORM, PUBLIC, PROGRAM = "page", "form", "public", "program"

ROUTES = {
    ("GET", "/"): PAGE,
    ("GET", "/deals/{number:int}"): PAGE,
    ("POST", "/deals/{number:int}/correct"): FORM,
    ("GET", "/companies"): PAGE,
    ("GET", "/companies/{name:path}"): PAGE,
    ("GET", "/search"): PAGE,
    ("POST", "/search/saved"): FORM,
    ("GET", "/articles/{number:int}"): PAGE,
    ("GET", "/figures"): PAGE,
    ("GET", "/alerts"): PAGE,
    ("POST", "/alerts/{number:int}/feedback"): FORM,
    ("GET", "/feedback"): PAGE,
    ("GET", "/sources"): PAGE,
    ("GET", "/login"): PUBLIC,
    ("POST", "/login"): PUBLIC,
    ("POST", "/logout"): FORM,
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/metrics"): PROGRAM,
    ("GET", "/feeds/deals.{format}"): PROGRAM,
    ("GET", "/feeds/search.{format}"): PROGRAM,
    ("GET", "/feeds/saved/{name}.{format}"): PROGRAM,
    ("GET", "/api/openapi.json"): PROGRAM,
    ("GET", "/api/articles"): PROGRAM,
    ("GET", "/api/articles/{number}"): PROGRAM,
    ("GET", "/api/deals"): PROGRAM,
    ("GET", "/api/deals/{number}"): PROGRAM,
    ("GET", "/api/companies"): PROGRAM,
    ("GET", "/api/companies/{name:path}"): PROGRAM,
    ("GET", "/api/sources"): PROGRAM,
    ("GET", "/api/alerts"): PROGRAM,
    ("GET", "/api/search"): PROGRAM,
    ("GET", "/static/{path:path}"): PUBLIC,
}
"""Every route, and who may ask: people who are logged in, by a form of ours alone, programs with a token, anybody."""


def example(path: str) -> str:
    """An address that a route answers."""
    for part, value in (("{number:int}", "1"), ("{number}", "1"), ("{name:path}", "星河智能"), ("{format}", "atom")):
        path = path.replace(part, value)
    return path.replace("{name}", "mine").replace("{path:path}", "style.css")


def listed(routes: list[BaseRoute], before: str = "") -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, Mount):
            inner = list(route.routes or ())
            yield from listed(inner, route.path) if inner else [("GET", f"{route.path}/{{path:path}}")]
        elif isinstance(route, Route):
            yield from ((method, before + route.path) for method in (route.methods or ()) if method != "HEAD")
        elif isinstance(included := getattr(route, "original_router", None), APIRouter):
            yield from listed(included.routes, before)
        else:
            yield "?", f"{before}{route!r}"


@pytest.fixture
def stocked(archive: Archive) -> Archive:
    Newsroom(archive).usual()
    return archive


@pytest.fixture
def visitor(stocked: Archive) -> Iterator[Visitor]:
    with looking(stocked, SECRETS) as visitor:
        yield visitor


def test_every_route_is_listed_here(archive: Archive) -> None:
    site = Site(archive, lambda: None, lambda: NOW, Access(), Attempts(), LoggedOut(), Web())
    assert sorted(listed(web_app.routes(site))) == sorted(ROUTES)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_route_asks_who_it_is_and_has_the_headers(visitor: Visitor, method: str, path: str) -> None:
    answer = visitor.ask(method, example(path), body=b"" if method == "POST" else None)
    match ROUTES[method, path]:
        case "page":
            assert answer.status == 303
            assert answer.headers["location"].startswith("/login?next=")
        case "form":
            assert answer.status == 403
        case "program":
            assert answer.status == 401
            assert answer.headers["www-authenticate"]
            assert answer.headers["content-type"] == "application/problem+json"
        case "public":
            assert answer.status in (200, 403, 411)
    assert {name: answer.headers.get(name.lower()) for name in HEADERS} == dict(HEADERS)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_route_answers_who_is_logged_in(visitor: Visitor, method: str, path: str) -> None:
    assert visitor.log_in(PASSWORD).status == 303
    answer = visitor.ask(method, example(path), body=b"x=y" if method == "POST" else None)
    missing = path == "/feeds/saved/{name}.{format}"
    assert answer.status == (404 if missing else 403 if method == "POST" else 200), answer.text


def test_every_error_has_the_headers_and_shows_nothing_of_the_program(visitor: Visitor) -> None:
    visitor.log_in(PASSWORD)
    answers = [
        visitor.get("/nothing"),
        visitor.get("/api/nothing"),
        visitor.ask("DELETE", "/"),
        visitor.ask("PUT", "/api/deals"),
        visitor.get("/static/../app.py"),
        visitor.get("/static/%2e%2e/app.py"),
        visitor.get("/?after=x"),
    ]
    assert [answer.status for answer in answers] == [404, 404, 405, 405, 404, 404, 400]
    for answer in answers:
        assert {name: answer.headers.get(name.lower()) for name in HEADERS} == dict(HEADERS)
        assert "Traceback" not in answer.text
        assert "starlette" not in answer.text.lower()
        assert "server" not in answer.headers


def test_what_nobody_foresaw_is_an_error_without_details(stocked: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.web.pages.deals.PAGE", "a secret")
    with looking(stocked) as visitor:
        answer = visitor.get("/")
    assert answer.status == 500
    assert "secret" not in answer.text
    assert {name: answer.headers.get(name.lower()) for name in HEADERS} == dict(HEADERS)


def test_no_style_and_no_script_stands_in_a_page(visitor: Visitor) -> None:
    visitor.log_in(PASSWORD)
    for path in (
        "/",
        "/deals/2",
        "/companies/星河智能",
        "/search?q=融资",
        "/figures",
        "/alerts",
        "/sources",
        "/articles/2",
    ):
        page = visitor.get(path).text
        assert "style=" not in page
        assert "<style" not in page
        assert "onclick" not in page
        assert all('src="/static/' in tag for tag in page.split("<script")[1:])
        assert "http-equiv" not in page


def test_logging_in_leads_back_and_out_again(visitor: Visitor) -> None:
    assert visitor.get("/deals/2?x=1").headers["location"] == "/login?next=%2Fdeals%2F2%3Fx%3D1"
    answer = visitor.log_in(PASSWORD, next="/deals/2?x=1")
    assert answer.headers["location"] == "/deals/2?x=1"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert visitor.get("/deals/2").status == 200
    stolen = dict(visitor.cookies)
    assert visitor.send("/logout", "/").headers["location"] == "/login"
    assert visitor.get("/").status == 303
    visitor.cookies = stolen  # a copy of the cookie is of no use either
    assert visitor.get("/").status == 303


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "", "x", "/\tx"])
def test_logging_in_leads_nowhere_else(visitor: Visitor, target: str) -> None:
    assert visitor.log_in(PASSWORD, next=target).headers["location"] == "/"


def test_a_cookie_that_was_made_up_is_none(visitor: Visitor) -> None:
    visitor.cookies["monitor_session"] = "eyJwZXJzb24iOiAieCJ9.aaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaa"
    assert visitor.get("/").status == 303


def test_wrong_passwords_are_counted(visitor: Visitor) -> None:
    for _ in range(TRIES):
        assert visitor.log_in("wrong").status == 403
    answer = visitor.log_in(PASSWORD)
    assert answer.status == 429
    assert 0 < int(answer.headers["retry-after"]) <= WITHIN + 1
    assert visitor.get("/api/deals", Authorization=f"Bearer {TOKEN}").status == 429


def test_programs_come_with_a_token(visitor: Visitor) -> None:
    assert visitor.get("/api/deals", Authorization=f"Bearer {TOKEN}").status == 200
    assert visitor.get("/feeds/deals.atom", Authorization=basic("x", TOKEN)).status == 200
    assert visitor.get("/feeds/deals.atom", Authorization=basic("x", PASSWORD)).status == 200
    for wrong in ("Bearer x", "Basic !!!", "Basic eA==", "Digest x", "Bearer"):
        assert visitor.get("/api/deals", Authorization=wrong).status in (401, 429)
    assert visitor.get("/", Authorization=f"Bearer {TOKEN}").status == 303  # pages are for people


def test_a_form_from_elsewhere_does_nothing(visitor: Visitor, stocked: Archive) -> None:
    visitor.log_in(PASSWORD)
    fields = {"what": "dismiss"}
    path, page = "/deals/2/correct", "/deals/2"
    assert visitor.send(path, **fields).status == 403
    assert visitor.send(path, form_key="x", **fields).status == 403
    assert visitor.send(path, page, {"Origin": "https://evil.example"}, **fields).status == 403
    assert visitor.send(path, page, {"Origin": "null"}, **fields).status == 403
    assert visitor.send(path, page, {"Sec-Fetch-Site": "cross-site"}, **fields).status == 403
    with stocked.reading() as tables:
        deal = tables.deals.get(2)
        assert deal is not None
        assert not deal.dismissed
    ours = {"Origin": f"http://127.0.0.1:{visitor.port}", "Sec-Fetch-Site": "same-origin"}
    assert visitor.send(path, page, ours, **fields).status == 303


def test_a_correction_is_by_who_is_logged_in(visitor: Visitor, stocked: Archive) -> None:
    visitor.log_in(PASSWORD, name="Han Meimei")
    visitor.send("/deals/2/correct", "/deals/2", what="dismiss", person="Somebody Else")
    with stocked.reading() as tables:
        assert [made.person for made in tables.corrections.of(2)] == ["Han Meimei"]


def test_a_form_behind_a_web_server_that_names_another_host(stocked: Archive) -> None:
    with looking(stocked, Access(PASSWORD, {}, frozenset({"monitor.example.com"}))) as visitor:
        visitor.log_in(PASSWORD)
        origin = {"Origin": "https://monitor.example.com"}
        assert visitor.send("/deals/2/correct", "/deals/2", origin, what="dismiss").status == 303


def test_what_is_too_much_is_refused(visitor: Visitor) -> None:
    assert visitor.send("/login", "/login", name="x" * 300_000, password="x").status == 413


def test_without_a_password_only_this_machines_names_are_answered(stocked: Archive) -> None:
    with looking(stocked, Access(hosts=frozenset({"monitor.example.com"}))) as visitor:
        for host, status in (
            ("localhost:8080", 200),
            ("127.0.0.1", 200),
            ("[::1]:8080", 200),
            ("monitor.example.com", 200),
            ("evil.example", 421),
        ):
            visitor.host = host
            assert visitor.get("/").status == status


def test_cookies_and_browsers_stay_with_https(stocked: Archive) -> None:
    with looking(stocked, SECRETS, web=Web(url="https://monitor.example.com")) as visitor:
        answer = visitor.get("/login")
        assert "secure" in answer.headers["set-cookie"].lower()
        assert answer.headers["strict-transport-security"]


def test_the_program_refuses_to_show_the_archive_to_everybody(program: Program) -> None:
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "x", "url": "https://x.example/f"}],
        web={"listen": "0.0.0.0:8080"},
    )
    assert program.run("db", "upgrade").returncode == 0
    for command in ("run", "web"):
        refused = program.run(command)
        assert refused.returncode == 2
        assert "web.listen: 0.0.0.0:8080 can be reached from other machines: set MONITOR_PASSWORD" in refused.stderr
    wrong = program.run("web", "--listen", "nowhere")
    assert wrong.returncode == 2
    assert "--listen: 'nowhere' is no place to listen at" in wrong.stderr


def test_the_web_command_answers_until_it_is_ended(program: Program) -> None:
    assert program.run("db", "upgrade").returncode == 0
    port = free_port()
    running = program.start("web", "--listen", f"127.0.0.1:{port}")
    try:
        wait_for(lambda: reachable(port))
        assert Visitor(port).get("/").status == 200
    finally:
        running.terminate()
        _, said = running.communicate(timeout=20)
    assert running.returncode == 0
    assert f"at http://127.0.0.1:{port}; Ctrl-C ends it." in said


def reachable(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
