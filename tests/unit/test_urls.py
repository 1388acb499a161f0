"""URLs in one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import UrlError
from monitor.settings import LinkRule
from monitor.urls import MAX_URL, canonical, rewrite


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("HTTPS://Www.Example.COM/News", "https://www.example.com/News"),
        ("https://example.com", "https://example.com/"),
        ("https://example.com./a", "https://example.com/a"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("http://example.com:80/a", "http://example.com/a"),
        ("http://example.com:8080/a", "http://example.com:8080/a"),
        ("https://example.com/a#comments", "https://example.com/a"),
        ("https://example.com/a/../b/./c", "https://example.com/b/c"),
        ("https://example.com/%7euser/%e4%bd%a0", "https://example.com/~user/%E4%BD%A0"),
        ("https://example.com/你", "https://example.com/%E4%BD%A0"),
        ("https://example.com/a b", "https://example.com/a%20b"),
        ("https://Bücher.example/1", "https://xn--bcher-kva.example/1"),
        ("  https://example.com/a\n", "https://example.com/a"),
        ("https://example.com/a?", "https://example.com/a"),
        ("https://example.com/a%2533", "https://example.com/a%2533"),  # an escaped percent sign stays one
        ("https://example.com/a%%33", "https://example.com/a%253"),
        ("https://example.com//a/../b", "https://example.com//a/../b"),
        ("http://[2001:DB8::0:1]:9/a", "http://[2001:db8::1]:9/a"),
    ],
)
def test_spellings_of_one_page_become_one(given_url: str, expected: str) -> None:
    assert canonical(given_url) == expected


@pytest.mark.parametrize(
    "tracking",
    [
        "utm_source=rss&utm_medium=feed",
        "UTM_Campaign=x",
        "spm=a2c4g.1",
        "fbclid=1",
        "gclid=1",
        "ktm_source=feed",
        "f=rss",
        "from=timeline&isappinstalled=0",
        "share_token=6f1",
        "mc_cid=1&mc_eid=2",
    ],
)
def test_parameters_that_only_track_are_dropped(tracking: str) -> None:
    assert canonical(f"https://example.com/p?{tracking}") == "https://example.com/p"
    assert canonical(f"https://example.com/p?id=7&{tracking}&page=2") == "https://example.com/p?id=7&page=2"


@pytest.mark.parametrize(
    "query",
    [
        "id=1",
        "p=12",
        "article=x",
        "from=beijing",
        "f=12",
        "source=134",
        "ref=chapter2",
        "b=2&a=1&b=1",
        "12345",
        "a=",
        "q=%C4%E3",
    ],
)
def test_parameters_that_may_select_the_article_stay_as_they_are(query: str) -> None:
    assert canonical(f"https://example.com/p?{query}") == f"https://example.com/p?{query}"


@pytest.mark.parametrize("route", ["#!/news/7", "#/news/7"])
def test_a_fragment_that_is_a_route_stays(route: str) -> None:
    assert canonical(f"https://example.com/{route}") == f"https://example.com/{route}"


def test_http_and_https_stay_as_given() -> None:
    assert canonical("http://example.com/a") != canonical("https://example.com/a")


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/n/1", "https://example.com/n/1"),
        ("2.html", "https://example.com/list/2.html"),
        ("../n/1", "https://example.com/n/1"),
        ("//cdn.example.net/x", "https://cdn.example.net/x"),
        ("?id=3", "https://example.com/list/index.html?id=3"),
        ("http://other.example/y", "http://other.example/y"),
    ],
)
def test_relative_links_start_from_the_base(link: str, expected: str) -> None:
    assert canonical(link, "https://example.com/list/index.html") == expected


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://example.com/a",
        "gopher://example.com/",
        "mailto:a@example.com",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "http://169.254.169.254\\@ok.example/",
        "https://example.com/a\x00b",
        "https://example.com/a\nb",
        "https://example.com/\ud800",
        "https:///a",
        "https://",
        "http://[::1",
        "https://example.com:99999/",
        "https://example.com:x/",
        "https://exa mple.com/",
        "https://a..example.com/",
        "/relative/without/base",
        "",
        "https://example.com/" + "a" * MAX_URL,
        "https://example.com/" + "你" * 600,
    ],
)
def test_what_must_not_or_cannot_be_fetched_is_refused(link: str) -> None:
    with pytest.raises(UrlError):
        canonical(link)


def test_a_dangerous_scheme_is_refused_also_with_a_base() -> None:
    with pytest.raises(UrlError, match="javascript: is not fetched"):
        canonical("javascript:alert(1)", "https://example.com/")


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=20))
def test_applied_twice_it_changes_nothing(path: str, query: str, fragment: str) -> None:
    try:
        once = canonical(f"https://example.com/{path}?{query}#{fragment}")
    except UrlError:
        return
    assert canonical(once) == once
    assert once.isascii()


@given(st.text(max_size=80), st.text(max_size=40))
def test_any_text_gives_a_web_address_or_a_url_error(link: str, base: str) -> None:
    try:
        result = canonical(link, base)
    except UrlError:
        return
    assert result.startswith(("http://", "https://"))
    assert canonical(result) == result


def test_rules_rewrite_in_order() -> None:
    rules = (
        LinkRule(pattern=r"^https://old\.example/", replace="https://new.example/"),
        LinkRule(pattern=r"^https://new\.example/p/(\d+)\.html$", replace=r"https://new.example/posts/\1"),
    )
    assert rewrite("https://old.example/p/7.html", rules) == "https://new.example/posts/7"
    assert rewrite("https://other.example/p/7.html", rules) == "https://other.example/p/7.html"
