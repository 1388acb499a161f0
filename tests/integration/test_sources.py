"""`monitor sources`: adding a site without code, lists of feeds, sites tried offline."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import on_sqlite
from tests.fakes import feeds
from tests.fakes.program import Program
from tests.fakes.site import Site
from tests.integration.conftest import Publish
from tests.integration.test_crawl import DEAL

pytestmark = on_sqlite

HEADLINES = [
    DEAL,
    "海豚出行上线夜间班车服务",
    "白鹭医疗发布新一代影像设备",
    "青松芯片回应产能不足传闻",
    "远山机器人进入欧洲市场",
]


@pytest.fixture
def front_page(site: Site, publish: Publish) -> str:
    """A site without a feed: its front page has navigation, a list of news and a footer."""
    items = ""
    for i, title in enumerate(HEADLINES):
        publish(f"news/{i}.html", title)
        date = (datetime.now(UTC) - timedelta(hours=i + 1)).strftime("%Y-%m-%d %H:%M")
        items += (
            f"<div class='card'><a href='/news/{i}.html'><h3>{title}</h3></a><span class='when'>{date}</span></div>"
        )
    site.put("/feed", "gone", status=404)
    links = "".join(f"<li><a href='/about/{i}'>关于我们与联系方式的说明{i}</a></li>" for i in range(9))
    site.put("/", f"<html><body><nav><ul>{links}</ul></nav><div class='list'>{items}</div><footer>{links}</footer>")
    return f"{site.url}/"


def configured(program: Program) -> list[Any]:
    text = (program.folder / "monitor.yaml").read_text(encoding="utf-8")
    return list(yaml.safe_load(text)["sources"])


def test_a_site_without_a_feed_is_added_as_a_listing_and_can_be_crawled(program: Program, front_page: str) -> None:
    program.configure(companies=[{"name": "星河智能"}], sources=["36kr"])
    added = program.run("sources", "add", front_page, "--name", "found", "--yes")
    assert added.returncode == 0, added.stderr
    assert all(title in added.stdout for title in HEADLINES)
    (source,) = [source for source in configured(program) if isinstance(source, dict)]
    assert source["kind"] == "listing"
    report = program.ask("crawl", "--source", "found")
    assert (report["new"], report["alerts"]) == (5, 1)


def test_a_feed_that_a_site_does_not_announce_is_found_at_a_usual_address(
    program: Program, site: Site, publish: Publish
) -> None:
    story = publish("deal", DEAL)
    site.put("/rss.xml", feeds.rss("示例站", [story]), content_type="application/rss+xml")
    site.put("/feed", "gone", status=404)
    site.put("/", "<html><body><p>Hello</p></body></html>")
    program.configure(companies=[{"name": "星河智能"}], sources=["36kr"])
    assert program.run("sources", "add", f"{site.url}/", "--name", "found", "--yes").returncode == 0
    assert configured(program)[-1]["url"] == f"{site.url}/rss.xml"


def test_adding_a_feed_fetches_it_once(program: Program, site: Site, publish: Publish) -> None:
    publish("deal", DEAL)
    program.configure(companies=[{"name": "星河智能"}], sources=["36kr"])
    program.run("sources", "add", f"{site.url}/feed", "--name", "found", "--yes")
    assert site.paths().count("/feed") == 1


def test_a_site_that_can_be_read_in_no_way_is_not_added(program: Program, site: Site) -> None:
    site.put("/", "<html><body><p>Hello</p></body></html>")
    program.configure(companies=[{"name": "星河智能"}], sources=["36kr"])
    refused = program.run("sources", "add", f"{site.url}/", "--name", "found", "--yes")
    assert refused.returncode == 1
    assert "announces no feed" in refused.stderr
    assert configured(program) == ["36kr"]


def test_lists_of_feeds_come_in_and_go_out_as_opml(program: Program, site: Site) -> None:
    opml = (
        '<opml version="2.0"><body><outline text="News"><outline text="One &amp; two" xmlUrl="https://one.example/feed"/>'
        '<outline title="Again" xmlurl="https://one.example/feed"/><outline text="Bad" xmlUrl="ftp://x"/></outline>'
        f'<outline text="Known" xmlUrl="{site.url}/feed"/></body></opml>'
    )
    (program.folder / "feeds.opml").write_text(opml, encoding="utf-8")
    added = program.run("sources", "import", "feeds.opml")
    assert added.returncode == 0, added.stderr
    assert [source["url"] for source in configured(program)] == [f"{site.url}/feed", "https://one.example/feed"]
    exported = program.run("sources", "export").stdout
    assert 'text="One &amp; two"' in exported
    assert 'xmlUrl="https://one.example/feed"' in exported


def test_a_list_that_is_no_opml_is_refused_with_file_and_line(program: Program) -> None:
    (program.folder / "feeds.opml").write_text("<opml><body>\n<outline", encoding="utf-8")
    refused = program.run("sources", "import", "feeds.opml")
    assert refused.returncode == 1
    assert "feeds.opml:2: is no OPML" in refused.stderr


@pytest.fixture
def saved_site(tmp_path: Path) -> Path:
    """A site saved with what is expected of it."""
    folder = tmp_path / "example"
    folder.mkdir()
    rule = {"name": "example", "url": "https://s.example/", "kind": "listing", "listing": {"entry": "li", "link": "a"}}
    (folder / "source.yaml").write_text(
        yaml.safe_dump({**rule, "timezone": "Asia/Shanghai", "page": {"author": ".who"}}), encoding="utf-8"
    )
    (folder / "front.html").write_text("<ul><li><a href='/a'>第一条新闻的标题</a></li></ul>", encoding="utf-8")
    expected = {"url": "https://s.example/", "least": 1, "entries": [{"url": "https://s.example/a"}]}
    (folder / "front.html.json").write_text(json.dumps(expected), encoding="utf-8")
    story = feeds.Story("https://s.example/a", DEAL, f"{DEAL}，公司今天宣布。" * 3, datetime(2024, 6, 7, tzinfo=UTC))
    page = feeds.page("示例站", story).replace("<article>", "<b class='who'>林溪</b><article>")
    (folder / "a.html").write_text(page, encoding="utf-8")
    wanted = {"url": "https://s.example/a", "title": DEAL, "author": "林溪", "published": "2024-06-07"}
    (folder / "a.html.json").write_text(json.dumps(wanted), encoding="utf-8")
    return folder


def test_a_saved_site_that_reads_as_expected_passes(program: Program, saved_site: Path) -> None:
    done = program.run("sources", "test", str(saved_site))
    assert (done.returncode, done.stdout) == (0, ""), done.stdout


def test_a_saved_site_that_reads_otherwise_says_what_differs(program: Program, saved_site: Path) -> None:
    wanted = {"url": "https://s.example/a", "author": "别人", "text_contains": ["没有的话"]}
    (saved_site / "a.html.json").write_text(json.dumps(wanted), encoding="utf-8")
    done = program.run("sources", "test", str(saved_site))
    assert done.returncode == 1
    assert "author is '林溪', '别人' is expected" in done.stdout
    assert "text lacks '没有的话'" in done.stdout


def test_a_misspelt_expectation_is_refused_with_its_file(program: Program, saved_site: Path) -> None:
    (saved_site / "a.html.json").write_text('{"url": "https://s.example/a", "titel": "x"}', encoding="utf-8")
    refused = program.run("sources", "test", str(saved_site))
    assert refused.returncode == 2
    assert "a.html.json: titel" in refused.stderr


def test_a_source_that_is_gone_is_told_once_to_the_operations_channel(program: Program, site: Site) -> None:
    site.put("/feed", "gone", status=410)
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "title": "示例站", "url": f"{site.url}/feed"}],
        channels=[{"name": "screen", "type": "console", "language": "zh"}],
        alerts={"operations": "screen"},
    )
    first, second = program.run("crawl"), program.run("crawl")
    assert first.stdout.count("示例站：已不存在") == 1
    assert "410" in first.stdout
    assert second.stdout == ""


def test_an_unknown_operations_channel_is_refused_with_the_nearest_name(program: Program, site: Site) -> None:
    program.configure(companies=[{"name": "x"}], sources=["36kr"], alerts={"operations": "scren"})
    refused = program.run("config", "check")
    assert refused.returncode == 2
    assert "did you mean 'screen'?" in refused.stderr


def test_a_source_that_turns_into_something_else_is_told_once_and_once_when_it_is_well_again(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", DEAL)
    good = site._answer("/feed").body
    program.run("crawl")
    site.put("/feed", "<html>maintenance</html>")
    told = "".join(program.run("crawl").stderr for _ in range(5))
    assert told.count("has changed its layout") == 1
    site.put("/feed", good, content_type="application/rss+xml")
    assert "is well again" in program.run("crawl").stderr
    assert "is well again" not in program.run("crawl").stderr


def test_the_list_of_sources_shows_their_health(program: Program, publish: Publish) -> None:
    publish("deal", DEAL)
    program.run("crawl")
    listed = program.run("sources", "list").stdout
    assert "well" in listed
    assert "▁" * 14 in listed
    (source,) = program.ask("sources", "list")
    assert (source["daily"], source["lacking"]) == ([0] * 14, 0.0)


def test_a_source_that_is_gone_is_closed_until_it_is_enabled_again(program: Program, site: Site) -> None:
    site.put("/feed", "gone", status=410)
    program.run("crawl")
    program.run("crawl", "--due")
    assert site.paths() == ["/feed"]
    assert program.run("sources", "enable", "site").returncode == 0
    program.run("crawl", "--due")
    assert site.paths() == ["/feed", "/feed"]
