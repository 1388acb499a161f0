"""What is read off pages beside their metadata: bylines, dates shown, boxes, embedded state; selectors instead."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.models import Page
from monitor.parsing.pages import parse_page
from monitor.settings import PageRule

URL = "https://news.example/p/1"
NOW = datetime(2024, 6, 8, 4, 0, tzinfo=UTC)
TITLE = "镕辉科技完成两亿元融资"
TEXT = [
    "镕辉科技今日宣布完成两亿元人民币的新一轮融资，本轮融资由远山资本领投，多家老股东跟投。",
    "公司创始人表示，这笔资金将主要用于下一代产品的研发以及海外市场的拓展，团队规模也会随之扩大。",
    "镕辉科技成立于二〇一九年，总部位于杭州，主要产品是面向工厂的质量检测系统，客户遍及多个行业。",
    "分析人士指出，工厂质检的门槛在于交付，一条产线往往要调三个月，谁能更快，谁就能拿下大部分的订单。",
]
ENGLISH_TITLE = "Quillmark raises five million dollars"
ENGLISH = [
    "Quillmark, a maker of software for small printing houses, said on Friday that it has raised new money.",
    "The company will use the funds to hire engineers and to open an office in Lisbon, its founder told us.",
    "Quillmark was founded in 2019 and has customers in eleven countries, among them some of the largest.",
    "Printing houses, the founder said, still send proofs by post, and lose a week with every correction.",
]


def page(line: str = "", *, before: str = "", after: str = "", english: bool = False, head: str = "") -> Page:
    title, paragraphs = (ENGLISH_TITLE, ENGLISH) if english else (TITLE, TEXT)
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    markup = (
        f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>"
        f"<div class='nav'><a href='/'>首页</a></div>{before}<h1>{title}</h1>"
        f"{line}<div class='text'>{body}</div>{after}</body></html>"
    )
    return parse_page(markup.encode(), URL, timezone="Asia/Shanghai", now=NOW)


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("<p>文｜张明远</p>", "张明远"),
        ("<p>作者：李四维</p>", "李四维"),
        ("<p>作者 | 王小满 编辑 | 陈石</p>", "王小满"),
        ("<p>作　者：赵一鸣</p>", "赵一鸣"),
        ("<p>2024年6月7日 10:30 来源：某某日报 记者 孙立新</p>", "孙立新"),
        ("<p>撰文：周牧野 图：吴迪</p>", "周牧野"),
        ("<div>编辑：郑家宁</div>", "郑家宁"),
        ("<div class='meta'><span class='author'>Ann Lee</span></div>", "Ann Lee"),
        ("<div><a href='/author/ann-lee'>Ann Lee</a></div>", "Ann Lee"),
        ("<p>By Ann Lee and John Roe</p>", "Ann Lee and John Roe"),
        ("<p>By Ann Lee | June 7, 2024</p>", "Ann Lee"),
        ("<p>来源：某某晚报</p>", ""),
        ("<p>2024-06-07 10:30</p>", ""),
        ("<p>By the time the market opened, nothing was left of it.</p>", ""),
    ],
)
def test_the_author_is_the_person_that_the_byline_names(line: str, author: str) -> None:
    assert page(line, english=line.isascii()).author == author


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2024年6月7日 10:30", (2024, 6, 7, 10, 30)),
        ("2024-06-07 10:30:15", (2024, 6, 7, 10, 30)),
        ("2024/06/07 10:30", (2024, 6, 7, 10, 30)),
        ("发布时间：2024年06月07日", (2024, 6, 7, 0, 0)),
        ("来源：某某网 2024.06.07 08:05 阅读 1024", (2024, 6, 7, 8, 5)),
        ("June 7, 2024", (2024, 6, 7, 0, 0)),
        ("Friday 7 June 2024, 09:15", (2024, 6, 7, 9, 15)),
    ],
)
def test_the_date_shown_is_in_the_sites_zone(line: str, expected: tuple[int, ...]) -> None:
    published = page(f"<div>{line}</div>").published
    assert published is not None
    assert published.timetuple()[:5] == expected
    assert published.utcoffset() is not None


@pytest.mark.parametrize(
    "line", ["版权所有 2024-06-07", "ICP备案 2019-01-01", "活动截至 2024-06-30", "© 2024-01-01", "产品编号 20240607123"]
)
def test_dates_of_something_else_are_not_taken(line: str) -> None:
    assert page(after=f"<footer>{line}</footer>").published is None


BOXES = [
    "<ul><li><a href='/a'>相关阅读：远山资本完成募集</a></li><li><a href='/b'>另一家公司也拿到了钱</a></li></ul>",
    "<div class='share'>分享到：<a href='#'>微信</a> <a href='#'>微博</a> <a href='#'>QQ空间</a></div>",
    "<div class='comments'><p>网友评论：写得真好，期待后续。</p><p>网友评论：没想到。</p></div>",
    "<div class='author-box'><p>作者简介：张明远，关注智能制造。</p></div>",
    "<div class='tags'>标签：<a href='/t/1'>融资</a> <a href='/t/2'>质检</a></div>",
    "<p>本文来自微信公众号某某（ID：abc），经授权转载。扫码关注我们</p>",
    "<nav><a href='/1'>上一篇：某某</a><a href='/2'>下一篇：某某</a></nav>",
    "<script>document.write('x')</script><style>.a{}</style><noscript>请开启脚本</noscript>",
]


@pytest.mark.parametrize("box", BOXES)
def test_what_stands_around_the_text_is_no_part_of_it(box: str) -> None:
    assert page("<p>作者：李四维</p>", after=box).text.split("\n") == TEXT
    assert page(before=box).text.split("\n") == TEXT


def test_a_page_that_carries_its_text_for_its_scripts_gives_it() -> None:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in TEXT * 2)
    state = text.replace('"', '\\"').replace("/", "\\/")
    markup = f'<html><body><div id="app"></div><script>window.__STATE__={{"content":"{state}"}}</script></body></html>'
    assert parse_page(markup.encode(), URL).text.split("\n") == TEXT * 2


RULE = PageRule(title="h2.real", text="//div[@class='text']/p", author=".who", date=".//@data-when", remove=(".ad",))


def test_selectors_count_more_than_what_is_found_without_them() -> None:
    markup = (
        f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1><h2 class='real'>另一个标题</h2>"
        "<i class='who'>甲乙丙</i><b data-when='2024-06-07 08:00'></b>"
        f"<div class='text'><p>{TEXT[0]}</p><p class='ad'>广告</p><p>{TEXT[1]}</p></div></body></html>"
    )
    found = parse_page(markup.encode(), URL, timezone="Asia/Shanghai", rule=RULE)
    assert (found.title, found.author, found.text) == ("另一个标题", "甲乙丙", f"{TEXT[0]}\n{TEXT[1]}")
    assert found.published == datetime(2024, 6, 7, 0, 0, tzinfo=UTC)


@given(st.text(alphabet="<>/pdivah1 ='\"文作者：张2024-年月日,.") | st.text())
def test_any_page_is_read_with_and_without_selectors(markup: str) -> None:
    for rule in (PageRule(), RULE):
        try:
            found = parse_page(f"<html><body>{markup}</body></html>".encode("utf-8", "replace"), URL, rule=rule)
        except ParseError as error:
            assert URL in str(error)  # noqa: PT017
        else:
            assert "\x00" not in found.text
            assert found.published is None or found.published.tzinfo is not None


@pytest.mark.parametrize(
    "body",
    [
        lambda: "作者：" * 300_000,
        lambda: " " * 1_000_000,
        lambda: "2024" * 250_000,
        lambda: "By " * 300_000,
        lambda: "<p>" * 200_000,
        lambda: "<p>文｜张" * 100_000,
        lambda: "<a href=/author/x>Ann Lee</a>" * 30_000,
        lambda: "<div class=date>2024-06-07</div>" * 30_000,
        lambda: "<!-- published at " * 60_000,
        lambda: '<script>{"content":"' + "x\\" * 400_000,
        lambda: '<script>"content":"' * 50_000,
        lambda: '"pubDate":' * 100_000,
        lambda: f"<p>{'，' * 1_000_000}</p>",
        lambda: f"<p title={'x' * 1_000_000}>x</p>",
        lambda: "<table>" * 20_000,
        lambda: "（记者 " * 200_000,
    ],
)
def test_a_megabyte_of_nonsense_takes_little_time(body: Callable[[], str]) -> None:
    """Ten seconds are far above what any takes, and far below what time by the square of the size would."""
    begun = time.process_time()
    with suppress(ParseError):
        parse_page(f"<html><body><h1>x</h1>{body()}".encode(), URL, now=NOW)
    assert time.process_time() - begun < 10
