"""Selectors and expressions of built-in sources, on small answers made up after the structure that they are for."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from monitor.config import catalogue
from monitor.models import Entry
from monitor.parsing.api import parse_api
from monitor.parsing.feeds import parse_feed
from monitor.parsing.listings import parse_listing

NOW = datetime(2026, 8, 1, 4, 0, tzinfo=UTC)  # noon in Shanghai
SOURCES = catalogue()


def of_page(name: str, html: str, way: int = 0) -> tuple[Entry, ...]:
    source = SOURCES[name]
    chosen = source.ways[way]
    return parse_listing(html.encode(), chosen.url, chosen, timezone=source.timezone, now=NOW).entries


def of_json(name: str, answer: object, way: int = 0) -> tuple[Entry, ...]:
    source = SOURCES[name]
    chosen = source.ways[way]
    body = json.dumps(answer).encode()
    return parse_api(body, chosen.url, chosen, timezone=source.timezone, now=NOW).entries


def test_lieyunwang_dates_are_days_hours_ago_and_days_without_a_year() -> None:
    bars = "".join(
        f'<div class="article-bar"><a class="author">小王</a><a class="lyw-article-title" href="{href}">标题</a>'
        f'<p class="article-digest">摘要</p><span class="timestamp">{date}</span></div>'
        for href, date in (
            ("/archives/3", "3小时前"),
            ("https://www.lieyunpro.com/archives/2", "2026-07-29"),
            ("https://www.lieyunwang.com/archives/1", "06-07"),
        )
    )
    entries = of_page("lieyunwang", f'<div class="article-container">{bars}</div>')
    assert [entry.url for entry in entries] == [f"https://lieyunpro.com/archives/{number}" for number in (3, 2, 1)]
    assert [entry.published and entry.published.isoformat() for entry in entries] == [
        "2026-08-01T01:00:00+00:00",
        "2026-07-29T00:00:00+08:00",
        "2026-06-07T00:00:00+08:00",
    ]
    assert {(entry.title, entry.summary, entry.author) for entry in entries} == {("标题", "摘要", "小王")}


def test_a_round_on_36kr_has_its_title_teaser_and_hour_and_leads_to_the_host_that_shows_it() -> None:
    item = (
        '<div class="item"><div class="item-title"><span class="type">快讯</span>'
        '<a class="title" href="https://36kr.com/newsflashes/7">星河智能获投</a></div>'
        '<div class="item-desc">由青松资本领投</div><span class="time">昨天 18:30</span></div>'
    )
    (entry,) = of_page("36kr-financing", item)
    assert (entry.url, entry.title, entry.summary) == (
        "https://www.36kr.com/newsflashes/7",
        "星河智能获投",
        "由青松资本领投",
    )
    assert entry.published == datetime(2026, 7, 31, 10, 30, tzinfo=UTC)


def test_an_investment_on_pedaily_has_its_author_and_minute() -> None:
    item = (
        '<ul id="newslist-all"><li class="h-news"><div class="txt">'
        '<h3><a href="https://news.pedaily.cn/202607/1.shtml">青禾机器人获投</a></h3>'
        '<div class="info"><span class="author">小李</span><span class="date">2026-07-29 10:30</span></div>'
        "</div></li></ul>"
    )
    (entry,) = of_page("pedaily", item)
    assert (entry.title, entry.author) == ("青禾机器人获投", "小李")
    assert entry.published == datetime(2026, 7, 29, 2, 30, tzinfo=UTC)


def test_a_picture_on_jiemian_is_no_entry_beside_the_headline_it_belongs_to() -> None:
    picture, headline = '<a href="/article/1.html"><img src="1.jpg"></a>', '<a href="/article/1.html">云杉芯片融资</a>'
    page = f'{picture}{headline}<a href="/about">关于</a>'
    assert [(entry.url, entry.title) for entry in of_page("jiemian-venture", page)] == [
        ("https://www.jiemian.com/article/1.html", "云杉芯片融资")
    ]


def test_a_story_on_solidot_is_led_to_by_its_last_link_not_by_its_topic() -> None:
    block = (
        '<div class="block_m"><div class="bg_htit"><h2><a href="/topic">AI</a>: '
        '<a href="/story?sid=1">标题</a></h2></div>'
        '<div class="talk_time">发表于2026年07月31日 10时30分 星期五</div></div>'
    )
    (entry,) = of_page("solidot", block, way=1)
    assert (entry.url, entry.title) == ("https://www.solidot.org/story?sid=1", "标题")
    assert entry.published == datetime(2026, 7, 31, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize("wrap", [lambda a: {"article": a}, lambda a: {"data": a}, lambda a: a])
def test_cyzone_answers_hold_articles_in_one_of_three_places(wrap: Callable[[object], object]) -> None:
    article = {"content_id": 7, "title": "海豚出行获投", "published_at": 1785470400}
    for answer in (wrap([article]), wrap([{"item": article}])):
        (entry,) = of_json("cyzone", {"data": answer})
        assert (entry.url, entry.title) == ("https://www.cyzone.cn/article/7.html", "海豚出行获投")
        assert entry.published == datetime(2026, 7, 31, 4, 0, tzinfo=UTC)


def test_yicai_is_read_without_what_is_for_subscribers() -> None:
    news = [{"AppID": number, "url": f"/news/{number}.html", "NewsTitle": "标题"} for number in (0, 1)]
    assert [entry.url for entry in of_json("yicai", news)] == ["https://www.yicai.com/news/1.html"]


def test_the_day_and_the_time_of_a_yicai_brief_stand_in_two_fields() -> None:
    brief = {"url": "/brief/1.html", "indexTitle": "快讯", "newcontent": "正文", "datekey": "2026.07.31", "hm": "10:30"}
    dated, undated = of_json("yicai-brief", [brief, {"url": "/brief/2.html", "indexTitle": "快讯"}])
    assert (dated.content, dated.published) == ("正文", datetime(2026, 7, 31, 2, 30, tzinfo=UTC))
    assert undated.published is None


def test_caixin_is_read_without_radio_and_videos() -> None:
    hosts = ("fm", "video", "companies")
    news = [{"url": f"https://{host}.caixin.com/1.html", "title": "标题"} for host in hosts]
    assert [entry.url for entry in of_json("caixin", {"data": {"articleList": news}})] == [
        "https://companies.caixin.com/1.html"
    ]


def test_a_topic_of_readhub_without_an_address_has_one_made_of_its_number() -> None:
    topics = [{"uid": "8a", "title": "话题"}, {"uid": "8b", "url": "https://example.com/b", "title": "话题"}]
    assert [entry.url for entry in of_json("readhub", {"data": {"items": topics}})] == [
        "https://readhub.cn/topic/8a",
        "https://example.com/b",
    ]


def test_the_times_of_wordpress_posts_are_utc_whatever_the_zone_of_the_site() -> None:
    post = {
        "link": "https://www.geekwire.com/2026/lumen/",
        "date_gmt": "2026-07-31T10:30:00",
        "title": {"rendered": "Lumen&#8217;s round"},
        "excerpt": {"rendered": "<p>Teaser</p>"},
        "content": {"rendered": "<p>Lumen Labs raised $5M.</p>"},
    }
    (entry,) = of_json("geekwire", [post], way=1)
    assert (entry.title, entry.summary, entry.content) == ("Lumen’s round", "Teaser", "<p>Lumen Labs raised $5M.</p>")
    assert entry.published == datetime(2026, 7, 31, 10, 30, tzinfo=UTC)


def test_a_launch_on_hacker_news_is_told_from_stories_that_speak_of_launches() -> None:
    hits = [
        {"objectID": str(n), "title": t} for n, t in enumerate(("Launch HN: Lumen Labs", "How to write a Launch HN"))
    ]
    (entry,) = of_json("hacker-news-launches", {"hits": hits}, way=1)
    assert entry.url == "https://news.ycombinator.com/item?id=0"


def test_what_bing_finds_of_xiniudata_leads_to_the_articles_themselves() -> None:
    source = SOURCES["xiniudata"]
    target = "https%3a%2f%2fnews.example%2fa.html"
    feed = f"""<rss version="2.0"><channel><title>烯牛数据</title><item><title>标题</title>
        <link>http://www.bing.com/news/apiclick.aspx?ref=FexRss&amp;aid=&amp;tid=1&amp;url={target}&amp;c=2</link>
        </item></channel></rss>"""
    (entry,) = parse_feed(feed.encode(), source.url, rules=source.links, now=NOW).entries
    assert entry.url == "https://news.example/a.html"
