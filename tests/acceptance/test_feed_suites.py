"""The feeds of two parsers' test suites, held against what these suites say of them; see MONITOR_TEST_DATA.

feedparser's files state what holds of them as a Python expression in a comment (`Expect:`), gofeed's in a JSON file
beside them. Looked at are the titles, links and times of entries. Titles are compared as text, since ours hold no
markup, and links in canonical form. Most files have no link where they state a title or time: these are given one.
"""

import ast
import json
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from lxml import html

from monitor.errors import ParseError
from monitor.models import Entry
from monitor.parsing.feeds import parse_feed
from monitor.urls import canonical

FEEDS = Path(os.environ.get("MONITOR_TEST_DATA", "MONITOR_TEST_DATA is not set")) / "feeds"
pytestmark = pytest.mark.skipif(not FEEDS.is_dir(), reason=f"the folder of real feeds is not here: {FEEDS}")

URL = "http://127.0.0.1:8097/feed.xml"
"""Where feedparser's suite serves its files."""

DIFFERENT = {
    r"/cdf/": "Channel Definition Format, of 1997, is refused: no site that has news today serves it",
    r"/rss_channel_item_uri_at_protocol": "feedparser takes the attribute `uri` for the address, which nobody fetches",
}
"""Where ours differ, by a pattern of the file's path, and why."""

_SAID = re.compile(r"entries\[(\d+)\]\['(title|link|published|updated)(_parsed)?'\]")
_ITEM = re.compile(rb"<(?:\w+:)?(item|entry)\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True)
class Stated:
    """What a suite says of one entry: `what` is title, link or time."""

    file: Path
    number: int
    what: str
    value: str | datetime

    def agrees(self, entry: Entry) -> bool:
        if self.what == "title":
            return entry.title == _text(str(self.value))
        if self.what == "link":
            return entry.url == canonical(str(self.value), URL)
        return entry.published == self.value


def _text(markup: str) -> str:
    found = html.fromstring(f"<div>{markup}</div>").text_content() if re.search("[<&]", markup) else markup
    return " ".join(str(found).split())


def files() -> list[Path]:
    return sorted(path for folder in ("feedparser", "gofeed", "zh", "gptnb") for path in (FEEDS / folder).rglob("*.*"))


def statements(file: Path) -> Iterator[Stated]:
    found = _by_feedparser(file) if "feedparser" in file.parts else _by_gofeed(file)
    values = {(number, what): value for number, what, value in found if value}
    for (number, what), value in values.items():
        if what in ("title", "link"):
            yield Stated(file, number, what, value)  # type: ignore[arg-type]
        elif what == "published" or (number, "published") not in values:
            yield Stated(file, number, "time", _time(value))


def _time(value: object) -> datetime:
    if isinstance(value, tuple):
        year, month, day, hour, minute, second = value[:6]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    return datetime.fromisoformat(str(value)).astimezone(UTC)


def _by_feedparser(file: Path) -> Iterator[tuple[int, str, object]]:
    expected = re.search(rb"Expect:\s*(.*?)\s*(?:-->|\n)", file.read_bytes()[:5000], re.DOTALL)
    try:
        tree = ast.parse(expected[1].decode(errors="replace") if expected else "None", mode="eval")
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare) or not all(isinstance(operator, ast.Eq) for operator in node.ops):
            continue
        for left in (node.left, *node.comparators[:-1]):
            named = _SAID.fullmatch(ast.unparse(left))
            if named and (named[2] in ("title", "link")) is (named[3] is None):
                with suppress(ValueError):  # an expression where the value should be
                    yield int(named[1]), named[2], ast.literal_eval(node.comparators[-1])


def _by_gofeed(file: Path) -> Iterator[tuple[int, str, object]]:
    stated = file.with_suffix(".json") if file.suffix == ".xml" else file.with_name(f"{file.stem}_expected.json")
    if not stated.exists():
        return
    feed = json.loads(stated.read_text(encoding="utf-8"))
    for number, item in enumerate(feed.get("items") or feed.get("entries") or ()):
        links = [link for link in item.get("links") or () if isinstance(link, str) or link.get("rel") == "alternate"]
        first = links[0] if links else None
        yield (
            number,
            "link",
            item.get("link") or item.get("url") or (first.get("href") if isinstance(first, dict) else first),
        )
        yield number, "title", item.get("title")
        yield number, "published", item.get("publishedParsed") or item.get("pubDateParsed")
        yield number, "updated", item.get("updatedParsed")


def entries(body: bytes) -> tuple[Entry, ...]:
    try:
        return parse_feed(body, URL).entries
    except ParseError:
        return ()


def with_links(body: bytes) -> bytes:
    numbers = count()

    def add(tag: re.Match[bytes]) -> bytes:
        link = f"http://added.example/{next(numbers)}"
        return tag[0] + (f'<link href="{link}"/>' if tag[1].lower() == b"entry" else f"<link>{link}</link>").encode()

    return _ITEM.sub(add, body)


def test_titles_links_and_times_are_those_that_the_suites_state() -> None:
    stated, agreeing, unexplained = Counter[str](), Counter[str](), []
    for file in files():
        for one in statements(file):
            body = file.read_bytes()
            found = entries(body if one.what == "link" else with_links(body))
            stated[one.what] += 1
            # Of entries with one link there is the first alone.
            if found and one.agrees(found[min(one.number, len(found) - 1)]):
                agreeing[one.what] += 1
            elif not any(re.search(pattern, file.as_posix()) for pattern in DIFFERENT):
                unexplained.append(one)
    assert unexplained == []
    assert {what: stated[what] - agreeing[what] for what in stated} == {"title": 1, "link": 2, "time": 1}
    assert all(
        number >= least for number, least in ((stated["title"], 100), (stated["link"], 35), (stated["time"], 15))
    )


def test_every_file_is_read_or_refused_with_its_address_within_a_second() -> None:
    slow = []
    for file in files():
        begun = time.process_time()
        entries(file.read_bytes())
        if time.process_time() - begun > 1:
            slow.append(file)
    assert slow == []
