"""Sitemaps and indexes of sitemaps."""

import gzip
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.parsing.sitemaps import Child, Sitemap, children_to_read, parse_sitemap
from monitor.settings import LinkRule, SitemapRule, Way

URL = "https://site.example/sitemap.xml"
WAY = Way(kind="sitemap", url=URL)
NOW = datetime(2024, 6, 8, tzinfo=UTC)
NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
  <url><loc>https://site.example/a</loc><lastmod>2024-06-01</lastmod></url>
  <url><loc> https://site.example/b?utm_source=x </loc><news:news><news:publication><news:name>S</news:name>
    <news:language>zh-cn</news:language></news:publication><news:publication_date>2024-06-07T10:30:00+08:00</news:publication_date>
    <news:title>镕辉科技&lt;b&gt;融资&lt;/b&gt; &amp;amp; 扩张</news:title></news:news></url>
</urlset>"""


def read(body: bytes | str, way: Way = WAY) -> Sitemap:
    return parse_sitemap(body if isinstance(body, bytes) else body.encode(), URL, way, now=NOW)


@pytest.mark.parametrize(
    "pack", [lambda b: b, gzip.compress, lambda b: b"\xef\xbb\xbf\n" + b, lambda b: b.replace(b"</urlset>", b"")]
)
def test_articles_are_read_newest_first_with_what_the_news_extension_says(pack: Callable[[bytes], bytes]) -> None:
    newest, oldest = read(pack(NEWS.encode())).entries
    assert (newest.url, oldest.url) == ("https://site.example/b", "https://site.example/a")
    assert (newest.title, newest.language) == ("镕辉科技融资 & 扩张", "zh")
    assert newest.published == datetime(2024, 6, 7, 2, 30, tzinfo=UTC)
    assert (oldest.published, oldest.revision) == (None, "2024-06-01")  # lastmod is no date of publication


def test_an_index_names_its_sitemaps_newest_first_by_date_or_number() -> None:
    entries = "".join(
        f"<sitemap><loc>/s{n}.xml</loc>{when}</sitemap>"
        for n, when in (
            (2, ""),
            (10, ""),
            (1, "<lastmod>2024-06-01</lastmod>"),
            (7, "<lastmod>2024-06-05T00:00Z</lastmod>"),
        )
    )
    children = read(f"<sitemapindex>{entries}</sitemapindex>").children
    assert [child.url.rpartition("/")[2] for child in children] == ["s7.xml", "s1.xml", "s10.xml", "s2.xml"]
    assert children_to_read(children, 2, datetime(2024, 6, 4, tzinfo=UTC)) == ("https://site.example/s7.xml",)
    assert len(children_to_read(children, 3, None)) == 3


def test_only_addresses_that_the_rule_takes_are_kept_and_links_are_rewritten() -> None:
    way = WAY.model_copy(
        update={
            "sitemap": SitemapRule(entries="/b"),
            "links": (LinkRule(pattern="^https://site", replace="https://m.site"),),
        }
    )
    assert [entry.url for entry in read(NEWS, way).entries] == ["https://m.site.example/b"]


def test_a_text_file_has_an_address_a_line() -> None:
    assert [entry.url for entry in read("https://site.example/1\r\n\r\nhttps://site.example/2\n").entries] == [
        "https://site.example/1",
        "https://site.example/2",
    ]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html><body>not found</body></html>",
        "<urlset></urlset>",
        "no address",
        "javascript:alert(1)",
        b"\x1f\x8bgarbage",
        gzip.compress(b"<urlset>" + b" " * 30_000_000),
    ],
)
def test_what_is_no_sitemap_is_refused_with_its_address(body: bytes | str) -> None:
    with pytest.raises(ParseError, match=r"https://site\.example/sitemap\.xml"):
        read(body)


def test_entities_are_not_expanded_and_nothing_outside_is_read() -> None:
    declared = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname"><!ENTITY b "&c;&c;&c;"><!ENTITY c "cccccccc">]>'
    loc = "<url><loc>https://site.example/{}</loc></url>"
    found = read(f"{declared}<urlset>{loc.format('&a;')}{loc.format('&b;')}{loc.format('x')}</urlset>")
    assert found.entries[-1].url == "https://site.example/x"
    assert all("ccc" not in entry.url for entry in found.entries)


@pytest.mark.parametrize(
    "body",
    [
        lambda: "<urlset>" + "<url><loc>/x</loc>" * 60_000,
        lambda: "<urlset>" + "<url>" * 200_000,
        lambda: "<urlset><url><loc>" + "x" * 1_000_000,
        lambda: "https://site.example/" * 50_000,
        lambda: "<urlset>" + "".join(f"<url><loc>https://site.example/{i}</loc></url>" for i in range(60_000)),
    ],
)
def test_a_sitemap_of_nonsense_takes_little_time(body: Callable[[], str]) -> None:
    begun = time.process_time()
    with suppress(ParseError):
        assert len(read(body()).entries) <= 50_000
    assert time.process_time() - begun < 10


@given(st.binary(max_size=200))
def test_any_bytes_are_a_sitemap_or_an_error(body: bytes) -> None:
    for data in (body, b"<urlset><url><loc>" + body, b"\x1f\x8b" + body):
        try:
            read(data)
        except ParseError as error:
            assert str(error).startswith(URL)  # noqa: PT017


WHEN = st.none() | st.integers(0, 8_000).map(lambda days: NOW - timedelta(days=days + 1))


@given(st.lists(WHEN, max_size=30), st.integers(0, 40))
def test_a_written_sitemap_is_read_whole_and_split_without_loss(times: list[datetime | None], most: int) -> None:
    body = "".join(
        f"<url><loc>/{n}</loc>{f'<lastmod>{moment.isoformat()}</lastmod>' if moment else ''}</url>"
        for n, moment in enumerate(times)
    )
    if not times:
        return
    found = read(f"<urlset>{body}</urlset>")
    assert len(found.entries) == len(times)
    dated = [moment for moment in found.changed if moment]
    assert dated == sorted(dated, reverse=True)
    taken, left = found.split(NOW - timedelta(days=3650), most)
    assert len(taken) <= most
    assert {entry.url for entry in (*taken, *left)} == {entry.url for entry in found.entries}


def test_a_child_without_a_date_may_always_have_changed() -> None:
    assert children_to_read([Child("https://site.example/x")], 1, NOW) == ("https://site.example/x",)
