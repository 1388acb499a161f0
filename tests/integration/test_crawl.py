"""Crawl runs, as `monitor crawl` does them: nothing missed, nothing twice, politely."""

import re
import signal
import time
from collections.abc import Callable

import pytest

from tests.conftest import on_sqlite
from tests.fakes import feeds
from tests.fakes.program import Program
from tests.fakes.site import Answer, Site
from tests.integration.conftest import Publish

DEAL = "星河智能获投2亿元，蓝湖资本领投"


def titles(program: Program) -> list[str]:
    return sorted(hit["title"] for hit in program.ask("search", "--limit", "1000"))


def wait_for(happened: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_a_deal_is_stored_told_once_and_not_again_in_a_second_round(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", DEAL)
    publish("other", "海豚出行上线夜间班车")
    first = program.run("crawl")
    second = program.run("crawl")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert first.stdout.count("蓝湖资本领投") >= 1
    assert second.stdout == ""
    assert titles(program) == [DEAL, "海豚出行上线夜间班车"]
    assert [alert["state"] for alert in program.ask("alerts", "list")] == ["sent"]
    assert site.paths() == ["/feed", "/deal", "/other", "/feed"] or site.paths() == [
        "/feed",
        "/other",
        "/deal",
        "/feed",
    ]


def test_an_unchanged_feed_costs_one_conditional_request(program: Program, site: Site, publish: Publish) -> None:
    publish("deal", DEAL)
    program.run("crawl")
    program.run("crawl")
    polls = [asked for asked in site.asked if asked.path == "/feed"]
    assert "If-None-Match" not in polls[0].headers
    assert polls[1].headers["If-None-Match"].startswith('"')
    (source,) = program.ask("sources", "list")
    assert source["state"]["last_outcome"] == "not_modified"


@on_sqlite
def test_requests_say_who_asks_and_carry_no_cookie_and_no_referrer(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", DEAL)
    site.put("/feed", site._answer("/feed").body, headers={"Set-Cookie": "a=b"})
    program.run("crawl")
    assert {asked.path for asked in site.asked} == {"/robots.txt", "/feed", "/deal"}
    for asked in site.asked:
        assert asked.headers["User-Agent"].startswith("FundingNewsMonitor/")
        assert not {"Cookie", "Referer"} & set(asked.headers)


def test_only_sources_whose_time_has_come_are_visited_with_due(program: Program, site: Site, publish: Publish) -> None:
    publish("deal", DEAL)
    assert program.ask("crawl", "--due")["polls"] == 1
    assert "polls" not in program.ask("crawl", "--due")
    assert site.paths().count("/feed") == 1


def test_old_articles_are_stored_but_told_only_when_asked_for(program: Program, publish: Publish) -> None:
    publish("deal", DEAL, hours=24 * 30)
    assert program.run("crawl").stdout == ""
    (alert,) = program.ask("alerts", "list")
    assert (alert["state"], alert["verdict"]) == ("suppressed", "too_old")


def test_a_first_run_tells_of_old_articles_with_alert_old(program: Program, publish: Publish) -> None:
    publish("deal", DEAL, hours=24 * 30)
    assert DEAL in program.run("crawl", "--alert-old").stdout


@on_sqlite
def test_a_page_that_is_filled_by_javascript_falls_back_to_the_feed(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", DEAL)
    site.put("/deal", "<html><head><title>App</title></head><body><div id='app'></div><script src='a.js'></script>")
    program.run("crawl")
    (hit,) = program.ask("search", "成立于2021年")
    assert hit["title"] == DEAL


@on_sqlite
def test_a_page_that_is_gone_leaves_what_the_feed_says(program: Program, publish: Publish) -> None:
    publish("deal", DEAL, page=False)
    report = program.ask("crawl")
    assert (report["new"], report.get("postponed", 0)) == (1, 0)
    assert titles(program) == [DEAL]


def test_a_page_that_cannot_be_had_now_is_fetched_later_though_the_feed_is_unchanged(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", DEAL)
    page = site._answer("/deal")
    site.put("/deal", "busy", status=503)
    report = program.ask("crawl")
    assert (report["postponed"], report["alerts"]) == (1, 1)  # the headline is the news, the text comes later
    site.put("/deal", page.body)
    program.let_retries_come_due()
    assert program.ask("crawl", "--due")["edited"] == 1
    (hit,) = program.ask("search", "质检模型")
    assert hit["title"] == DEAL
    assert len(program.ask("alerts", "list")) == 1


def test_an_edited_page_becomes_a_new_version_and_no_second_alert(program: Program, publish: Publish) -> None:
    publish("deal", DEAL)
    program.run("crawl")
    publish("deal", DEAL, "更正：本轮由远山基金参投。")
    assert program.ask("crawl")["edited"] == 1
    (hit,) = program.ask("search", "远山基金")
    assert program.ask("articles", "show", str(hit["id"]))["former_versions"] == [1]
    assert len(program.ask("alerts", "list")) == 1


@on_sqlite
def test_a_site_that_forbids_robots_is_left_alone(program: Program, site: Site, publish: Publish) -> None:
    publish("deal", DEAL)
    site.put("/robots.txt", "User-agent: *\nDisallow: /", content_type="text/plain")
    assert program.run("crawl").returncode == 4
    assert site.paths() == []
    (source,) = program.ask("sources", "list")
    assert source["state"]["last_outcome"] == "refused"


@on_sqlite
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(b"<html>maintenance</html>"), "parse_error"),
        (Answer(b"", "text/xml", 500), "http_error"),
        (Answer(b"", "text/xml", 404), "http_error"),
    ],
)
def test_a_source_that_fails_is_asked_less_often_and_says_why(
    program: Program, site: Site, answer: Answer, outcome: str
) -> None:
    site.put("/feed", answer.body, content_type=answer.content_type, status=answer.status)
    assert program.run("crawl").returncode == 4
    (source,) = program.ask("sources", "list")
    state = source["state"]
    assert (state["last_outcome"], state["failures"]) == (outcome, 1)
    assert site.url in state["last_error"]


def test_a_run_killed_in_the_middle_loses_and_doubles_nothing(program: Program, site: Site, publish: Publish) -> None:
    for i in range(30):
        publish(f"a{i}", f"第{i}条：星河智能完成{i + 1}号工厂建设")
    run = program.start("crawl")
    wait_for(lambda: len(site.paths()) > 10)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    program.run("crawl")
    assert titles(program) == sorted(f"第{i}条：星河智能完成{i + 1}号工厂建设" for i in range(30))


def test_sigterm_ends_a_run_within_eight_seconds_and_the_next_one_does_the_rest(
    program: Program, site: Site, publish: Publish
) -> None:
    for i in range(30):
        publish(f"a{i}", f"第{i}条")
    hanging = site._answer("/a7").body

    def slow(path: str) -> Answer:
        if path != "/a7":
            return Answer(b"", status=404)
        time.sleep(20)
        return Answer(hanging)

    site._answers.pop("/a7")
    site.fallback = slow
    run = program.start("crawl")
    wait_for(lambda: "/a7" in site.paths())
    begun = time.monotonic()
    run.send_signal(signal.SIGTERM)
    run.communicate(timeout=30)
    assert time.monotonic() - begun < 8
    assert run.returncode == 0
    site.fallback = lambda _path: Answer(hanging)
    program.run("crawl")
    assert len(titles(program)) == 30


@on_sqlite
def test_redirects_of_feed_and_page_are_followed(program: Program, site: Site, publish: Publish) -> None:
    publish("deal", DEAL)
    feed, page = site._answer("/feed"), site._answer("/deal")
    site.put("/feed", "", status=301, headers={"Location": "/new-feed"})
    site.put("/new-feed", feed.body, content_type="application/rss+xml")
    site.put("/deal", "", status=302, headers={"Location": "/deal.html"})
    site.put("/deal.html", page.body)
    assert program.run("sources", "check").returncode == 0
    program.run("crawl")
    (hit,) = program.ask("search", "质检模型")
    assert hit["url"] == f"{site.url}/deal"


@on_sqlite
@pytest.mark.parametrize(
    ("headers", "body", "kind"),
    [
        ({"Retry-After": "Thu, 01 Jan 2099 00:00:00 +99999999999999"}, b"", "text/xml"),
        ({"ETag": '"a\x01b"'}, b"<rss><channel></channel></rss>", "text/xml; charset=hex"),
        (
            {},
            b'{"version": "https://jsonfeed.org/version/1", "items": [{"url": "/x", "title": "\\ud800"}]}',
            "application/json",
        ),
    ],
)
def test_whatever_a_source_answers_its_poll_is_recorded(
    program: Program, site: Site, headers: dict[str, str], body: bytes, kind: str
) -> None:
    site.put("/feed", body, content_type=kind, headers=headers, status=200 if body else 503)
    program.run("crawl")
    assert "polls" not in program.ask("crawl", "--due")


@on_sqlite
@pytest.mark.parametrize("charset", ["hex", "idna", "punycode", "utf-7", "nonsense"])
def test_a_page_in_an_odd_charset_is_stored(program: Program, site: Site, publish: Publish, charset: str) -> None:
    publish("deal", DEAL)
    site.put("/deal", site._answer("/deal").body, content_type=f"text/html; charset={charset}")
    program.run("crawl")
    assert titles(program) == [DEAL]


@on_sqlite
def test_a_host_that_does_not_answer_is_given_up_for_the_run(program: Program, site: Site, publish: Publish) -> None:
    with Site() as dead:
        for i in range(12):
            story = publish(f"a{i}", f"第{i}条", page=False)
            feed = site._answer("/feed").body.replace(story.url.encode(), f"{dead.url}/a{i}".encode())
            site.put("/feed", feed, content_type="application/rss+xml")
        dead_url = dead.url
    feed = site._answer("/feed").body.replace(site.url.encode(), dead_url.encode())
    site.put("/feed", feed, content_type="application/rss+xml")
    report = program.ask("crawl")
    assert report["postponed"] == 12
    assert len(titles(program)) == 12


@on_sqlite
def test_an_unknown_source_is_refused_with_the_nearest_name(program: Program) -> None:
    refused = program.run("crawl", "--source", "sit")
    assert refused.returncode == 2
    assert "did you mean 'site'?" in refused.stderr


def test_one_page_is_one_article_though_two_sources_bring_it(program: Program, site: Site, publish: Publish) -> None:
    story = publish("deal", DEAL)
    site.put("/second", feeds.atom("另一站", [story]), content_type="application/atom+xml")
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": name, "url": f"{site.url}/{path}"} for name, path in (("one", "feed"), ("two", "second"))],
    )
    program.run("crawl")
    assert titles(program) == [DEAL]
    assert len(program.ask("alerts", "list")) == 1


@on_sqlite
def test_check_shows_what_a_source_holds_and_stores_nothing(program: Program, publish: Publish) -> None:
    publish("deal", DEAL)
    checked = program.run("sources", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert re.search(r"^site \(feed http://\S+/feed\): all right$", checked.stdout, re.MULTILINE)
    assert DEAL in checked.stdout
    program.run("db", "upgrade")
    assert titles(program) == []


@on_sqlite
def test_add_finds_the_feed_that_a_page_announces_and_writes_it(program: Program, site: Site, publish: Publish) -> None:
    publish("deal", DEAL)
    site.put(
        "/", '<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head><body>Hi</body></html>'
    )
    program.configure(companies=[{"name": "星河智能"}], sources=["36kr"])
    added = program.run("sources", "add", f"{site.url}/", "--name", "found", "--yes")
    assert added.returncode == 0, added.stderr
    assert f"url: {site.url}/feed" in (program.folder / "monitor.yaml").read_text(encoding="utf-8")


@on_sqlite
def test_scrapy_itself_knows_the_project(program: Program, site: Site, publish: Publish) -> None:
    publish("deal", DEAL)
    assert program.scrapy("list").stdout.split() == ["backfill", "check", "errands", "page", "sources"]
    program.scrapy("crawl", "sources", "-a", "source=site")
    assert titles(program) == [DEAL]
    shell = program.scrapy("shell", f"{site.url}/deal", "-c", "response.status")
    assert shell.stdout.strip() == "200", shell.stderr
