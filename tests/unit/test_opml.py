"""Lists of feeds, and links that lead through redirectors."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.parsing.opml import OpmlFeed, read_opml, write_opml
from monitor.redirectors import unwrapped
from monitor.settings import Source

NOW = datetime(2024, 6, 8, tzinfo=UTC)
TARGET = "https://news.example/p/1?a=b"
PACKED = urlsafe_b64encode(b"\x08\x13\x22\x1c" + TARGET.encode() + b"\xd2\x01").decode().rstrip("=")


def test_feeds_are_read_in_order_with_their_folders_each_once() -> None:
    body = """<?xml version="1.0"?><OPML version="2.0"><head><title>x</title></head><body>
      <outline text="科技"><outline type="rss" text="甲" title="甲站" xmlUrl="https://a.example/f"/>
        <outline text="深"><outline text="乙" XMLURL=" https://b.example/f "/></outline></outline>
      <outline text="又" xmlUrl="https://a.example/f"/><outline text="没有"/></body></OPML>"""
    assert read_opml(body.encode(), "x.opml") == (
        OpmlFeed("甲站", "https://a.example/f", "科技"),
        OpmlFeed("乙", "https://b.example/f", "深"),
    )


LAUGHS = (
    '<!DOCTYPE o [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>'
    f"<opml><outline xmlUrl='{'&c;' * 100_000}'/></opml>"
)


@pytest.mark.parametrize(
    "body",
    [
        LAUGHS,
        "",
        "nothing",
        "<rss/>",
        "<opml><body><outline></opml>",
    ],
)
def test_what_is_no_list_is_refused_with_the_name_of_the_file(body: str) -> None:
    with pytest.raises(ParseError, match=r"^x\.opml"):
        read_opml(body.encode(), "x.opml")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_list_or_an_error(body: bytes) -> None:
    for data in (body, b"<opml><body>" + body + b"</body></opml>"):
        try:
            read_opml(data, "x.opml")
        except ParseError as error:
            assert str(error).startswith("x.opml")  # noqa: PT017


TITLES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Co", "Cn")), min_size=1, max_size=20).map(str.strip)


@given(st.lists(TITLES.filter(bool), max_size=5))
def test_what_is_written_is_read_again(titles: list[str]) -> None:
    sources = [
        Source(name=f"s{n}", title=title, url=f"https://s{n}.example/?a=1&b=2") for n, title in enumerate(titles)
    ]
    found = read_opml(write_opml(sources, "x", NOW), "x.opml")
    assert [(feed.url, feed.title) for feed in found] == [(source.url, source.title) for source in sources]


@pytest.mark.parametrize(
    "url",
    [
        f"https://www.google.com/url?rct=j&url={quote(TARGET, safe='')}&ct=ga",
        f"https://link.zhihu.com/?target={quote(TARGET, safe='')}",
        f"https://www.bing.com/news/apiclick.aspx?ref=x&url={quote(TARGET, safe='')}",
        f"https://www.google.com/url?q={quote('https://link.zhihu.com/?target=' + quote(TARGET, safe=''), safe='')}",
        f"https://news.google.com/rss/articles/{PACKED}",
    ],
)
def test_a_redirector_that_says_where_it_leads_is_left_out(url: str) -> None:
    assert unwrapped(url) == TARGET


@pytest.mark.parametrize(
    "url",
    [
        TARGET,
        "https://news.example/share?url=https%3A%2F%2Fother.example%2F",
        "https://www.google.com/url?url=javascript%3Aalert(1)",
        "https://www.google.com/url?url=%2Frelative",
        "https://news.google.com/rss/articles/CBMiopaqueopaqueopaqueopaque",
        "https://evilgoogle.com/url?url=https%3A%2F%2Fother.example%2F",
    ],
)
def test_other_links_stay_as_they_are(url: str) -> None:
    assert unwrapped(url) == url


@given(st.text(max_size=40), st.binary(max_size=60))
def test_any_link_leads_somewhere_that_can_be_asked(text: str, packed: bytes) -> None:
    for url in (
        f"https://www.google.com/url?url={quote(text)}",
        "https://news.google.com/articles/" + urlsafe_b64encode(packed).decode(),
    ):
        assert unwrapped(url).startswith(("http://", "https://"))
