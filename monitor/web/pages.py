"""The archive in a browser: an article with its text, what it says of deals, and who else reports them."""

from collections.abc import Iterable, Iterator
from html import escape

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from monitor.alerting.cards import utc_words
from monitor.alerting.outlets import outlets
from monitor.alerting.plaintext import web_address
from monitor.alerting.wording import money_words, round_words, status_words
from monitor.archive import Archive, Tables
from monitor.archive.articles import ArchivedArticle
from monitor.errors import MonitorError
from monitor.models import Claim, Report

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
_STYLE = (
    "body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1rem/1.7 system-ui,sans-serif}"
    "blockquote{margin:1rem 0;padding:.1rem 1rem;border-left:3px solid #888}small{color:#555}"
)


class Pages:
    """Pages about articles. Who may look is up to the web server in front."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def app(self) -> Starlette:
        """As an ASGI application."""
        routes = [Route("/articles/{number:int}", self._article, methods=["GET"])]
        return Starlette(routes=routes, exception_handlers={MonitorError: _not_now})

    async def _article(self, request: Request) -> Response:
        page = await run_in_threadpool(self._read, request.path_params["number"])
        if page is None:
            return PlainTextResponse("There is no such article in the archive.\n", 404, _HEADERS)
        return HTMLResponse(page, headers=_HEADERS)

    def _read(self, number: int) -> str | None:
        if number >= 2**63:
            return None
        with self._archive.reading() as tables:
            found = tables.articles.get(number)
            return None if found is None else "".join(_page(found, tables))


def _not_now(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse("The archive does not answer; try again later.\n", 503, {**_HEADERS, "Retry-After": "30"})


def _page(found: ArchivedArticle, tables: Tables) -> Iterator[str]:
    article = found.article
    language = escape(article.language or "en", quote=True)
    yield f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{escape(article.title)}</title>'
    yield f"<style>{_STYLE}</style><h1>{_link(article.title, article.url)}</h1><p><small>"
    said = (article.source, article.author, utc_words(article.published) if article.published else "")
    yield " · ".join(escape(part) for part in said if part) + "</small></p>"
    claims = tables.deals.claims_of(found.id)
    for claim in claims:
        yield f"<blockquote>{escape(_facts(claim))}<br>{escape(claim.evidence.sentence)}</blockquote>"
    yield from _others(tables.deals.told_with(found.id), found.id)
    for paragraph in article.text.splitlines():
        yield f"<p>{escape(paragraph)}</p>"
    yield "</html>"


def _facts(claim: Claim) -> str:
    said = (
        claim.company,
        status_words(claim.status, "en"),
        round_words(claim.round, "en") if claim.round else "",
        money_words(claim.amount, "en") if claim.amount else "",
        f"valued at {money_words(claim.valuation, 'en')}" if claim.valuation else "",
        f"led by {', '.join(claim.lead_investors)}" if claim.lead_investors else "",
    )
    return " · ".join(part for part in said if part)


def _others(reports: Iterable[Report], number: int) -> Iterator[str]:
    """The other outlets that report the same deals."""
    found = [outlet for outlet in outlets(reports) if outlet.article_id != number]
    if found:
        yield "<p><small>Also reported by: "
        yield ", ".join(f'<a href="/articles/{o.article_id}">{escape(o.name)}</a>' for o in found)
        yield "</small></p>"


def _link(text: str, url: str) -> str:
    address = web_address(url)
    return f'<a href="{escape(address, quote=True)}" rel="noreferrer">{escape(text)}</a>' if address else escape(text)
