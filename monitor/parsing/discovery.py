"""Finding out how a site can be read: usual addresses of feeds and sitemaps, and the pattern of a listing page."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from monitor.errors import UrlError
from monitor.parsing.dates import parse_date
from monitor.parsing.maintext import weigh
from monitor.parsing.markup import decode, parse_html, plain_title
from monitor.settings import ListingRule
from monitor.urls import canonical

GUESSES = (
    "/feed",
    "/rss",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/feeds/posts/default",
    "/news-sitemap.xml",
    "/sitemap.xml",
)
"""Where sites have feeds and sitemaps that they do not announce, the likeliest first."""

FEWEST = 4
"""Links of one pattern that make a listing."""

_HEADLINE = 16
"""Weight from which the text of a link may be a headline: eight Chinese characters, three English words."""

_BESIDE = frozenset({"nav", "footer", "header", "aside", "form"})
_STABLE = re.compile(r"[a-z]{2,}(?:[-_][a-z]{2,}){0,3}", re.IGNORECASE)
_HEADINGS = "self::h1 or self::h2 or self::h3 or self::h4 or self::h5"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule by which a page can be read as a listing, and the headlines that it finds, in order."""

    rule: ListingRule
    titles: tuple[str, ...]


def guesses(url: str) -> tuple[str, ...]:
    """Addresses on the site of `url` at which feeds and sitemaps are found most often."""
    parts = urlsplit(url)
    return tuple(f"{parts.scheme}://{parts.netloc}{path}" for path in GUESSES)


def infer_listing(body: bytes, url: str, *, timezone: str = "UTC", now: datetime | None = None) -> Proposal | None:
    """The likeliest pattern of a listing on a page, None if there is none.

    Links to the same site with headline-like texts are grouped by where they stand (tags and classes of the elements
    around them). The group with the most to read wins; navigation, footers and side bars do not count.
    """
    tree = parse_html(decode(body))
    if tree is None:
        return None
    groups: dict[tuple[str, ...], list[HtmlElement]] = defaultdict(list)
    for link in tree.xpath("//a[@href]"):
        if _is_headline(link, url):
            groups[tuple(_step(element) for element in _around(link))].append(link)
    ranked = sorted(groups.values(), key=lambda links: -_worth(links, url))
    for links in ranked[:5]:
        proposal = _proposal(tree, links, timezone, now) if _worth(links, url) else None
        if proposal is not None:
            return proposal
    return None


def _around(link: HtmlElement) -> Iterator[HtmlElement]:
    yield link
    for depth, element in enumerate(link.iterancestors()):
        if depth >= 5 or element.tag in ("body", "html"):
            return
        yield element


def _step(element: HtmlElement) -> str:
    names = [name for name in (element.get("class") or "").split() if _STABLE.fullmatch(name)]
    return f"{element.tag}.{names[0]}" if names else str(element.tag)


def _is_headline(link: HtmlElement, url: str) -> bool:
    if weigh(_text(link)) < _HEADLINE or any(element.tag in _BESIDE for element in link.iterancestors()):
        return False
    try:
        address = canonical(link.get("href"), url)
    except UrlError:
        return False
    here, there = urlsplit(url), urlsplit(address)
    return _site(here.hostname) == _site(there.hostname) and there.path.strip("/") != here.path.strip("/")


def _site(host: str | None) -> str:
    return ".".join((host or "").split(".")[-2:])


def _worth(links: Sequence[HtmlElement], url: str) -> int:
    addresses = {link.get("href") for link in links}
    if len(addresses) < FEWEST:
        return 0
    deep = sum(len(urlsplit(canonical(link.get("href"), url)).path) > 6 for link in links)
    return sum(min(weigh(_text(link)), 60) for link in links) + 10 * deep


def _proposal(tree: HtmlElement, links: list[HtmlElement], zone: str, now: datetime | None) -> Proposal | None:
    group = set(links)
    entries = [_entry(link, group) for link in links]
    selector = _selector(entries[0])
    found = tree.cssselect(selector)
    if len(found) > 2 * len(links) or sum(entry in found for entry in entries) < len(entries):
        selector = (
            f"{_selector(entries[0].getparent())} > {selector}" if entries[0].getparent() is not None else selector
        )
        found = tree.cssselect(selector)
    if sum(entry in found for entry in entries) < FEWEST:
        return None
    rule = ListingRule(
        entry=selector,
        link=_inner(entries[0], links[0]),
        title=_title(entries[0], links[0]),
        date=_date(entries, zone, now),
    )
    return Proposal(rule, tuple(_text(link) for link in links))


def _entry(link: HtmlElement, group: set[HtmlElement]) -> HtmlElement:
    """The largest element around a link that holds no other link of its group."""
    element = link
    for parent in link.iterancestors():
        if parent.tag in ("body", "html") or sum(other in group for other in parent.iter("a")) > 1:
            break
        element = parent
    return element


def _selector(element: HtmlElement) -> str:
    return _step(element)


def _inner(entry: HtmlElement, link: HtmlElement) -> str | None:
    """The selector of the link in its entry; None if it is the first one, or the entry itself."""
    if entry is link or next(entry.iter("a"), None) is link:
        return None
    parent = link.getparent()
    step = _step(link)
    return step if step != "a" or parent is None or parent is entry else f"{_step(parent)} > a"


def _title(entry: HtmlElement, link: HtmlElement) -> str | None:
    """The selector of a heading inside the entry, if the link holds more than that."""
    heading = link.xpath(f".//*[{_HEADINGS}]")
    return str(heading[0].tag) if heading and entry.xpath(f".//{heading[0].tag}") else None


def _date(entries: Sequence[HtmlElement], zone: str, now: datetime | None) -> str | None:
    """The selector of what holds the date in the entries; None if it is a <time>, or there is none."""
    first = entries[0]
    if first.xpath(".//time"):
        return None
    for element in first.iter("span", "div", "p", "em", "i", "small", "td"):
        text = _text(element)
        if len(text) <= 30 and parse_date(text, zone, now):
            return _step(element)
    return None


def _text(element: HtmlElement) -> str:
    heading = element.xpath(f".//*[{_HEADINGS}]")
    return plain_title(" ".join((heading[0] if heading else element).itertext()) or element.get("title") or "")
