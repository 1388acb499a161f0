"""Listing pages by selectors, JSON answers by expressions, and finding the selectors of a page by itself."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from monitor.errors import ParseError
from monitor.parsing.api import parse_api
from monitor.parsing.discovery import infer_listing
from monitor.parsing.listings import Listing, parse_listing
from monitor.settings import ApiRule, ListingRule, Way

URL = "https://site.example/news/"
NOW = datetime(2024, 6, 8, 4, 0, tzinfo=UTC)
PAGE = """<html><body><div class="list">
<div class="item"><h3><a href="a.html">镕辉科技完成两亿元融资</a></h3>
  <p class="s">摘要一</p><i>李四维</i><span>3小时前</span></div>
<div class="item"><h3><a href="/b.html" title="远山资本募集新基金">远山资本…</a></h3>
  <time datetime="2024-06-07T08:00:00+08:00"></time></div>
<div class="item"><h3><a href="javascript:void(0)">广告</a></h3></div>
<div class="item"><h3><a href="a.html">镕辉科技完成两亿元融资</a></h3></div>
</div><a class="next" href="?page=2">下一页</a></body></html>"""


def listing(rule: ListingRule, body: str = PAGE) -> Listing:
    way = Way(kind="listing", url=URL, listing=rule)
    return parse_listing(body.encode("utf-8", "replace"), URL, way, timezone="Asia/Shanghai", now=NOW)


@pytest.mark.parametrize(
    "rule",
    [
        ListingRule(entry=".item", summary=".s", author="i", date="span, time", next="a.next"),
        ListingRule(
            entry="//div[@class='item']",
            link=".//h3/a",
            summary="./p",
            author="./i",
            date="./span|./time",
            next="//a[@class='next']/@href",
        ),
    ],
)  # fmt: skip
def test_entries_are_found_by_css_and_by_xpath(rule: ListingRule) -> None:
    found = listing(rule)
    first, second = found.entries
    assert (first.url, first.title, first.summary) == (
        "https://site.example/news/a.html",
        "镕辉科技完成两亿元融资",
        "摘要一",
    )
    assert (first.author, first.published) == ("李四维", NOW - timedelta(hours=3))
    assert (second.url, second.title) == ("https://site.example/b.html", "远山资本募集新基金")
    assert second.published == datetime(2024, 6, 7, tzinfo=UTC)
    assert found.next_page == "https://site.example/news/?page=2"
    assert "javascript" in found.skipped[0]


def test_a_page_on_which_the_selector_finds_nothing_says_how_many_links_it_has() -> None:
    with pytest.raises(ParseError, match=r"'\.gone' finds nothing; the page has 5 links"):
        listing(ListingRule(entry=".gone"))


@pytest.mark.parametrize("selector", ["div[", "//a[", "//x:y", ""])
def test_a_selector_that_cannot_be_used_is_refused_when_it_is_configured(selector: str) -> None:
    with pytest.raises(ValidationError):
        ListingRule(entry=selector)


ANSWER = {
    "data": {
        "list": [
            {"id": 17, "t": "镕辉科技完成两亿元融资", "at": 1717727400, "tags": ["a", "b"], "html": "<p>正文</p>"},
            {"id": "x y/z", "t": "<b>远山资本</b>", "at": "1717727400000"},
            {"id": None, "t": "没有地址"},
        ],
        "cursor": "abc=",
    }
}
RULE = ApiRule(
    entries="data.list", url="https://site.example/p/{id}", title="t", date="at", author="tags", content="html",
    next="https://site.example/api?after={data.cursor}",
)  # fmt: skip


def api(body: bytes | str, rule: ApiRule = RULE) -> Listing:
    way = Way(kind="api", url=URL, api=rule)
    return parse_api(body if isinstance(body, bytes) else body.encode("utf-8", "replace"), URL, way, now=NOW)


@pytest.mark.parametrize("wrap", ["{}", "callback({});", "/**/jQuery123_456 ( {} )", "\ufeff{}"])
def test_entries_of_an_answer_are_found_by_expressions(wrap: str) -> None:
    found = api(wrap.format(json.dumps(ANSWER)))
    first, second = found.entries
    assert (first.url, first.title, first.author) == ("https://site.example/p/17", "镕辉科技完成两亿元融资", "a, b")
    assert first.published == second.published == datetime(2024, 6, 7, 2, 30, tzinfo=UTC)
    assert (second.url, second.title) == ("https://site.example/p/x%20y/z", "远山资本")
    assert found.next_page == "https://site.example/api?after=abc%3D"
    assert len(found.skipped) == 1


def test_json_in_a_text_of_json_is_read() -> None:
    rule = RULE.model_copy(update={"entries": "data", "next": None})
    assert len(api(json.dumps({"data": json.dumps(ANSWER["data"]["list"])}), rule).entries) == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<html>", "is no valid JSON"),
        ("{}", "finds no list, but nothing; the answer has an object with nothing"),
        ('{"data": {"list": {"a": 1}}}', "an object with a"),
        ('{"data": {"list": [1, 2]}}', "a list of a int, not of objects"),
        ('{"data": {"list": [{"id": ""}]}}', "none of 1 entries has a link"),
        ('{"data": {"list": ' + "[" * 100_000, "is no valid JSON"),
        ('{"data": {"list": [{"id": ' + "9" * 5_000 + "}]}}", "is no valid JSON"),
    ],
)
def test_an_answer_of_another_form_says_what_it_has(body: str, said: str) -> None:
    with pytest.raises(ParseError, match=rf"^https://site\.example/news/: .*{said}"):
        api(body)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "t", "at", "list"]), inner),
    max_leaves=10,
)


@given(VALUES)
def test_any_json_gives_entries_or_an_error(value: object) -> None:
    for answer in (value, {"data": {"list": [value]}}, {"data": {"list": [{"id": value, "t": value, "at": value}]}}):
        try:
            assert all(entry.url.startswith("http") for entry in api(json.dumps(answer)).entries)
        except ParseError as error:
            assert str(error).startswith(URL)  # noqa: PT017


@given(st.text(alphabet="<>/adiv hrefclass='.x\"#") | st.text())
def test_any_page_gives_entries_or_an_error_and_a_pattern_or_none(markup: str) -> None:
    try:
        listing(ListingRule(entry="a", next="a"), markup)
    except ParseError as error:
        assert str(error).startswith(URL)  # noqa: PT017
    infer_listing(markup.encode("utf-8", "replace"), URL, now=NOW)


HEADLINES = [f"第{n}家公司宣布完成新一轮融资，金额未公布" for n in "一二三四五六七八"]


@pytest.mark.parametrize(
    "item",
    [
        "<li class='news-item'><a href='/p/{n}.html'>{t}</a><span class='time'>06-07</span></li>",
        "<div class='card'><a href='/p/{n}'><img src='x'></a><h3><a href='/p/{n}'>{t}</a></h3><p>摘要</p></div>",
        "<article><h2><a href='/2024/06/{n}/'>{t}</a></h2><time datetime='2024-06-07'></time></article>",
        "<tr><td><a href='view?id={n}'>{t}</a></td><td>2024-06-07</td></tr>",
    ],
)
def test_the_pattern_of_a_page_of_headlines_is_found_and_can_be_used(item: str) -> None:
    items = "".join(item.format(n=n, t=title) for n, title in enumerate(HEADLINES))
    items = f"<table>{items}</table>" if item.startswith("<tr") else f"<div class='main'>{items}</div>"
    nav = "".join(f"<li><a href='/c/{n}'>频道栏目导航第{n}个链接文字</a></li>" for n in range(12))
    markup = f"<html><body><nav><ul>{nav}</ul></nav>{items}<footer><ul>{nav}</ul></footer></body></html>"
    proposal = infer_listing(markup.encode(), URL, timezone="Asia/Shanghai", now=NOW)
    assert proposal is not None
    assert list(proposal.titles) == HEADLINES
    assert [entry.title for entry in listing(proposal.rule, markup).entries] == HEADLINES


def test_a_page_without_headlines_has_no_pattern() -> None:
    assert infer_listing(b"<html><body><p>one</p><a href='/a'>a</a></body></html>", URL) is None


@pytest.mark.parametrize(
    "body",
    [
        lambda: "<a href=/x>标题标题标题标题标题</a>" * 20_000,
        lambda: "<div>" * 100_000,
        lambda: "<a href=" + "x" * 1_000_000,
    ],
)
def test_a_page_of_nonsense_takes_little_time(body: Callable[[], str]) -> None:
    begun = time.process_time()
    infer_listing(body().encode(), URL, now=NOW)
    with suppress(ParseError):
        listing(ListingRule(entry="a"), body())
    assert time.process_time() - begun < 10
