"""Text and Markdown files as pages."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from monitor.parsing.plain import parse_plain

HEAD = "---\ntitle: '星河智能获投2亿元'\ndate: 2024-06-07\n---\n\n正文一。\n\n正文二。\n"


def test_the_first_line_of_a_text_is_its_title() -> None:
    page = parse_plain("标题\n\n第一段。\n第二段。".encode())
    assert (page.title, page.text, page.published) == ("标题", "第一段。\n第二段。", None)


def test_a_markdown_head_gives_title_and_date() -> None:
    page = parse_plain(HEAD.encode())
    assert (page.title, page.text) == ("星河智能获投2亿元", "正文一。\n正文二。")
    assert page.published == datetime(2024, 6, 7, tzinfo=UTC)


def test_a_head_that_is_no_yaml_or_has_no_title_is_text() -> None:
    assert parse_plain(b"---\ntitle: [\n---\ntext").title == "---"
    assert parse_plain(b"---\nname: x\n---\ntext").title == "---"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_page(body: bytes) -> None:
    page = parse_plain(body)
    assert "\n" not in page.title
