"""Sitemaps: bytes in, addresses of articles or of further sitemaps out (https://www.sitemaps.org/protocol.html)."""

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO

import regex  # type: ignore[import-untyped]
from lxml import etree

from monitor.errors import ParseError, UrlError
from monitor.models import Entry
from monitor.parsing.dates import parse_date
from monitor.parsing.markup import plain_title
from monitor.parsing.metadata import language_code
from monitor.settings import Way
from monitor.urls import REWRITE_SECONDS, canonical, rewrite

MOST_ADDRESSES = 50_000
"""Addresses read of one sitemap: the protocol's own limit."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Child:
    """A sitemap that an index names; `changed` is when it was changed, if that is said."""

    url: str
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The addresses of articles, newest first, or of further sitemaps, newest first.

    An entry's `published` is news:publication_date. What changes with lastmod, which is no date of publication, is its
    fingerprint: it stands in `revision`. `changed` has the newest moment known of each entry, in the same order.
    """

    entries: tuple[Entry, ...] = ()
    changed: tuple[datetime | None, ...] = ()
    children: tuple[Child, ...] = ()

    def split(self, since: datetime, most: int) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
        """The entries worth fetching on a first visit, and the rest: `most` at most, none that is older than `since`.

        Of entries without any date the first `most` are taken: sitemaps list the newest first, or tell nothing.
        """
        fresh = [moment is None or moment >= since for moment in self.changed]
        dated = any(moment is not None for moment in self.changed)
        taken: list[Entry] = []
        left: list[Entry] = []
        for entry, moment, is_fresh in zip(self.entries, self.changed, fresh, strict=True):
            wanted = is_fresh and len(taken) < most and (moment is not None or not dated)
            (taken if wanted else left).append(entry)
        return tuple(taken), tuple(left)


def parse_sitemap(body: bytes, url: str, way: Way, *, timezone: str = "UTC", now: datetime | None = None) -> Sitemap:
    """Read a sitemap, an index of sitemaps (both also gzipped), or a text file with an address a line.

    Only addresses that `way.sitemap` takes are kept; links are rewritten by `way.links`. Malformed XML is read as far
    as it goes. Nothing is fetched, no entity is expanded.

    Raises:
        ParseError: when it is no sitemap, or larger than `way.max_size` once unpacked.
    """
    # An XML declaration counts only at the very beginning; after a blank line, references would go with it.
    data = _unpacked(body, url, way.max_size).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not data.startswith(b"<"):
        return _plain(data, url, way)
    entries: dict[str, tuple[Entry, datetime | None]] = {}
    children: dict[str, Child] = {}
    kind = ""
    for kind, said in _elements(data, url):
        try:
            address = canonical(rewrite(canonical(said.get("loc", ""), url), way.links))
        except UrlError:
            continue
        changed = parse_date(said.get("lastmod", ""), timezone, now)
        if kind == "sitemap":
            if _matches(way.sitemap.children, address):
                children.setdefault(address, Child(address, changed))
        elif _matches(way.sitemap.entries, address):
            entries.setdefault(address, _entry(address, said, changed, timezone, now))
        if len(entries) + len(children) >= MOST_ADDRESSES:
            break
    if not kind:
        raise ParseError(f"{url}: is no sitemap: it has neither <url> nor <sitemap> elements with a <loc>")
    ordered = sorted(entries.values(), key=lambda pair: pair[1] or _LONG_AGO, reverse=True)
    return Sitemap(
        tuple(entry for entry, _ in ordered),
        tuple(changed for _, changed in ordered),
        tuple(sorted(children.values(), key=_age, reverse=True)),
    )


def children_to_read(children: Sequence[Child], newest: int, since: datetime | None) -> tuple[str, ...]:
    """The sitemaps of an index that are worth reading now: the newest, but for those that say they have not changed."""
    return tuple(
        child.url
        for child in children[:newest]
        if since is None or child.changed is None or child.changed >= since - timedelta(days=1)
    )


def _age(child: Child) -> tuple[datetime, tuple[int, ...]]:
    """By lastmod; without one by the numbers in the name: post-sitemap12.xml, sitemap-2024-06.xml."""
    return child.changed or _LONG_AGO, tuple(map(int, _NUMBER.findall(child.url)[-3:]))


def _entry(
    url: str, said: dict[str, str], changed: datetime | None, zone: str, now: datetime | None
) -> tuple[Entry, datetime | None]:
    published = parse_date(said.get("publication_date", ""), zone, now)
    entry = Entry(
        url,
        title=plain_title(said.get("title", "")),
        published=published,
        language=language_code(said.get("language", "")),
        revision=said.get("lastmod", "")[:40],
    )
    return entry, max(filter(None, (published, changed)), default=None)


def _elements(data: bytes, url: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The <url> and <sitemap> elements with the texts in them, by local name; each is forgotten once it was read."""
    try:
        walk = etree.iterparse(
            BytesIO(data), events=("end",), recover=True, resolve_entities=False, no_network=True, huge_tree=False
        )
        for _, element in walk:
            name = _local(element)
            if name in ("url", "sitemap"):
                yield name, {_local(child): (child.text or "").strip() for child in element.iterdescendants()}
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise ParseError(f"{url}: is no sitemap: {error}") from error


def _local(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _plain(data: bytes, url: str, way: Way) -> Sitemap:
    entries = []
    for line in data.decode("utf-8-sig", "replace").splitlines()[:MOST_ADDRESSES]:
        if line.strip():
            try:
                address = canonical(rewrite(canonical(line), way.links))
            except UrlError as error:
                raise ParseError(f"{url}: is no sitemap: {error}") from error
            if _matches(way.sitemap.entries, address):
                entries.append(Entry(address, ""))
    if not entries:
        raise ParseError(f"{url}: is no sitemap: it names no address")
    return Sitemap(tuple(entries), (None,) * len(entries))


def _matches(pattern: str | None, address: str) -> bool:
    try:
        return pattern is None or bool(regex.search(pattern, address, timeout=REWRITE_SECONDS))
    except TimeoutError:
        return False


def _unpacked(body: bytes, url: str, most: int) -> bytes:
    if body[:2] != b"\x1f\x8b":
        return body
    try:
        data = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, most + 1)
    except zlib.error as error:
        raise ParseError(f"{url}: is gzip that cannot be unpacked: {error}") from error
    if len(data) > most:
        raise ParseError(
            f"{url}: is larger than {most} bytes once unpacked; raise the source's max_size if that is right"
        )
    return data
