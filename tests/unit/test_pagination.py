"""The next page of a long article, told by rel or by words, and never another article."""

import pytest

from monitor.parsing.markup import parse_html
from monitor.parsing.pagination import next_page

HERE = "https://news.example/a/17.html"
NEXT = "https://news.example/a/17_2.html"


@pytest.mark.parametrize(
    "link",
    [
        '<a href="17_2.html">下一页</a>',
        '<a href="17_2.html">下页 ></a>',
        '<a href="17_2.html"><b>后一页</b></a>',
        '<a href="17_2.html">NEXT PAGE</a>',
        '<a href="17_2.html">Next »</a>',
        '<a href="17_2.html">Continue to page 2</a>',
        '<a href="17_2.html" rel="nofollow next">2</a>',
        '<a href="17_2.html" rel="NEXT">2</a>',
    ],
)
def test_the_next_page_is_told_by_rel_or_by_the_words_of_a_link(link: str) -> None:
    tree = parse_html(f"<html><body><p>正文</p>{link}</body></html>")
    assert tree is not None
    assert next_page(tree, HERE) == NEXT


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("/a", "/a_2"),
        ("/a/17_2.html", "/a/17_3.html"),
        ("/a-1.html", "/a-2.html"),
        ("/a?page=1", "/a?page=2"),
        ("/a", "/a?page=2"),
        ("/story/", "/story/page/2/"),
        ("/story", "/story/2"),
        ("/a?id=5", "/a?id=5&p=2"),
    ],
)
def test_page_numbers_stand_in_path_or_query(here: str, there: str) -> None:
    tree = parse_html(f'<html><body><p>正文</p><a href="{there}">下一页</a></body></html>')
    assert tree is not None
    assert next_page(tree, f"https://news.example{here}").rstrip("/") == f"https://news.example{there}".rstrip("/")


@pytest.mark.parametrize(
    "link",
    [
        '<a href="18.html" rel="next">下一篇</a>',
        '<a href="/b/3.html">下一页</a>',
        '<a href="https://other.example/a/17_2.html">下一页</a>',
        '<a href="17_3.html">下一页</a>',
        '<a href="17_2.html">首页</a>',
        '<a href="http://[">下一页</a>',
    ],
)
def test_another_article_is_no_next_page(link: str) -> None:
    tree = parse_html(f"<html><body><p>正文</p>{link}</body></html>")
    assert tree is not None
    assert next_page(tree, HERE) == ""
