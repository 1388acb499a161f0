"""Manners of polling and crawling: validators, waits, redirects, robots.txt, one request at a time to a host."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

import pytest

from tests.conftest import on_sqlite
from tests.fakes.program import Program
from tests.fakes.site import Answer, Asked, Site
from tests.integration.conftest import Publish

pytestmark = on_sqlite

FEED = b"""<rss version="2.0"><channel><title>x</title><item><title>One</title><link>/1</link>
<description>The first.</description></item></channel></rss>"""
DAY = timedelta(days=1)
Say = Callable[..., None]


@pytest.fixture
def say(program: Program, site: Site) -> Say:
    """Sets the headers, status and body of every answer of the one source's site, robots.txt excepted."""

    def answer(headers: dict[str, str] | None = None, status: int = 200, body: bytes = FEED) -> None:
        site.judge = lambda _: Answer(body if status != 304 else b"", "text/xml", status, headers or {})

    watch(program, {"site": f"{site.url}/feed"})
    return answer


def watch(program: Program, urls: dict[str, str], **crawl: object) -> None:
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": name, "url": url, "full_text": "always"} for name, url in urls.items()],
        schedule={"jitter": "0s"},
        crawl=crawl,
    )


def polled(site: Site, program: Program) -> dict[str, str]:
    """Headers of one poll by hand."""
    program.run("crawl")
    return site.asked[-1].headers


def state(program: Program, name: str = "site") -> dict[str, Any]:
    return next(dict(s["state"]) for s in program.ask("sources", "list") if s["source"]["name"] == name)


def wait_until_next_poll(program: Program) -> timedelta:
    found = state(program)
    return datetime.fromisoformat(found["next_poll_at"]) - datetime.fromisoformat(found["last_polled_at"])


@pytest.mark.parametrize("etag", ['W/"x"', "unquoted", '"a b"', '"'])
def test_an_etag_is_sent_back_byte_for_byte(program: Program, site: Site, say: Say, etag: str) -> None:
    say({"ETag": etag})
    assert "If-None-Match" not in polled(site, program)
    assert polled(site, program)["If-None-Match"] == etag


@pytest.mark.parametrize("etag", ['"a\rX-Injected: 1"', '"a\r\n X-Injected: 1"', '"a\x00b"', f'"{"x" * 8192}"'])
def test_an_etag_that_could_do_harm_is_dropped(program: Program, site: Site, say: Say, etag: str) -> None:
    say({"ETag": etag})
    polled(site, program)
    headers = polled(site, program)
    assert "X-Injected" not in headers
    assert "\r" not in headers.get("If-None-Match", "")
    assert len(headers.get("If-None-Match", "")) < 1000


@pytest.mark.parametrize("modified", ["yesterday", "2024-06-07 10:30", "Fri, 07 Jun 2024 10:30:00 GMT"])
def test_last_modified_is_sent_back_as_it_came_valid_or_not(
    program: Program, site: Site, say: Say, modified: str
) -> None:
    say({"Last-Modified": modified})
    polled(site, program)
    assert polled(site, program)["If-Modified-Since"] == modified


def test_validators_are_those_of_the_last_good_answer(program: Program, site: Site, say: Say) -> None:
    say({"ETag": '"1"', "Last-Modified": "one"})
    polled(site, program)
    say({"ETag": '"2"', "Last-Modified": "one"})  # the same body
    assert polled(site, program)["If-None-Match"] == '"1"'
    say({"Last-Modified": "two"}, 304)
    assert polled(site, program)["If-None-Match"] == '"2"'
    say({"ETag": '"3"'}, body=b"<html>maintenance</html>")
    headers = polled(site, program)
    assert (headers["If-None-Match"], headers["If-Modified-Since"]) == ('"2"', "two")
    assert wait_until_next_poll(program) == timedelta(minutes=20)
    headers = polled(site, program)
    assert (headers["If-None-Match"], headers["If-Modified-Since"]) == ('"2"', "two")
    assert wait_until_next_poll(program) == timedelta(minutes=40)


def test_a_server_that_asks_for_a_week_is_left_alone_for_a_week(program: Program, site: Site, say: Say) -> None:
    say({"Retry-After": "604800"}, 429)
    program.run("crawl", "--due")
    program.let_pass(7 * DAY - timedelta(minutes=5))
    program.run("crawl", "--due")
    assert site.paths() == ["/feed"]
    program.let_pass(timedelta(minutes=6))
    program.run("crawl", "--due")
    assert site.paths() == ["/feed", "/feed"]


def test_a_server_that_asks_for_a_week_gets_it_though_the_source_has_another_way(program: Program, site: Site) -> None:
    site.put("/feed", "", status=429, headers={"Retry-After": "604800"})
    site.put("/other", "", status=500)
    with Site("127.0.0.3") as mirror:
        mirror.put("/feed", FEED, content_type="text/xml")
        fallbacks = [{"url": f"{site.url}/other"}, {"url": f"{mirror.url}/feed"}]
        source = {"name": "site", "url": f"{site.url}/feed", "full_text": "always", "fallbacks": fallbacks}
        crawl = {"private_hosts": ["127.0.0.0/8"]}
        program.configure(companies=[{"name": "星河智能"}], sources=[source], schedule={"jitter": "0s"}, crawl=crawl)
        program.run("crawl", "--due")
        for _ in range(3):
            program.let_pass(timedelta(hours=30))
            program.run("crawl", "--due")
        assert site.paths() == ["/feed"]
        assert mirror.paths() == ["/feed"] * 4


def test_a_visit_that_fails_by_all_ways_counts_once(program: Program, site: Site) -> None:
    ways = [{"url": f"{site.url}/{name}"} for name in ("a", "b", "c")]
    source = {"name": "site", **ways[0], "fallbacks": ways[1:]}
    program.configure(companies=[{"name": "星河智能"}], sources=[source], schedule={"jitter": "0s"})
    program.run("crawl")
    assert len(site.paths()) == 3
    assert state(program)["failures"] == 1
    assert wait_until_next_poll(program) == timedelta(minutes=20)


def test_a_wait_until_a_date_counts_from_the_servers_own_clock(program: Program, site: Site, say: Say) -> None:
    wrong = datetime.now(UTC) - timedelta(days=900)
    said = {"Date": wrong, "Retry-After": wrong + timedelta(hours=5)}
    say({name: format_datetime(moment, usegmt=True) for name, moment in said.items()}, 503)
    program.run("crawl")
    assert abs(wait_until_next_poll(program) - timedelta(hours=5)) < timedelta(seconds=2)


@pytest.mark.parametrize("wish", ["-5", "abc", "1e99", "", "999999999999999999"])
def test_a_wish_that_makes_no_sense_leaves_the_usual_wait(program: Program, site: Site, say: Say, wish: str) -> None:
    say({"Retry-After": wish}, 503)
    program.run("crawl")
    usual = wait_until_next_poll(program) == timedelta(minutes=20)
    assert usual or wish.isdigit()  # a wish beyond all measure is clamped
    assert wait_until_next_poll(program) <= 31 * DAY


def test_an_answer_that_stays_fresh_is_not_asked_for_again_before(program: Program, site: Site, say: Say) -> None:
    say({"Cache-Control": "max-age=172800"})
    program.run("crawl")
    assert wait_until_next_poll(program) == 2 * DAY


def test_the_hints_of_a_feed_are_kept_to(program: Program, site: Site, say: Say) -> None:
    say(body=FEED.replace(b"<title>x</title>", b"<title>x</title><ttl>180</ttl>"))
    program.run("crawl")
    assert wait_until_next_poll(program) == timedelta(hours=3)


@pytest.mark.parametrize("status", [301, 308])
def test_a_feed_that_has_moved_for_good_is_asked_for_at_its_new_address(
    program: Program, site: Site, publish: Publish, status: int
) -> None:
    publish("deal", "星河智能获投2亿元")
    moved = site._answer("/feed").body
    site.put("/feed", "", status=status, headers={"Location": "/new"})
    site.put("/new", moved, content_type="text/xml")
    program.run("crawl")
    program.run("crawl")
    assert [path for path in site.paths() if path != "/deal"] == ["/feed", "/new", "/new"]


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_feed_that_is_elsewhere_for_now_is_asked_for_at_its_own_address(
    program: Program, site: Site, publish: Publish, status: int
) -> None:
    publish("deal", "星河智能获投2亿元")
    site.put("/new", site._answer("/feed").body, content_type="text/xml")
    site.put("/feed", "", status=status, headers={"Location": "/new"})
    program.run("crawl")
    program.run("crawl")
    assert [path for path in site.paths() if path != "/deal"] == ["/feed", "/new", "/feed", "/new"]


def test_not_modified_for_ever_is_doubted_once_a_day_when_the_source_is_silent(
    program: Program, site: Site, say: Say
) -> None:
    items = b"".join(
        f"<item><title>{i}</title><link>/{i}</link><description>No. {i}</description>"
        f"<pubDate>{format_datetime(datetime.now(UTC) - i * DAY)}</pubDate></item>".encode()
        for i in range(10)
    )
    say({"ETag": '"1"'}, body=b'<rss version="2.0"><channel><title>x</title>' + items + b"</channel></rss>")
    program.run("crawl", "--due")
    say({"ETag": '"1"'}, 304)
    assert "If-None-Match" in polled(site, program)
    program.let_pass(20 * DAY)
    for status in (304, 500, 304):  # whatever it answers
        say({"ETag": '"1"'}, status)
        assert "If-None-Match" not in polled(site, program)
        assert "If-None-Match" in polled(site, program)
        program.let_pass(timedelta(hours=25))


def test_twenty_restarts_within_an_hour_poll_no_more_than_one_run(program: Program, site: Site, say: Say) -> None:
    say({"ETag": '"1"'})
    for _ in range(20):
        program.run("crawl", "--due")
    assert site.paths() == ["/feed"]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_robots_file_that_cannot_be_had_forbids_for_now(program: Program, site: Site, say: Say, status: int) -> None:
    say()
    site.put("/robots.txt", "", status=status)
    program.run("crawl")
    assert site.paths() == []
    assert state(program)["last_outcome"] == "network_error"
    site.put("/robots.txt", "", status=404)
    program.let_pass(timedelta(hours=2))
    program.run("crawl", "--due")
    assert site.paths() == ["/feed"]


def test_a_robots_file_that_does_not_come_in_time_forbids_for_now(program: Program, site: Site, say: Say) -> None:
    say()
    watch(program, {"site": f"{site.url}/feed"}, timeout="1s")
    site.put("/robots.txt", "User-agent: *\nAllow: /\n" * 10, piece=1, pause=0.3)
    program.run("crawl")
    assert site.paths() == []
    assert state(program)["last_outcome"] == "network_error"


@pytest.mark.parametrize(("size", "forbidden"), [(490, True), (600, False)])
def test_of_a_robots_file_the_first_500_kib_count(
    program: Program, site: Site, say: Say, size: int, *, forbidden: bool
) -> None:
    say()
    padding = "# a line of thirty-two characters\n" * (size * 1024 // 34)
    site.put("/robots.txt", f"{padding}\nUser-agent: *\nDisallow: /\n", content_type="text/plain")
    program.run("crawl")
    assert (state(program)["last_outcome"] == "refused") is forbidden


def requests(site: Site) -> list[Asked]:
    return sorted(site.asked, key=lambda asked: asked.begun)


def test_a_crawl_delay_is_kept_to_by_all_sources_of_a_host(program: Program, site: Site, say: Say) -> None:
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 2\n", content_type="text/plain")
    say()
    watch(program, {name: f"{site.url}/{name}" for name in ("a", "b", "c")})
    program.run("crawl")
    program.run("crawl")
    assert len(site.paths()) == 6
    after_robots = [asked for asked in requests(site) if asked.path != "/robots.txt"]
    for earlier, later in pairwise(after_robots):
        assert later.begun - earlier.ended >= 1.95


def test_a_host_gets_one_request_at_a_time_from_all_its_sources_and_their_pages(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", "星河智能获投2亿元")
    feed = site._answer("/feed").body
    for name in ("a", "b", "c", "d"):
        page = site._answer("/deal")
        site.put(f"/page-{name}", page.body, pause=0.05, piece=2000)
        site.put(f"/{name}", feed.replace(b"/deal", f"/page-{name}".encode()), pause=0.05, piece=200)
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": name, "url": f"{site.url}/{name}"} for name in ("a", "b", "c", "d")],
    )
    program.run("crawl")
    assert len(site.paths()) == 8
    for earlier, later in pairwise(requests(site)):
        assert later.begun >= earlier.ended
