"""The archive in a browser: articles to which cards link."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from http.client import HTTPConnection, HTTPResponse

import pytest

from monitor.alerting.rules import Routing
from monitor.archive import Archive
from monitor.detection import Detector
from monitor.ingest import Ingest
from monitor.models import Article
from monitor.settings import Company, Route
from monitor.web.pages import Pages
from monitor.web.serving import serving
from tests.conftest import NOW
from tests.fakes.program import free_port
from tests.integration.test_crawl import DEAL

Get = Callable[[str], tuple[HTTPResponse, str]]


@pytest.fixture
def get(archive: Archive) -> Iterator[Get]:
    routing = Routing((Route(channels=("a",)),), max_age=timedelta(days=3))
    ingest = Ingest(archive, Detector((Company(name="星河智能"),), ()), routing, lambda: NOW)
    for outlet in ("one", "two"):
        ingest.store(
            Article(f"https://{outlet}.example/a", outlet, DEAL, f"{DEAL}。\n正文", language="zh", published=NOW)
        )
    ingest.store(Article("javascript:alert(1)", "<b>", "<script>alert(1)</script>", "<img src=x onerror=y>", "&"))
    port = free_port()

    def ask(path: str) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer, answer.read().decode()

    with serving(Pages(archive).app(), f"127.0.0.1:{port}", "web.listen"):
        yield ask


def test_an_article_is_shown_with_what_it_says_and_who_else_reports_it(get: Get) -> None:
    answer, page = get("/articles/1")
    assert answer.status == 200
    assert f'<a href="https://one.example/a" rel="noreferrer">{DEAL}</a>' in page
    assert "星河智能 · Funding round completed" in page
    assert '<a href="/articles/2">two</a>' in page
    assert "<p>正文</p>" in page


def test_nothing_of_an_article_is_markup(get: Get) -> None:
    answer, page = get("/articles/3")
    assert "<script" not in page
    assert "<img" not in page
    assert "href" not in page
    assert str(answer.headers["content-security-policy"]).startswith("default-src 'none'")


@pytest.mark.parametrize("path", ["/articles/99", "/articles/99999999999999999999", "/articles/x", "/", "/articles/-1"])
def test_what_is_not_there_is_not_found(get: Get, path: str) -> None:
    assert get(path)[0].status == 404
