"""Feeds that are broken, odd or meant to do harm: read or refused, in little time."""

import json
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.parsing.feedhints import hints_of
from monitor.parsing.feeds import parse_feed, stream_feed
from monitor.text import clean_line
from monitor.urls import canonical

URL = "https://site.example/feed"
ITEM = "<item><title>第{0}条</title><link>/{0}</link><description>摘要{0}</description></item>"
RSS = '<?xml version="1.0" encoding="{1}"?><rss version="2.0"><channel><title>站</title>{0}</channel></rss>'


def rss(items: int = 3, encoding: str = "utf-8") -> str:
    return RSS.format("".join(map(ITEM.format, range(items))), encoding)


def read(body: bytes, content_type: str = "") -> list[str]:
    """Titles of the entries; none where the feed is refused."""
    try:
        return [entry.title for entry in parse_feed(body, URL, content_type).entries]
    except ParseError as error:
        assert str(error).startswith(URL)  # noqa: PT017
        return []


def read_or_refused(body: bytes, content_type: str = "") -> bool:
    """True if each entry has an address that can be fetched and a clean title of one line, or the error names the feed.

    Any other exception is a fault of the parser, and comes out of here.
    """
    try:
        entries = parse_feed(body, URL, content_type).entries
    except ParseError as error:
        return str(error).startswith(URL)
    return all(canonical(entry.url) == entry.url and clean_line(entry.title) == entry.title for entry in entries)


@given(st.binary(max_size=300), st.sampled_from(["", "text/xml; charset=gb2312", "application/json", "text/html"]))
def test_any_bytes_are_entries_or_an_error(body: bytes, content_type: str) -> None:
    assert read_or_refused(body, content_type)
    assert read_or_refused(b"<rss><channel>" + body, content_type)
    assert read_or_refused(b'{"version": "1", "items": [' + body + b"]}", content_type)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "url", "title", "authors", "date_published", "hubs", "content_html"]), inner
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["title", "hubs", "feed_url", "next_url", "language"]), JSON), st.lists(JSON))
def test_any_json_is_entries_or_an_error(feed: dict[str, object], items: list[object]) -> None:
    said = {**feed, "version": "https://jsonfeed.org/version/1.1", "items": items}
    assert read_or_refused(json.dumps(said).encode())


@given(st.data())
def test_a_feed_that_is_cut_or_garbled_anywhere_keeps_what_can_be_read(data: st.DataObject) -> None:
    body = bytearray(rss().encode())
    at = data.draw(st.integers(0, len(body) - 1))
    complete = body[:at].count(b"</item>")
    assert read(bytes(body[:at]))[:complete] == ["第0条", "第1条", "第2条"][:complete]
    body[at] = data.draw(st.integers(0, 255))
    assert read_or_refused(bytes(body))


@pytest.mark.parametrize(
    ("declared", "meant"),
    [
        ("utf-8", "utf-8-broken"),
        ("utf-8", "utf-8"),
        ("gb2312", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-8", "gb18030"),
        ("gb2312", "utf-8"),
        ("utf-16", "utf-16"),
        ("big5", "big5"),
    ],
)
def test_titles_are_right_whatever_charset_is_declared(declared: str, meant: str) -> None:
    title = "獲投" if meant == "big5" else "智谱获投镕"
    text = rss(1, declared).replace("第0条", title)
    if meant == "utf-8-broken":  # a summary that was cut inside a character
        body = text.encode().replace("摘要0".encode(), f"{'摘要' * 20}".encode()[:-1])
    else:
        body = text.replace("摘要", "").replace("站", "").encode(meant)
    assert read(body) == [title]


def deep(levels: int) -> bytes:
    return rss(1).replace("摘要0", "&lt;b&gt;" * levels).encode()


@pytest.mark.parametrize(
    "body",
    [
        lambda: b"<a" * 500_000,
        lambda: b"<rss><channel>" + b"<![CDATA[" * 100_000,
        lambda: b"<rss><channel><item><title>" + b"&" * 1_000_000,
        lambda: b"<rss><channel>" + b"<item>" * 100_000,
        lambda: b"<rss><channel><item>" + b"<x>" * 100_000,
        lambda: deep(100_000),
        lambda: rss(1).replace("/0", "/" + "x" * 1_000_000).encode(),
        lambda: rss(1).replace("<item>", f'<item a="{"x" * 1_000_000}">').encode(),
        lambda: rss(1).replace("第0条", "<" * 1_000_000).encode(),
        lambda: rss(1).replace("第0条", "<script" * 150_000).encode(),
        lambda: rss(1).replace("摘要0", "<!--" * 250_000).encode(),
        lambda: b"<feed><entry>" + b'<link rel="alternate" href="/x"/>' * 30_000,
        lambda: b'{"version": "1", "items": [' + b"[" * 100_000,
        lambda: b"<rss><channel>" + b"<ttl>" * 100_000 + b"<skipHours>" * 50_000,
    ],
)
def test_a_feed_of_a_megabyte_of_nonsense_takes_little_time(body: Callable[[], bytes]) -> None:
    """Ten seconds are far above what any takes, and far below what time by the square of the size would."""
    begun = time.process_time()
    read(body())
    assert time.process_time() - begun < 10


PARTS = st.lists(
    st.sampled_from(
        [
            "<item><title>a</title><link>/{n}</link></item>",
            "<item>\n<link>/{n}</link><content:encoded><![CDATA[<item><link>/no</link></item>]]></content:encoded></item>",
            "<!-- <item><link>/no</link></item> --><item><link>/{n}</link></item>",
            '<item rdf:about="/{n}"><link>/{n}</link></item>',
            "<item><link>/{n}</link><source url='/s'>x</source><media:group><entry>x</entry></media:group></item>",
            "<items>x</items><itemx/><item><link>/{n}</link></item>",
        ]
    ),
    min_size=12,
    max_size=20,
)


@settings(max_examples=10)
@given(PARTS, st.sampled_from(["</channel></rss>", "</channel>", ""]))
def test_a_feed_read_in_parts_has_the_entries_of_the_whole(parts: list[str], end: str) -> None:
    head = (
        '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><channel><title>x</title>'
    )
    filler = f"<description>{'长' * 70_000}</description>"
    items = "".join(part.format(n=n).replace("</item>", f"{filler}</item>") for n, part in enumerate(parts))
    body = f"{head}{items}{end}".encode()
    streamed = [entry.url for entry in stream_feed(body, URL).entries]
    assert streamed == [entry.url for entry in parse_feed(body, URL).entries]


@given(st.text(), st.text(), st.text(), st.text())
def test_any_hint_is_sensible_or_none(ttl: str, period: str, hour: str, day: str) -> None:
    body = (
        f"<ttl>{ttl}</ttl><sy:updatePeriod>{period}</sy:updatePeriod><skipHours><hour>{hour}</hour></skipHours>"
        f"<skipDays><day>{day}</day></skipDays>"
    )
    hints = hints_of(body.encode(errors="replace"), URL)
    assert hints.every is None or hints.every.total_seconds() > 0
    assert hints.skip_hours <= set(range(24))
    assert hints.skip_days <= set(range(7))


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("<ttl>60</ttl>", 1),
        ("<ttl>0</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>999999</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", 1),
        ("<sy:updatePeriod>\n daily </sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 6),
        ("<sy:updatePeriod>sometimes</sy:updatePeriod>", None),
        ("<sy:updateFrequency>2</sy:updateFrequency>", None),
        ("<ttl>60</ttl><sy:updatePeriod>daily</sy:updatePeriod>", 24),
    ],
)
def test_the_interval_that_a_feed_asks_for_is_its_longest(said: str, hours: float | None) -> None:
    every = hints_of(said.encode(), URL).every
    assert (every and every.total_seconds() / 3600) == hours


def test_hours_and_days_that_are_left_out_are_told_as_gmt_and_english() -> None:
    hints = hints_of(
        b"<skipHours><hour>0</hour><hour>24</hour><hour>23</hour><hour>99</hour></skipHours>"
        b"<skipDays><day>Saturday</day><day>sunday</day><day>Sometimes</day></skipDays>",
        URL,
    )
    assert hints.skip_hours == {0, 23}
    assert hints.skip_days == {5, 6}
