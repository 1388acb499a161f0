"""Listing pages: bytes in, entries out, by selectors."""

from dataclasses import dataclass
from datetime import datetime

from lxml.html import HtmlElement

from monitor.errors import ParseError, UrlError
from monitor.models import Entry
from monitor.parsing.items import Item, Reading
from monitor.parsing.markup import decode, parse_html, plain_title
from monitor.parsing.overrides import line, select
from monitor.settings import ListingRule, Way
from monitor.urls import canonical


@dataclass(frozen=True, slots=True)
class Listing:
    """The entries of one page, one for an address, and the address of the next page; `skipped` says why of the rest."""

    entries: tuple[Entry, ...]
    next_page: str = ""
    skipped: tuple[str, ...] = ()


def parse_listing(
    body: bytes, url: str, way: Way, *, content_type: str = "", timezone: str = "UTC", now: datetime | None = None
) -> Listing:
    """Read a listing page by the selectors of `way.listing`.

    Dates may be relative (3小时前, 昨天 10:30). An entry without a link that can be used is skipped.

    Raises:
        ParseError: when the selectors find no entry: the page's layout has changed, or it is another page.
    """
    rule = way.listing
    tree = parse_html(decode(body, content_type))
    if rule is None or tree is None:
        raise ParseError(f"{url}: is an empty page")
    found = [element for element in select(tree, rule.entry) if isinstance(element, HtmlElement)]
    if not found:
        links = len(tree.xpath("//a[@href]"))
        raise ParseError(f"{url}: the selector {rule.entry!r} finds nothing; the page has {links} links")
    base = next((element.get("href") for element in tree.xpath("//base[@href]")[:1]), "")
    reading = Reading(url, way.links, timezone, now)
    return listed([_item(element, rule) for element in found], reading, _based(base, url), _next(tree, rule, url))


def listed(items: list[Item], reading: Reading, base: str, next_page: str) -> Listing:
    """The entries of items, one for an address.

    Raises:
        ParseError: when none of them has a link that can be used.
    """
    entries: dict[str, Entry] = {}
    skipped = []
    for item in items:
        try:
            entry = reading.entry(item, base)
            entries.setdefault(entry.url, entry)
        except UrlError as error:
            skipped.append(f"{plain_title(item.title)[:80]!r}: {error}")
    if items and not entries:
        raise ParseError(f"{reading.url}: none of {len(items)} entries has a link that can be used: {skipped[0]}")
    return Listing(tuple(entries.values()), next_page, tuple(skipped))


def _item(element: HtmlElement, rule: ListingRule) -> Item:
    link = _link(element, rule)
    title = line(element, rule.title) if rule.title else ""
    if not title and link is not None:
        title = plain_title(link.get("title") or " ".join(link.itertext()))
    return Item(
        title=title,
        links=(link.get("href") or "",) if link is not None else (),
        summary=line(element, rule.summary),
        author=line(element, rule.author),
        dates=(line(element, rule.date or ".//time"),),
    )


def _link(element: HtmlElement, rule: ListingRule) -> HtmlElement | None:
    if rule.link is None and element.tag == "a":
        return element
    candidates = [one for one in select(element, rule.link or ".//a[@href]") if isinstance(one, HtmlElement)]
    return next((one for one in candidates if one.get("href")), None)


def _next(tree: HtmlElement, rule: ListingRule, url: str) -> str:
    for found in select(tree, rule.next) if rule.next else ():
        try:
            return canonical(found if isinstance(found, str) else found.get("href") or "", url)
        except UrlError:
            continue
    return ""


def _based(base: str, url: str) -> str:
    try:
        return canonical(base, url) if base else url
    except UrlError:
        return url
