"""Feeds of every format: bytes in, entries out."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

import feedparser
from feedparser.encodings import convert_to_utf8
from w3lib.encoding import read_bom

from monitor.errors import ParseError, UrlError
from monitor.models import Entry, FeedHints
from monitor.parsing.feedhints import hints_of
from monitor.parsing.feedparts import parts_of
from monitor.parsing.items import Channel, Item, Reading
from monitor.parsing.jsonfeed import as_html, is_json, read_json_feed
from monitor.parsing.markup import decode, fits_gb18030, is_mostly_utf8, parse_html, plain_title
from monitor.parsing.metadata import language_code
from monitor.settings import LinkRule
from monitor.urls import canonical

MAX_PROLOG = 16_384
"""Bytes before the first element; feedparser's patterns take time by the square of them."""

MAX_EXPANSION = 100_000
"""Bytes that a feed's own entities may add to it: they are for a copyright sign or an address, not for texts."""

MAX_BROKEN = 2_000
"""Tags without an end that are put up with: malformed feeds have some, hostile ones hundreds of thousands."""

# An emoji as the two halves of UTF-16: no XML, but some publishing systems write it.
_SURROGATES = re.compile(rb"(?:&#(?:[xX][dD][89a-fA-F][0-9a-fA-F]{2}|5[5-7]\d{3});)+")
_CUT_TAG = re.compile(rb"<[A-Za-z][^<>]{0,200}(?=<)")
_OPENED = re.compile(rb"<[A-Za-z]")
_NUMBERS = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|(\d+));")
_ROOT = re.compile(rb"<\w")
_BLANKS = re.compile(rb"\s{2,}")
_SUBSET_END = re.compile(rb"\]\s*>")
_ENTITY = re.compile(rb"<!ENTITY\s+(?:(%)\s|([\w.-]+)\s+(?:\"([^\"]*)\"|'([^']*)')?)")
_REFERENCE = re.compile(rb"[<%]|&(?!#)")
# Not application/json: WordPress announces its API so.
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
_OTHER_CHARSET = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?(?!utf-?8)\w", re.IGNORECASE)
_UTF8 = "application/xml; charset=utf-8"
_DATES = ("published", "updated", "created")


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's entries in its order, one for a URL; `skipped` says why of each entry that was dropped."""

    title: str
    language: str | None
    entries: tuple[Entry, ...]
    skipped: tuple[str, ...] = ()
    hints: FeedHints = field(default_factory=FeedHints)


@dataclass(frozen=True, slots=True)
class FeedStream:
    """A feed whose entries are read as they are asked for; so long the number of those dropped grows in `skipped`."""

    hints: FeedHints
    entries: Iterator[Entry]
    skipped: list[str]


def stream_feed(
    body: bytes,
    url: str,
    content_type: str = "",
    *,
    rules: Sequence[LinkRule] = (),
    timezone: str = "UTC",
    now: datetime | None = None,
) -> FeedStream:
    """The same as `parse_feed`, for feeds of any size: a large one is read in parts, so that memory stays small.

    Raises:
        ParseError: as `parse_feed`, for the first part at once, for a later one when its entries are asked for.
    """
    parts = iter([body]) if is_json(body) else parts_of(body)

    def read(part: bytes) -> Feed:
        return parse_feed(part, url, content_type, rules=rules, timezone=timezone, now=now)

    first = read(next(parts))
    skipped = list(first.skipped)

    def entries() -> Iterator[Entry]:
        seen: set[str] = set()
        for feed in chain([first], map(read, parts)):
            if feed is not first:
                skipped.extend(feed.skipped)
            for entry in feed.entries:
                if entry.url not in seen:
                    seen.add(entry.url)
                    yield entry

    return FeedStream(first.hints, entries(), skipped)


def parse_feed(
    body: bytes,
    url: str,
    content_type: str = "",
    *,
    rules: Sequence[LinkRule] = (),
    timezone: str = "UTC",
    now: datetime | None = None,
) -> Feed:
    """Read RSS 0.9x, 1.0 and 2.0, Atom and JSON Feed, also malformed ones where something can be read.

    `url` is where the feed came from, `content_type` the HTTP header. Relative links start from xml:base, else from the
    feed's own link, else from `url`; then `rules` rewrite them. Dates without a zone are read in `timezone`, those more
    than a day after `now` are not believed. An entry's language is set only where the entry itself states one: what
    feeds state of themselves is too often their software's default. `Entry.content` is HTML as the feed carries it, not
    made safe: read it with `html_to_text`. Nothing is fetched.

    Raises:
        ParseError: when the bytes are no feed, or declare entities that reach outside or expand.
    """
    try:
        channel = read_json_feed(body, url) if is_json(body) else _read_xml(body, content_type, url)
    except ParseError as error:
        raise ParseError(f"{url}: {error}") from error
    except Exception as error:  # feedparser's own code over hostile input: any error may come
        raise ParseError(f"{url}: no feed could be read ({type(error).__name__}: {error})") from error
    reading = Reading(url, rules, timezone, now)
    base = reading.base(channel)
    entries: dict[str, Entry] = {}
    skipped = []
    for item in channel.items:
        try:
            entry = reading.entry(item, base)
        except UrlError as error:
            skipped.append(f"{plain_title(item.title)[:80]!r}: {error}")
            continue
        if entries.setdefault(entry.url, entry) is not entry:
            skipped.append(f"{entry.title[:80]!r}: {entry.url} is in the feed already")
    return Feed(
        plain_title(channel.title),
        language_code(channel.language),
        tuple(entries.values()),
        tuple(skipped),
        channel.hints,
    )


def discover_feeds(body: bytes, url: str) -> tuple[str, ...]:
    """Absolute URLs of the feeds that the page at `url` announces, in its order, each once; none if it is no HTML.

    Announced as https://blog.whatwg.org/feed-autodiscovery says: <link rel=alternate> with the type of a feed.
    """
    tree = parse_html(decode(body))
    if tree is None:
        return ()
    base = next((element.get("href") for element in tree.xpath("//base[@href]")[:1]), "")
    found: dict[str, None] = {}
    for link in tree.xpath("//link[@rel and @href and @type]"):
        kind = link.get("type").partition(";")[0].strip().lower()
        if "alternate" in link.get("rel").lower().split() and kind in _FEED_TYPES:
            try:
                found.setdefault(canonical(link.get("href"), canonical(base, url) if base else url))
            except UrlError:
                continue
    return tuple(found)


def _read_xml(body: bytes, content_type: str, url: str) -> Channel:
    data = _SURROGATES.sub(_joined, _without_doctype(_as_utf8(body, content_type)))
    _refuse_broken(data)
    parsed = feedparser.parse(
        io.BytesIO(data),
        response_headers={"content-type": _UTF8},
        # Both take most of the time on feeds with full texts, and neither changes plain text.
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not parsed.version:
        raise ParseError("is no feed: neither RSS nor Atom nor JSON Feed")
    return Channel(
        # What is there may be None where markup is broken.
        title=parsed.feed.get("title") or "",
        link=parsed.feed.get("link") or "",
        language=parsed.feed.get("language") or "",
        items=tuple(_item(dict(entry)) for entry in parsed.entries),  # without feedparser's substitutes for dates
        hints=hints_of(data, url, parsed.feed.get("links", ())),
    )


def _refuse_broken(data: bytes) -> None:
    """Refuse markup over which feedparser would take time by the square of its size.

    Raises:
        ParseError: for thousands of tags that do not end, or elements that are not closed.
    """
    outside = b"".join(_outside_cdata(data))
    cut = len(_CUT_TAG.findall(outside))
    opened = len(_OPENED.findall(outside)) - outside.count(b"</") - outside.count(b"/>")
    if cut > MAX_BROKEN or opened > MAX_BROKEN:
        raise ParseError(f"is no feed: {max(cut, opened)} of its tags do not end, or their elements are not closed")


def _outside_cdata(data: bytes) -> Iterator[bytes]:
    at = 0
    while (start := data.find(b"<![CDATA[", at)) >= 0 and (end := data.find(b"]]>", start)) >= 0:
        yield data[at:start]
        at = end + len(b"]]>")
    yield data[at:]


def _joined(found: re.Match[bytes]) -> bytes:
    """References to halves of a character as the character; a half without its other one goes."""
    units = [int(hexadecimal, 16) if hexadecimal else int(number) for hexadecimal, number in _NUMBERS.findall(found[0])]
    if not all(0xD800 <= unit <= 0xDFFF for unit in units):
        return found[0]
    pairs = b"".join(unit.to_bytes(2, "big") for unit in units)
    return pairs.decode("utf-16-be", "ignore").encode()


def _as_utf8(body: bytes, content_type: str) -> bytes:
    encoding, mark = read_bom(body)
    if encoding and mark:
        body = body[len(mark) :].decode(encoding, "replace").encode()
    if not body.strip():
        raise ParseError("is empty")
    headers = {"content-type": content_type} if content_type else {}
    # What decodes as UTF-8 is UTF-8, whatever the header says (ASCII says nothing: UTF-7 and others look like it).
    if encoding or (not body.isascii() and is_mostly_utf8(body)):
        headers = {"content-type": _UTF8}
        body = body.decode("utf-8", "replace").encode()  # summaries are cut inside a character
    elif not body.isascii() and not _OTHER_CHARSET.search(content_type.encode() + body[:200]) and fits_gb18030(body):
        headers = {"content-type": "application/xml; charset=gb18030"}
    found: dict[str, Any] = {}
    return convert_to_utf8(headers, body, found)  # type: ignore[no-any-return]


def _without_doctype(data: bytes) -> bytes:
    """`data` with no more of its DOCTYPE than harmless entities, and without runs of blanks before the root."""
    start = data.find(b"<!DOCTYPE")
    root = _ROOT.search(data)
    if root and 0 <= start < root.start():
        end, entities = _doctype(data, start)
        declared = b"".join(b'<!ENTITY %b "%b">\n' % pair for pair in entities.items())
        data = data[:start] + (declared and b"\n<!DOCTYPE feed [\n%b]>" % declared) + data[end:]
        root = _ROOT.search(data)
    if not root:
        raise ParseError("is no feed: it has no XML elements")
    prolog = _BLANKS.sub(b"\n", data[: root.start()])
    if len(prolog) > MAX_PROLOG:
        raise ParseError(f"is no feed: {len(prolog)} bytes come before its first element")
    return prolog + data[root.start() :]


def _doctype(data: bytes, start: int) -> tuple[int, dict[bytes, bytes]]:
    """Where the DOCTYPE ends, and the entities it declares."""
    end = data.find(b">", start) + 1
    if b"[" not in data[start:end]:
        return end, {}
    closing = _SUBSET_END.search(data, start, start + MAX_PROLOG)
    if not closing:
        raise ParseError("has a DOCTYPE that does not end")
    entities: dict[bytes, bytes] = {}
    for parameter, name, double, single in _ENTITY.findall(data[start : closing.end()]):
        value = double or single
        if parameter:
            continue  # names a DTD, which is not read
        if not value or _REFERENCE.search(value):
            raise ParseError(f"declares an entity ({name.decode()}) that reaches outside or expands")
        entities.setdefault(name, value.replace(b'"', b"&#34;"))
    if sum(len(value) * data.count(b"&%b;" % name) for name, value in entities.items()) > MAX_EXPANSION:
        raise ParseError("declares entities that make it grow too much")
    return closing.end(), entities


def _item(entry: Mapping[str, Any]) -> Item:
    bodies = [(body.get("value") or "", body) for body in entry.get("content", ())]
    text, detail = max(bodies, key=lambda pair: len(pair[0]), default=("", {}))
    author = entry.get("author_detail", {}).get("name") or entry.get("author") or ""
    return Item(
        title=entry.get("title") or "",
        links=tuple(dict.fromkeys(_links(entry))),
        summary=_html(entry.get("summary_detail", {}), entry.get("summary") or ""),
        content=_html(detail, text),
        author=author,
        dates=tuple(entry[key] for key in _DATES if key in entry),
        language=entry.get("language") or "",
    )


def _links(entry: Mapping[str, Any]) -> Iterator[str]:
    """Candidates, best first: behind FeedBurner's redirector, the link or permalink, other alternates."""
    alternates = [
        link["href"] for link in entry.get("links", ()) if link.get("rel") == "alternate" and link.get("href")
    ]
    # feedparser takes an enclosure whose address is its text for the link.
    others = {link.get("href") for link in entry.get("links", ())}.difference(alternates)
    link = entry.get("link")
    yield from filter(None, (entry.get("feedburner_origlink"), None if alternates and link in others else link))
    yield from alternates


def _html(detail: Mapping[str, Any], value: str) -> str:
    return as_html(value) if detail.get("type") == "text/plain" and "<" in value else value
