"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import html
import json
from collections.abc import Iterator

from monitor.errors import ParseError
from monitor.parsing.feedhints import hints_of
from monitor.parsing.items import Channel, Item

_BARE_VERSIONS = ("1", "1.0", "1.1")
"""Against the specification, which asks for a URL, but seen."""


def is_json(body: bytes) -> bool:
    """True if `body` can only be JSON: it begins with a brace."""
    return body[:1_000].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def read_json_feed(body: bytes, url: str) -> Channel:
    """The feed in `body`, which came from `url`; fields of a wrong type count as missing.

    Raises:
        ParseError: when it is no JSON, or JSON of something else.
    """
    try:
        feed = json.loads(body.decode("utf-8-sig"), strict=False)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"is no valid JSON: {error}") from error
    items = feed.get("items")
    version = _text(feed, "version")
    if not isinstance(items, list) or not ("jsonfeed.org" in version or version in _BARE_VERSIONS):
        raise ParseError("is JSON, but no JSON Feed: that has the version of https://jsonfeed.org and a list of items")
    return Channel(
        title=_text(feed, "title"),
        link=_text(feed, "home_page_url"),
        language=_text(feed, "language"),
        items=tuple(_item(item) for item in items if isinstance(item, dict)),
        hints=hints_of(b"", url, tuple(_links(feed))),
    )


def _links(feed: dict[str, object]) -> Iterator[dict[str, str]]:
    """What Atom has as links of the feed."""
    hubs = feed.get("hubs")
    for hub in hubs if isinstance(hubs, list) else ():
        if isinstance(hub, dict) and _text(hub, "type").lower() == "websub":
            yield {"rel": "hub", "href": _text(hub, "url")}
    for relation, key in (("self", "feed_url"), ("next", "next_url")):
        if address := _text(feed, key):
            yield {"rel": relation, "href": address}


def _item(item: dict[str, object]) -> Item:
    links = (_text(item, "url"), _text(item, "external_url"), _permalink(_text(item, "id")))
    return Item(
        title=_text(item, "title"),
        links=tuple(link for link in links if link),
        summary=html.escape(_text(item, "summary")),
        content=_text(item, "content_html") or as_html(_text(item, "content_text")),
        author=", ".join(_authors(item)),
        dates=(_text(item, "date_published"), _text(item, "date_modified")),
        language=_text(item, "language"),
    )


def as_html(text: str) -> str:
    """Plain text as HTML, its lines kept."""
    return html.escape(text).replace("\n", "<br>")


def _permalink(identifier: str) -> str:
    """The specification asks for the item's URL as its id, where there is one."""
    return identifier if identifier.startswith(("http://", "https://")) else ""


def _authors(item: dict[str, object]) -> Iterator[str]:
    people = item.get("authors")
    for person in people if isinstance(people, list) else [item.get("author")]:
        if isinstance(person, dict) and (name := _text(person, "name")):
            yield name


def _text(values: dict[str, object], key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""
