"""The past: `monitor backfill`, and pages kept to be read again."""

import signal
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes import feeds
from tests.fakes.program import Program
from tests.fakes.site import Answer, Site
from tests.integration.conftest import Publish
from tests.integration.test_crawl import DEAL, titles, wait_for

SINCE = (datetime.now(UTC) - timedelta(days=500)).strftime("%Y-%m-%d")


@pytest.fixture
def past(site: Site, publish: Publish) -> list[str]:
    """Twenty old articles in a sitemap that robots.txt names, and one that is older than anybody asks for."""
    urls = []
    for i in range(20):
        story = publish(f"old/{i}", f"旧闻第{i}条：星河智能完成{i + 1}亿元融资", hours=24 * (30 + i))
        urls.append((story.url, story.published))
    urls.append((f"{site.url}/ancient", datetime.now(UTC) - timedelta(days=2000)))
    listed = "".join(f"<url><loc>{url}</loc><lastmod>{at.isoformat()}</lastmod></url>" for url, at in urls)
    site.put("/sitemap.xml", f"<urlset>{listed}</urlset>", content_type="application/xml")
    site.put("/robots.txt", f"Sitemap: {site.url}/sitemap.xml\n", content_type="text/plain")
    site.put("/feed", feeds.rss("示例站", []), content_type="application/rss+xml")
    return [url for url, _ in urls]


def test_a_backfill_fills_archive_and_deals_without_an_alert(program: Program, site: Site, past: list[str]) -> None:
    done = program.ask("backfill", "site", "--since", SINCE)
    assert (done["new"], done["left"]) == (20, 0)
    assert len(program.ask("deals")) > 0
    assert [
        alert["state"] for alert in program.ask("alerts", "list", "--limit", "100") if alert["state"] == "sent"
    ] == []
    assert "/ancient" not in site.paths()


def test_a_backfill_that_is_done_fetches_nothing_again(program: Program, site: Site, past: list[str]) -> None:
    program.run("backfill", "site", "--since", SINCE)
    site.asked.clear()
    assert program.ask("backfill", "site", "--since", SINCE).get("new", 0) == 0
    assert not [path for path in site.paths() if path.startswith("/old/")]


def test_a_backfill_that_was_killed_goes_on_where_it_was(program: Program, site: Site, past: list[str]) -> None:
    run = program.start("backfill", "site", "--since", SINCE)
    wait_for(lambda: len([path for path in site.paths() if path.startswith("/old/")]) > 5)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    program.run("backfill", "site", "--since", SINCE)
    assert len(titles(program)) == 20


def test_a_crawl_does_not_fetch_what_waits_for_a_backfill(program: Program, site: Site, past: list[str]) -> None:
    site.fallback = lambda _path: Answer(b"busy", status=503)
    for i in range(20):
        site._answers.pop(f"/old/{i}")
    program.run("backfill", "site", "--since", SINCE)
    program.let_retries_come_due()
    site.asked.clear()
    program.run("crawl")
    assert not [path for path in site.paths() if path.startswith("/old/")]


def test_the_archive_of_a_feed_is_followed_page_by_page(program: Program, site: Site, publish: Publish) -> None:
    stories = [publish(f"a{i}", f"第{i}条旧闻", hours=24 * (40 + i)) for i in range(4)]
    for page in (1, 2):
        body = feeds.rss("示例站", stories[2 * page - 2 : 2 * page])
        following = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="next" href="{site.url}/feed/2"/>'
        body = body.replace("<description/>", f"<description/>{following}" if page == 1 else "<description/>", 1)
        site.put("/feed" if page == 1 else "/feed/2", body, content_type="application/rss+xml")
    assert program.ask("backfill", "site", "--since", SINCE)["new"] == 4


def test_an_unknown_source_has_no_past(program: Program) -> None:
    refused = program.run("backfill", "sit", "--since", "2024-01-01")
    assert refused.returncode == 2
    assert "did you mean 'site'?" in refused.stderr


@pytest.fixture
def keeping(program: Program, site: Site) -> Program:
    """The program, keeping pages as they were fetched."""
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"{site.url}/feed", "page": {"author": ".nobody"}}],
        crawl={"raw_pages": {}},
    )
    return program


def test_kept_pages_are_read_again_with_new_rules(keeping: Program, site: Site, publish: Publish) -> None:
    publish("deal", DEAL)
    site.put(
        "/deal",
        site._answer("/deal").body.replace(
            b"<article>", "<p class='aside'>广告：立即订阅我们的会员服务，享受更多的精彩内容。</p><article>".encode()
        ),
    )
    keeping.run("crawl")
    assert keeping.ask("reextract") == {"pages": 1, "unchanged": 1}
    keeping.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"{site.url}/feed", "page": {"text": ".content p:first-child"}}],
        crawl={"raw_pages": {}},
    )
    outcome = keeping.ask("reextract")
    assert outcome["pages"] == 1
    site.asked.clear()
    assert len(keeping.ask("alerts", "list")) == 1
    assert site.paths() == []


def test_pages_are_kept_only_when_asked_for(program: Program, publish: Publish) -> None:
    publish("deal", DEAL)
    program.run("crawl")
    assert program.ask("reextract") == {"pages": 0}


def test_the_oldest_pages_make_room_for_new_ones(program: Program, site: Site, publish: Publish) -> None:
    for i in range(5):
        publish(f"a{i}", f"第{i}条")
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"{site.url}/feed"}],
        crawl={"raw_pages": {"total": "3KB"}},
    )
    program.run("crawl")
    assert 0 < program.ask("reextract")["pages"] < 5
