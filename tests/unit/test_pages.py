"""Article pages."""

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.models import Page
from monitor.parsing.markup import html_to_text
from monitor.parsing.metadata import language_code, without_site
from monitor.parsing.pages import parse_page

URL = "https://news.example/p/1"
CHINESE = [
    "镕辉科技今日宣布完成两亿元人民币的新一轮融资，本轮融资由远山资本领投，多家老股东跟投。",
    "公司创始人表示，这笔资金将主要用于下一代产品的研发以及海外市场的拓展，团队规模也会随之扩大。",
    "镕辉科技成立于二〇一九年，总部位于杭州，主要产品是面向工厂的质量检测系统，客户遍及多个行业。",
]
ENGLISH = [
    "Quillmark, a maker of software for small printing houses, said on Friday that it has raised new money.",
    "The company will use the funds to hire engineers and to open an office in Lisbon, its founder told us.",
    "Quillmark was founded in 2019 and has customers in eleven countries, among them some of the largest.",
]


def html(paragraphs: list[str], head: str = "", top: str = "", lang: str = "") -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    start = f"<!DOCTYPE html><html{lang and f' lang={lang!r}'}><head>{head}</head>"
    return f"{start}<body>{top}<article>{body}</article></body></html>"


def read(page: str, *, timezone: str = "UTC", now: datetime | None = None) -> Page:
    return parse_page(page.encode(), URL, timezone=timezone, now=now)


def linked(*nodes: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps(nodes[0] if len(nodes) == 1 else nodes)}</script>"


ARTICLE = {
    "@type": "NewsArticle",
    "headline": "Quillmark raises $5 million &amp; hires",
    "datePublished": "2024-06-07T10:30:00+08:00",
    "author": {"@type": "Person", "name": "Ann Lee"},
    "inLanguage": "en-GB",
}
META = """<meta property="og:title" content="Another title"><meta name="author" content="Someone Else">
  <meta property="article:published_time" content="2020-01-01T00:00:00Z">"""


def test_the_paragraphs_of_the_text_are_lines() -> None:
    assert read(html(CHINESE)).text.split("\n") == CHINESE
    assert read(html(ENGLISH)).text.split("\n") == ENGLISH


def test_json_ld_counts_more_than_meta_elements() -> None:
    page = read(html(ENGLISH, head=META + linked(ARTICLE)))
    assert page.title == "Quillmark raises $5 million & hires"
    assert page.author == "Ann Lee"
    assert page.published == datetime(2024, 6, 7, 2, 30, tzinfo=UTC)
    assert page.language == "en"


@pytest.mark.parametrize(
    "markup",
    [
        linked({"@graph": [{"@type": "WebSite", "name": "S"}, ARTICLE]}),
        linked({"@type": "Organization", "name": "S"}, {**ARTICLE, "@type": ["Article", "Thing"]}),
        linked({"@type": "WebPage", "mainEntity": {**ARTICLE, "@type": "BlogPosting"}}),
        "<script type='application/ld+json'>{broken</script>" + linked(ARTICLE),
        f"<script type='application/ld+json'><!-- {json.dumps(ARTICLE)} --></script>",
    ],
)
def test_the_article_is_found_wherever_json_ld_has_it(markup: str) -> None:
    assert read(html(ENGLISH, head=markup)).title == "Quillmark raises $5 million & hires"


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("Ann Lee", "Ann Lee"),
        (["Ann Lee", {"name": "Bo Chen"}, "Ann Lee"], "Ann Lee, Bo Chen"),
        ({"@id": "#/person/1"}, "Ann Lee"),
        ([{"@id": "#/person/1"}], "Ann Lee"),
    ],
)
def test_authors_of_json_ld_are_names_objects_or_references(author: object, expected: str) -> None:
    graph = [{**ARTICLE, "author": author}, {"@id": "#/person/1", "@type": "Person", "name": "Ann Lee"}]
    assert read(html(ENGLISH, head=linked({"@graph": graph}))).author == expected


def test_meta_elements_are_read_where_there_is_no_json_ld() -> None:
    page = read(html(ENGLISH, head=META))
    assert (page.title, page.author) == ("Another title", "Someone Else")
    assert page.published == datetime(2020, 1, 1, tzinfo=UTC)


def test_dates_without_a_zone_are_read_in_the_sources() -> None:
    head = '<meta name="publishdate" content="2024-06-07 10:30">'
    page = read(html(CHINESE, head=head), timezone="Asia/Shanghai")
    assert page.published == datetime(2024, 6, 7, 2, 30, tzinfo=UTC)


def test_a_date_from_the_future_is_not_believed() -> None:
    page = read(html(ENGLISH, head=linked(ARTICLE)), now=datetime(2024, 6, 1, tzinfo=UTC))
    assert page.published is None


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>Quillmark raises $5 million | Your Home</title>", "Quillmark raises $5 million"),
        ("<title>镕辉科技完成两亿元融资 | Home of Company News</title>", "镕辉科技完成两亿元融资"),
        ("<title>镕辉科技完成两亿元新一轮融资_36氪</title>", "镕辉科技完成两亿元新一轮融资"),
        ("<title>镕辉科技完成两亿元新一轮融资_科技_某某网</title>", "镕辉科技完成两亿元新一轮融资"),
        ("<title>镕辉科技完成两亿元新一轮融资-某某网</title>", "镕辉科技完成两亿元新一轮融资"),
        ("<title>Quillmark raises $5 million - TechDaily</title>", "Quillmark raises $5 million"),
        (
            '<meta property="og:site_name" content="A - B News"><title>Quillmark - a story – A - B News</title>',
            "Quillmark - a story",
        ),
        (
            "<meta property='og:site_name' content='D'><meta property='og:title' content='Quillmark raises | D'>",
            "Quillmark raises",
        ),
        ("<title>Quillmark: A e-mail start-up</title>", "Quillmark: A e-mail start-up"),
        ("<title></title>", ""),
    ],
)
def test_the_sites_name_is_cut_from_the_title(head: str, title: str) -> None:
    assert read(html(ENGLISH, head=head)).title == title


def test_the_only_heading_is_the_title_if_the_title_element_holds_it() -> None:
    page = read(html(ENGLISH, head="<title>News | Quillmark raises | Daily</title>", top="<h1>Quillmark raises</h1>"))
    assert page.title == "Quillmark raises"


def test_a_heading_that_is_the_sites_logo_is_not_the_title() -> None:
    page = read(html(ENGLISH, head="<title>Quillmark raises $5 million | Daily</title>", top="<h1>Daily</h1>"))
    assert page.title == "Quillmark raises $5 million"


def test_a_title_with_markup_is_inert_text() -> None:
    head = '<meta property="og:title" content="a &lt;img src=x onerror=alert(1)&gt; b">'
    assert read(html(ENGLISH, head=head)).title == "a b"


@pytest.mark.parametrize(
    ("encoding", "declared", "header"),
    [
        ("gb18030", "gb2312", ""),
        ("gb18030", "", "text/html; charset=GBK"),
        ("gb18030", "", ""),
        ("utf-8", "gb2312", ""),
        ("utf-8", "", "text/html; charset=iso-8859-1"),
        ("utf-8-sig", "", ""),
        ("utf-16", "", ""),
        ("big5", "big5", ""),
    ],
)
def test_the_encoding_is_found_out(encoding: str, declared: str, header: str) -> None:
    words = "公司今日宣布完成新一輪投資" if encoding == "big5" else "镕辉科技宣布完成两亿元融资"
    page = html([words * 8], head=f"{declared and f'<meta charset={declared}>'}<title>{words}</title>")
    read_page = parse_page(page.encode(encoding), URL, content_type=header)
    assert read_page.title == words
    assert words in read_page.text


def test_a_body_cut_inside_a_character_is_still_utf_8() -> None:
    body = html(["镕辉科技宣布完成两亿元融资。" * 9]).encode().partition(b"</p>")[0][:-1]
    assert "镕辉科技宣布完成两亿元融资" in parse_page(body, URL, content_type="text/html; charset=gbk").text


@pytest.mark.parametrize(
    ("lang", "paragraphs", "expected"),
    [
        ("en", CHINESE, "zh"),
        ("zh-CN", ENGLISH, "en"),
        ("en-US", ENGLISH, "en"),
        ("", CHINESE, "zh"),
        ("de", ENGLISH, "de"),
    ],
)
def test_the_script_of_the_text_overrules_the_declared_language(
    lang: str, paragraphs: list[str], expected: str
) -> None:
    assert read(html(paragraphs, lang=lang)).language == expected


@pytest.mark.parametrize("body", ["", " ", "<html></html>", "<!DOCTYPE html><div id=app></div><script>run()</script>"])
def test_a_page_without_text_gives_an_empty_text(body: str) -> None:
    assert read(body).text == ""


@pytest.mark.parametrize("opening", ["<div>", "<p><a>", "<table><tr><td>", "<ul><li>", "<b>"])
def test_html_a_hundred_thousand_levels_deep_ends_within_two_seconds(opening: str) -> None:
    began = time.process_time()
    with pytest.raises(ParseError, match="levels deep"):
        read(opening * 100_000 + "text")
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "markup",
    ["[" * 50_000, '{"@type": "Article", "author": ' + "[" * 900 + "]" * 900 + "}", '{"headline": 1e999}', "1", ""],
)
def test_hostile_json_ld_is_passed_over(markup: str) -> None:
    page = read(
        html(ENGLISH, head=f"<title>Quillmark raises</title><script type='application/ld+json'>{markup}</script>")
    )
    assert page.title == "Quillmark raises"


@given(
    st.binary(max_size=200)
    | st.text(max_size=100).map(lambda text: html([text, text], head=text, lang=text).encode("utf-8", "replace"))
)
def test_any_bytes_give_a_page_or_a_parse_error(body: bytes) -> None:
    try:
        page = parse_page(body, URL)
    except ParseError:
        return
    assert isinstance(page.text, str)
    assert "\n" not in page.title


def test_html_becomes_lines_of_plain_text() -> None:
    markup = """<h2>Head</h2><p>One <a href="x">link</a>
      and <b>bold</b>.<br>Next line<img src="a.png" alt="picture"></p><ul><li>a</li><li>b <i>c</i></li></ul>
      <script>alert(1)</script><style>p {}</style><!-- note --><table><tr><td>1</td><td>2</td></tr></table>
      5 &lt; 6 &amp;c"""
    assert html_to_text(markup).split("\n") == [
        "Head",
        "One link and bold.",
        "Next line",
        "a",
        "b c",
        "1 2",
        "5 < 6 &c",
    ]


@pytest.mark.parametrize("markup", ["", "  ", "<script>x</script>", "<!-- x -->", "\x00"])
def test_html_without_text_becomes_an_empty_text(markup: str) -> None:
    assert html_to_text(markup) == ""


@given(st.text(max_size=200))
def test_any_html_becomes_text_without_empty_lines(markup: str) -> None:
    assert "\n\n" not in html_to_text(markup)


@given(st.lists(st.text(alphabet="ab中文，", min_size=1, max_size=20), max_size=8))
def test_plain_paragraphs_survive_as_they_are(paragraphs: list[str]) -> None:
    markup = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    assert html_to_text(markup) == "\n".join(paragraphs)


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("zh-CN", "zh"),
        ("zh_cn", "zh"),
        ("ZH", "zh"),
        ("cn", "zh"),
        ("en-US", "en"),
        ("", None),
        ("eng", None),
        ("1", None),
    ],
)
def test_language_tags_become_two_letters(tag: str, code: str | None) -> None:
    assert language_code(tag) == code


@given(st.text(max_size=60), st.text(max_size=10))
def test_cutting_the_sites_name_leaves_a_beginning_of_the_title(title: str, site: str) -> None:
    cut = without_site(title, site)
    assert title.startswith(cut)
    assert bool(cut) == bool(title)
