"""Atom (RFC 4287) and JSON Feed 1.1 of deals, and of any search."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from lxml import etree
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.alerting.facts import facts, latest_status
from monitor.alerting.plaintext import cleaned, plain, web_address
from monitor.alerting.wording import say as card_say
from monitor.alerting.wording import status_words
from monitor.archive import Tables
from monitor.archive.search import Hit
from monitor.models import Deal, Report
from monitor.searching.nodes import renamed
from monitor.searching.query import QueryError, parse
from monitor.settings import Language
from monitor.web.etags import tagged
from monitor.web.pages.deals import deal_filter
from monitor.web.problems import problem
from monitor.web.site import SECONDS, language_of, site_of
from monitor.web.words import say

ITEMS = 50
ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a feed; `external` is where the news itself stands."""

    address: str
    title: str
    text: str
    published: datetime
    updated: datetime
    external: str = ""
    author: str = ""


def deals(request: Request) -> Response:
    """The deals that a filter takes, as the page of deals has it."""
    site, language = site_of(request), language_of(request)
    try:
        wanted = deal_filter(request.query_params, site)
    except ValueError as error:
        return problem(400, "The filter is not understood", str(error))
    with site.archive.reading(SECONDS) as tables:
        found = tables.deals.find(wanted, ITEMS)
        items = list(_deal_items(tables, found, site.base(request), language))
    return _answer(request, say("feed_of_deals", language), items)


def search(request: Request) -> Response:
    """What a query finds, newest first."""
    text = request.query_params.get("q", "")
    return _search(request, text, text)


def saved(request: Request) -> Response:
    """What a saved search finds."""
    name = request.path_params["name"]
    with site_of(request).archive.reading(SECONDS) as tables:
        found = tables.saved_searches.get(name)
    if found is None:
        raise HTTPException(404)
    return _search(request, found.query, found.name)


def _search(request: Request, text: str, title: str) -> Response:
    site, language = site_of(request), language_of(request)
    try:
        query = renamed(parse(text, site.clock().date()), site.canonical)
    except QueryError as error:
        return problem(400, "The query is not understood", error.told(language), start=error.start, end=error.end)
    with site.archive.reading(SECONDS) as tables:
        hits = tables.search.find(query, ITEMS)
    items = [_hit_item(hit, site.base(request)) for hit in hits]
    return _answer(request, say("feed_of_search", language).format(title or "*"), items)


def _deal_items(tables: Tables, found: Sequence[Deal], base: str, language: Language) -> Iterable[Item]:
    numbers = [deal.id for deal in found]
    reports, corrected = tables.deals.reports(numbers), tables.corrections.times(numbers)
    for deal in found:
        told = reports.get(deal.id, ())
        updated = max(deal.seen_at, corrected.get(deal.id, deal.seen_at))
        if told:
            yield _deal_item(deal, told, updated, base, language)


def _deal_item(deal: Deal, told: Sequence[Report], updated: datetime, base: str, language: Language) -> Item:
    colon = card_say("colon", language)
    lines = [f"{card_say(key, language)}{colon}{value}" for key, value in facts(told, language) if value]
    lines += [told[0].claim.evidence.sentence, *(f"{report.source}: {report.title}" for report in told[:5])]
    return Item(
        address=f"{base}/deals/{deal.id}",
        title=f"{deal.company} · {status_words(latest_status(told), language)}",
        text="\n".join(lines),
        published=deal.opened_at,
        updated=updated,
        external=web_address(told[0].url),
        author=told[0].source,
    )


def _hit_item(hit: Hit, base: str) -> Item:
    return Item(f"{base}/articles/{hit.id}", hit.title, hit.snippet, hit.at, hit.at, web_address(hit.url), hit.source)


def _answer(request: Request, title: str, items: Sequence[Item]) -> Response:
    site = site_of(request)
    here = f"{site.base(request)}{quote(request.url.path)}" + (f"?{request.url.query}" if request.url.query else "")
    match request.path_params["format"]:
        case "atom":
            return tagged(request, _atom(title, here, site.base(request), items), "application/atom+xml")
        case "json":
            return tagged(request, _json(title, here, site.base(request), items), "application/feed+json")
    raise HTTPException(404)


def _atom(title: str, here: str, home: str, items: Sequence[Item]) -> bytes:
    feed = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    _add(feed, "id", here)
    _add(feed, "title", plain(title))
    _add(feed, "updated", max((item.updated for item in items), default=_EPOCH).isoformat())
    _add(feed, "link", rel="self", href=here, type="application/atom+xml")
    _add(feed, "link", rel="alternate", href=home, type="text/html")
    _add(_add(feed, "author"), "name", "funding-news-monitor")
    for item in items:
        entry = _add(feed, "entry")
        _add(entry, "id", item.address)
        _add(entry, "title", plain(item.title) or item.address)
        _add(entry, "published", item.published.isoformat())
        _add(entry, "updated", item.updated.isoformat())
        _add(entry, "link", rel="alternate", href=item.address, type="text/html")
        if item.external:
            _add(entry, "link", rel="via", href=item.external)
        _add(_add(entry, "author"), "name", plain(item.author) or "–")
        _add(entry, "content", _lines(item.text), type="text")
    written: bytes = etree.tostring(feed, xml_declaration=True, encoding="utf-8")
    return written


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed without items was changed last: it must say something, and always the same."""


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = text and _NOT_XML.sub("", text)
    return element


_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML holds, not even escaped: https://www.w3.org/TR/xml/#charsets"""


def _json(title: str, here: str, home: str, items: Sequence[Item]) -> bytes:
    said = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": plain(title),
        "home_page_url": home,
        "feed_url": here,
        "items": [
            {
                "id": item.address,
                "url": item.address,
                **({"external_url": item.external} if item.external else {}),
                "title": plain(item.title),
                "content_text": _lines(item.text),
                "date_published": item.published.isoformat(),
                "date_modified": item.updated.isoformat(),
                **({"authors": [{"name": plain(item.author)}]} if plain(item.author) else {}),
            }
            for item in items
        ],
    }
    return json.dumps(said, ensure_ascii=False).encode()


def _lines(text: str) -> str:
    return "\n".join(cleaned(line) for line in text.splitlines())


routes = [
    Route("/feeds/deals.{format}", deals, methods=["GET"]),
    Route("/feeds/search.{format}", search, methods=["GET"]),
    Route("/feeds/saved/{name}.{format}", saved, methods=["GET"]),
]
