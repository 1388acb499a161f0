"""What is fuzzed: each takes bytes and gives what it read in them; it raises if that is not as it should be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from monitor.detection import money as amounts
from monitor.detection.detector import Detector
from monitor.errors import ParseError, UrlError
from monitor.parsing.api import parse_api
from monitor.parsing.dates import parse_date
from monitor.parsing.feeds import discover_feeds, parse_feed
from monitor.parsing.listings import parse_listing
from monitor.parsing.pages import parse_page
from monitor.parsing.robots import read_robots
from monitor.parsing.sitemaps import parse_sitemap
from monitor.searching.query import QueryError
from monitor.searching.query import parse as parse_query
from monitor.settings import ApiRule, Company, ListingRule, SitemapRule, Way
from monitor.text import clean, clean_line, fold
from monitor.urls import canonical

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
AT = "https://news.example/a/"
LISTING = Way(kind="listing", url=AT, listing=ListingRule(entry="li", title="h2", date="time", next="a.next"))
API = Way(kind="api", url=AT, api=ApiRule(entries="data.items", url="https://news.example/p/{id}", date="at"))
SITEMAP = Way(kind="sitemap", url=AT, sitemap=SitemapRule(entries="/a/"))
DETECTOR = Detector((Company(name="智谱AI", aliases=("智谱", "Zhipu AI")),), (), everyone=True)


@dataclass(frozen=True, slots=True)
class Refused:
    """Bytes that are not what they should be, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Target:
    """Something that reads bytes, and inputs to begin with."""

    read: Callable[[bytes], object]
    seeds: tuple[bytes, ...]


def feed(data: bytes) -> object:
    found = parse_feed(data, AT, now=NOW)
    for entry in found.entries:
        assert entry.url.startswith(("http://", "https://"))
        assert "\0" not in entry.title
    return found


def page(data: bytes) -> object:
    found = parse_page(data, AT, now=NOW)
    assert "\0" not in found.title + found.text
    return found, discover_feeds(data, AT)


def sitemap(data: bytes) -> object:
    return parse_sitemap(data, AT, SITEMAP, now=NOW)


def listing(data: bytes) -> object:
    return parse_listing(data, AT, LISTING, now=NOW)


def api(data: bytes) -> object:
    return parse_api(data, AT, API, now=NOW)


def robots(data: bytes) -> object:
    rules = read_robots(data)
    return rules.allows(AT, "FundingNewsMonitor"), rules.crawl_delay("FundingNewsMonitor")


def money(data: bytes) -> object:
    folded = fold(data.decode("utf-8", "replace"))
    last, found = 0, list(amounts.find(folded))
    for amount in found:
        assert last <= amount.start < amount.end <= len(folded)
        last = amount.end
        low, high = amount.money.low, amount.money.high
        assert low is not None or high is not None
        assert 0 <= (low or 0) <= (high or low or 0)
    return found


def deal(data: bytes) -> object:
    title, _, text = data.decode("utf-8", "replace").partition("\n")
    title, text = clean_line(title), clean(text)
    found = DETECTOR.detect(title, text, published=NOW)
    for claim in found.claims:
        span = claim.evidence.span
        assert (title if span.part == "title" else text)[span.start : span.end] == claim.evidence.sentence
    return found


def query(data: bytes) -> object:
    text = data.decode("utf-8", "replace")
    try:
        return parse_query(text, NOW.date())
    except QueryError as error:
        start, end, why = error.start, error.end, str(error)
    assert 0 <= start <= end <= len(text)
    return Refused(why)


def url(data: bytes) -> object:
    text = data.decode("utf-8", "replace")
    once = canonical(text, AT)
    assert canonical(once) == once
    return once


def date(data: bytes) -> object:
    found = parse_date(data.decode("utf-8", "replace"), "Asia/Shanghai")
    assert found is None or found.tzinfo is not None
    return found


def reading(target: Callable[[bytes], object]) -> Callable[[bytes], object]:
    """The target, for which a refusal with a reason is no fault but what it gives."""

    def read(data: bytes) -> object:
        try:
            return target(data)
        except (ParseError, UrlError) as error:
            return Refused(str(error))

    return read


_RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>站</title><link>https://news.example/</link>
<item><title>智谱AI获投4亿美元</title><link>/a/1</link><pubDate>Mon, 02 Mar 2026 08:00:00 +0800</pubDate>
<description>&lt;p&gt;正文&lt;/p&gt;</description></item></channel></rss>"""
_ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><title type="html">a &amp;amp; b</title>
<link href="https://news.example/a/2"/><id>2</id><updated>2026-03-02T08:00:00Z</updated></entry></feed>"""
_JSON = '{"version":"https://jsonfeed.org/version/1.1","title":"t","items":[{"id":"3","url":"/a/3","title":"c"}]}'
_PAGE = """<html><head><meta charset="gbk"><title>题</title><script type="application/ld+json">{"@type":"NewsArticle",
"headline":"题","datePublished":"2026-03-02"}</script><link rel="alternate" type="application/rss+xml" href="/f"></head>
<body><article><h1>题</h1><p>智谱AI完成一轮融资。</p>
<p>Another paragraph, of some length.</p></article></body></html>"""
_MAP = "<urlset><url><loc>https://news.example/a/1</loc><lastmod>2026-03-02</lastmod></url></urlset>"
_LIST = '<ul><li><a href="/a/1"><h2>一</h2></a><time>3小时前</time></li></ul><a class="next" href="?p=2">下一页</a>'

TARGETS: Mapping[str, Target] = {
    "feed": Target(reading(feed), (_RSS.encode(), _ATOM.encode(), _JSON.encode())),
    "page": Target(reading(page), (_PAGE.encode(), _PAGE.encode("gbk"))),
    "sitemap": Target(reading(sitemap), (_MAP.encode(), b"https://news.example/a/1\n")),
    "listing": Target(reading(listing), (_LIST.encode(),)),
    "api": Target(reading(api), (b'{"data":{"items":[{"id":1,"title":"x","at":1767225600}]}}', b"cb([1])")),
    "robots": Target(reading(robots), (b"User-agent: *\nDisallow: /a/*?x\nCrawl-delay: 2\nAllow: /a/$\n",)),
    "money": Target(
        reading(money),
        tuple(s.encode() for s in ("20-30亿元、数千万美元", "$1.5bn, US$20 to 30 million", "逾3.5億港元")),
    ),
    "deal": Target(
        reading(deal),
        tuple(
            s.encode()
            for s in (
                "智谱AI完成4亿美元B轮融资\n由红杉中国领投，投后估值约30亿美元。此前，公司获A轮融资。",
                "Acme raises $20M Series B led by Foo Ventures\nThe startup, valued at $1.2 billion, will hire.",
            )
        ),
    ),
    "query": Target(reading(query), ('"series b" (机器人 OR 具身) -IPO amount>$50m after:7d com*'.encode(),)),
    "url": Target(reading(url), (b"https://a.example/b/../c?utm_source=x&q=1#f", "//例子.example/路径".encode())),
    "date": Target(reading(date), ("2026年3月2日 08:00".encode(), "3小时前".encode(), b"Mon, 02 Mar 2026 08:00 GMT")),
}
