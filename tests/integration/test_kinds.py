"""Sources of every kind, and their fallbacks, as `monitor crawl` visits them."""

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import on_sqlite
from tests.fakes import feeds
from tests.fakes.program import Program
from tests.fakes.site import Site
from tests.integration.conftest import Publish
from tests.integration.test_crawl import DEAL, titles

pytestmark = on_sqlite

LISTING = {"entry": "li.news", "title": "h3", "date": "span.when", "next": "a.next", "pages": 2}
API = {
    "entries": "data.list",
    "url": "{site}/{slug}",
    "title": "title",
    "date": "time",
    "next": "data.next",
    "pages": 2,
}


def watch(program: Program, **source: object) -> None:
    program.configure(
        companies=[{"name": "星河智能"}], sources=[{"name": "site", "timezone": "Asia/Shanghai", **source}]
    )


def sitemap(*urls: str, ago: timedelta = timedelta(hours=1)) -> str:
    stamp = (datetime.now(UTC) - ago).isoformat()
    listed = "".join(f"<url><loc>{url}</loc><lastmod>{stamp}</lastmod></url>" for url in urls)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>'


def test_a_listing_is_read_by_its_selectors_over_its_pages(program: Program, site: Site, publish: Publish) -> None:
    publish("deal", DEAL)
    publish("other", "海豚出行上线夜间班车")
    item = f"<li class=news><a href=/deal><h3>{DEAL}</h3></a><span class=when>3小时前</span></li>"
    site.put("/news", f"<ul>{item}</ul><a class=next href=/news/2>下一页</a>")
    site.put("/news/2", "<ul><li class=news><a href=/other><h3>海豚出行上线夜间班车</h3></a></li></ul>")
    watch(program, kind="listing", url=f"{site.url}/news", listing=LISTING)
    report = program.ask("crawl")
    assert (report["new"], report["alerts"]) == (2, 1)
    assert titles(program) == [DEAL, "海豚出行上线夜间班车"]


def test_a_listing_whose_layout_has_changed_says_what_it_looked_for(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", DEAL)
    site.put("/news", "<div class=card><a href=/deal>x</a></div>")
    watch(program, kind="listing", url=f"{site.url}/news", listing=LISTING)
    assert program.run("crawl").returncode == 4
    (source,) = program.ask("sources", "list")
    assert "'li.news' finds nothing" in source["state"]["last_error"]


def test_an_interface_is_read_by_its_expressions_over_its_pages(program: Program, site: Site, publish: Publish) -> None:
    publish("deal", DEAL)
    publish("other", "海豚出行上线夜间班车")
    now = int(datetime.now(UTC).timestamp() * 1000)
    one = {"data": {"list": [{"slug": "deal", "title": DEAL, "time": now}], "next": f"{site.url}/api/2"}}
    two = {"data": {"list": [{"slug": "other", "title": "海豚出行上线夜间班车", "time": now}]}}
    site.put("/api/1", json.dumps(one), content_type="application/json")
    site.put("/api/2", f"callback({json.dumps(two)});", content_type="application/javascript")
    rule = {**API, "url": f"{site.url}/{{slug}}"}
    watch(program, kind="api", url=f"{site.url}/api/1", api=rule)
    report = program.ask("crawl")
    assert (report["new"], report["alerts"]) == (2, 1)


def test_a_sitemap_brings_what_is_new_and_leaves_what_is_old_to_a_backfill(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", DEAL)
    publish("old", "旧闻一则", hours=24 * 400)
    index = f"<sitemapindex><sitemap><loc>{site.url}/s1.xml.gz</loc></sitemap></sitemapindex>"
    site.put("/sitemap.xml", index, content_type="application/xml")
    old = sitemap(f"{site.url}/old", ago=timedelta(days=400)).replace("</urlset>", "")
    both = old + sitemap(f"{site.url}/deal").partition('0.9">')[2]
    site.put("/s1.xml.gz", gzip.compress(both.encode()), content_type="application/gzip")
    watch(program, kind="sitemap", url=f"{site.url}/sitemap.xml")
    assert program.ask("crawl")["new"] == 1
    assert titles(program) == [DEAL]
    publish("later", "星河智能完成新工厂建设")
    site.put("/s1.xml.gz", gzip.compress((both[:-9] + sitemap(f"{site.url}/later").partition('0.9">')[2]).encode()))
    assert program.ask("crawl")["new"] == 1
    assert "/old" not in site.paths()


def test_a_source_that_fails_is_asked_by_its_next_way_in_the_same_visit(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", DEAL)
    site.put("/broken", "oops", status=500)
    fallback = {"kind": "sitemap", "url": f"{site.url}/sitemap.xml"}
    site.put("/sitemap.xml", sitemap(f"{site.url}/deal"), content_type="application/xml")
    watch(program, url=f"{site.url}/broken", fallbacks=[fallback])
    program.run("crawl")
    assert titles(program) == [DEAL]
    program.run("crawl")
    assert site.paths().count("/broken") == 1  # not asked again before its time
    (source,) = program.ask("sources", "list")
    assert (source["state"]["last_outcome"], source["state"]["failures"]) == ("not_modified", 0)


def test_an_rsshub_route_is_asked_of_the_configured_instance(program: Program, site: Site, publish: Publish) -> None:
    publish("deal", DEAL)
    site.put("/hub/site/news", site._answer("/feed").body, content_type="application/rss+xml")
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": "rsshub://site/news"}],
        crawl={"rsshub": f"{site.url}/hub"},
    )
    assert program.ask("crawl")["new"] == 1


def test_a_long_article_is_joined_from_its_pages(program: Program, site: Site, publish: Publish) -> None:
    story = publish("long.html", DEAL)
    second = feeds.Story(
        f"{site.url}/long_2.html", DEAL, "第二页说，这家公司明年将在三个城市开设新的工厂。", story.published
    )
    first = (
        site._answer("/long.html").body.decode().replace("</article>", "</article><a href='/long_2.html'>下一页</a>")
    )
    site.put("/long.html", first)
    site.put("/long_2.html", feeds.page("示例站", second))
    program.run("crawl")
    (hit,) = program.ask("search", "三个城市开设新的工厂")
    assert hit["url"] == f"{site.url}/long.html"


def test_links_through_a_redirector_are_stored_under_the_address_where_they_end(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", DEAL)
    feed = site._answer("/feed").body.replace(b"/deal<", b"/go?id=1<")
    site.put("/feed", feed, content_type="application/rss+xml")
    site.put("/go?id=1", "", status=302, headers={"Location": "/deal"})
    watch(program, url=f"{site.url}/feed", resolve=True)
    program.run("crawl")
    (hit,) = program.ask("search", "质检模型")
    assert hit["url"] == f"{site.url}/deal"


@pytest.mark.parametrize("way", ["listing", "api"])
def test_a_kind_without_its_rule_is_refused_with_the_line(program: Program, site: Site, way: str) -> None:
    watch(program, kind=way, url=f"{site.url}/x")
    refused = program.run("config", "check")
    assert refused.returncode == 2
    assert f"kind {way} needs" in refused.stderr + refused.stdout
