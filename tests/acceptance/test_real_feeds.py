"""Feeds as sites served them, from a folder that is not part of the project (MONITOR_TEST_DATA names it).

Each feed is served from a port of its own, its links are rewritten to that port, and pages are made up on the fly.
"""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from monitor.parsing.feeds import parse_feed
from tests.conftest import database
from tests.fakes.program import Program
from tests.fakes.site import Answer, Site
from tests.integration.test_crawl import wait_for

SHARED = Path(os.environ.get("MONITOR_TEST_DATA", "MONITOR_TEST_DATA is not set"))
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=f"the folder of real feeds is not here: {SHARED}")

SEED = "智谱AI获投4亿美元"
WATCHED = [{"name": "智谱AI", "aliases": ["智谱", "智谱华章", "Zhipu AI"]}]


def made_up(path: str) -> Answer | None:
    """A page for any entry."""
    if path == "/robots.txt":
        return None
    text = (
        f"<p>这是{path}的正文，讲的是一家公司今天发布的新产品，售价和上市时间都没有公布，分析人士认为影响有限。</p>" * 3
    )
    return Answer(f"<html><head><title>{path}</title></head><body><article>{text}</article></body></html>".encode())


@contextmanager
def zh_sites(stack: ExitStack, program: Program) -> Iterator[int]:
    """All Chinese feeds, configured in the program; yields how many different articles they hold."""
    sources, expected = [], set()
    for file in sorted((SHARED / "feeds" / "zh").glob("*.xml")):
        site = stack.enter_context(Site())
        site.fallback = made_up
        site.put("/feed.xml", file.read_bytes(), content_type="application/xml")
        name = re.sub(r"[^a-z0-9]", "", file.stem.lower())
        feed = parse_feed(file.read_bytes(), f"{site.url}/feed.xml", "application/xml")
        expected |= {f"{name}{urlsplit(e.url).path}?{urlsplit(e.url).query}" for e in feed.entries}
        sources.append(
            {
                "name": name,
                "url": f"{site.url}/feed.xml",
                "timezone": "Asia/Shanghai",
                "links": [{"pattern": "^https?://[^/]+", "replace": site.url}],
            }
        )
    program.configure(companies=WATCHED, sources=sources, schedule={"tick": "1s"})
    yield len(expected)


@pytest.fixture(params=["sqlite", "postgres"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Program:
    return Program(tmp_path, {"DATABASE_URL": database(request, request.param, tmp_path)})


def stored(program: Program) -> int:
    done = program.run("search", "--limit", "10000", "--json")
    if done.returncode:
        return 0
    return done.stdout.count('"url":')


def test_all_entries_of_real_chinese_feeds_land_and_a_second_round_adds_none(program: Program) -> None:
    with ExitStack() as stack, zh_sites(stack, program) as expected:
        first = program.ask("crawl")
        second = program.ask("crawl")
        assert first["failed"] == 0
        assert (first["new"], stored(program)) == (expected, expected)
        assert second.get("new", 0) + second.get("edited", 0) + second["entries"] == 0


def test_monitor_run_killed_in_the_middle_and_started_again_loses_and_doubles_none(program: Program) -> None:
    with ExitStack() as stack, zh_sites(stack, program) as expected:
        process = program.start("run")
        try:
            wait_for(lambda: stored(program) > 20)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            process = program.start("run")
            wait_for(lambda: stored(program) == expected, seconds=120)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
        finally:
            process.kill()
        assert program.ask("crawl").get("new", 0) == 0
        assert stored(program) == expected


@pytest.fixture
def gptnb(program: Program) -> Iterator[Program]:
    """The seed article's own site as it is built, links to another host included."""
    folder = SHARED / "feeds" / "gptnb"
    with Site() as site:
        site.put("/feed.rss", (folder / "feed.rss").read_bytes(), content_type="application/rss+xml")
        page = (folder / "page.html").read_bytes()
        site.fallback = lambda path: Answer(page) if path.startswith("/posts/") else None
        source = {
            "name": "gptnb",
            "url": f"{site.url}/feed.rss",
            "full_text": "always",
            "max_size": "64MB",
            "timezone": "Asia/Shanghai",
            "links": [{"pattern": r"^https?://blog\.vuejs\.org/", "replace": "https://www.gptnb.com/"}],
        }
        program.configure(companies=WATCHED, sources=[source])
        yield program


def test_the_seed_articles_site_lands_whole_with_the_right_links_and_text(gptnb: Program) -> None:
    report = gptnb.ask("crawl")
    assert (report["new"], report["sent"]) == (401, 0)
    hits = gptnb.ask("search", "--limit", "1000")
    assert len(hits) == 401
    assert all(hit["url"].startswith("https://www.gptnb.com/posts/") for hit in hits)
    (seed,) = [hit for hit in hits if hit["title"].startswith(SEED)]
    article = gptnb.ask("articles", "show", str(seed["id"]))["article"]["article"]
    assert "Prosperity7" in article["text"]
    assert len(article["text"]) > 1500


def test_a_first_run_over_the_seed_articles_site_holds_old_deals_back(gptnb: Program) -> None:
    gptnb.run("crawl")
    assert gptnb.ask("alerts", "list", "--state", "sent") == []
    held = gptnb.ask("alerts", "list", "--state", "suppressed")
    assert [alert["title"] for alert in held if alert["title"].startswith(SEED)] != []
    assert {alert["verdict"] for alert in held} == {"too_old"}


def test_asked_for_old_news_the_seed_article_gives_its_alert(gptnb: Program) -> None:
    gptnb.run("crawl", "--alert-old")
    sent = [a for a in gptnb.ask("alerts", "list", "--state", "sent") if a["title"].startswith(SEED)]
    assert [(a["company"], a["claim"]["amount"]["low"], a["claim"]["status"]) for a in sent] == [
        ("智谱AI", 400_000_000, "completed")
    ]
