"""robots.txt as RFC 9309 has it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.parsing.robots import MAX_SIZE, Robots, read_answer, read_robots, usable_until
from tests.conftest import NOW

AGENT = "FundingNewsMonitor/1.0 (+https://monitor.example)"


def rules(text: str) -> Robots:
    return read_robots(text.encode())


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /\nAllow: /news", "/news/1", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", True),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: FundingNewsMonitor\nDisallow: /private", "/a", True),
        ("User-agent: fundingnewsmonitor\nDisallow: /private", "/private/x", False),
        ("\ufeffUser-agent: *\nDisallow: /", "/a", False),
        ("<html><body>Not found</body></html>", "/a", True),
        ("", "/a", True),
    ],
)
def test_the_rules_for_our_name_count_the_longest_match_wins(text: str, path: str, allowed: bool) -> None:
    assert rules(text).allows(f"https://s.example{path}", AGENT) is allowed


@pytest.mark.parametrize(
    ("status", "allowed", "unreachable"),
    [
        *((404, True, False), (401, True, False), (403, True, False), (410, True, False), (302, True, False)),
        *((500, False, True), (503, False, True), (429, False, True), (None, False, True)),
    ],
)
def test_no_rules_allow_everything_and_no_answer_nothing(status: int | None, allowed: bool, unreachable: bool) -> None:
    found = read_answer(status, b"User-agent: *\nDisallow: /")
    assert (found.allows("https://s.example/a", AGENT), found.unreachable) == (allowed, unreachable)


def test_only_the_first_500_kib_count() -> None:
    body = b"User-agent: *\n" + b"Disallow: /a\n" * 40_000
    assert len(body) > MAX_SIZE
    late = read_robots(body + b"Disallow: /late\n")
    assert late.allows("https://s.example/late", AGENT)
    assert not late.allows("https://s.example/a", AGENT)


@pytest.mark.parametrize(
    ("delay", "seconds"), [("30", 30), ("0.5", 0.5), ("-1", None), ("nan", None), ("x", None), ("99999", 3600)]
)
def test_a_crawl_delay_is_kept_to_within_reason(delay: str, seconds: float | None) -> None:
    assert rules(f"User-agent: *\nCrawl-delay: {delay}").crawl_delay(AGENT) == seconds


def test_an_answer_is_used_for_a_day_and_no_answer_for_minutes() -> None:
    assert usable_until(200, NOW) - NOW == timedelta(days=1)
    assert usable_until(404, NOW) - NOW == timedelta(days=1)
    assert timedelta(0) < usable_until(None, NOW) - NOW < timedelta(hours=1)


@given(st.binary(max_size=300))
def test_any_bytes_are_rules_or_none(body: bytes) -> None:
    assert read_robots(body).allows("https://s.example/a", AGENT) in (True, False)
