"""Feeds and pages in the forms that sites serve them, made from plain values."""

import json
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape


@dataclass(frozen=True, slots=True)
class Story:
    """An article of a made-up site; `url` is absolute, `body` has a paragraph a line."""

    url: str
    title: str
    body: str
    published: datetime
    author: str = "林溪"
    extra: str = ""


def rss(title: str, stories: list[Story], *, full_text: bool = False) -> str:
    """RSS 2.0, with teasers or with the whole text."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{escape(title)}</title><link>https://example.com/</link><description/>"
        + "".join(_rss_item(story, full_text=full_text) for story in stories)
        + "</channel></rss>"
    )


def _rss_item(story: Story, *, full_text: bool) -> str:
    content = f"<content:encoded>{escape(paragraphs(story.body))}</content:encoded>" if full_text else ""
    return (
        f"<item><title>{escape(story.title)}</title><link>{escape(story.url)}</link>"
        f"<description>{escape(story.body[:40])}</description>{content}"
        f"<pubDate>{format_datetime(story.published)}</pubDate></item>"
    )


def atom(title: str, stories: list[Story]) -> str:
    """Atom with teasers."""
    entries = "".join(
        f'<entry><title>{escape(s.title)}</title><link href="{escape(s.url)}"/><id>{escape(s.url)}</id>'
        f"<updated>{s.published.isoformat()}</updated><summary>{escape(s.body[:40])}</summary></entry>"
        for s in stories
    )
    head = f"<title>{escape(title)}</title><id>urn:site</id><updated>2026-01-01T00:00:00Z</updated>"
    return f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">{head}{entries}</feed>'


def json_feed(title: str, stories: list[Story]) -> str:
    """JSON Feed 1.1 with teasers."""
    items = [
        {"id": s.url, "url": s.url, "title": s.title, "summary": s.body[:80], "date_published": s.published.isoformat()}
        for s in stories
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": title, "items": items})


def page(site: str, story: Story) -> str:
    """An article page with JSON-LD, navigation, share bar and, from `extra`, other boxes under the text."""
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": story.published.isoformat(),
        "author": {"@type": "Person", "name": story.author},
    }
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{escape(story.title)} - {escape(site)}</title>"
        f"<script type='application/ld+json'>{json.dumps(data).replace('<', chr(92) + 'u003c')}</script></head><body>"
        f"<nav><a href='/'>首页</a> <a href='/funding'>融资</a> <a href='/login'>登录</a></nav>"
        f"<article><h1>{escape(story.title)}</h1><div class='content'>{paragraphs(story.body)}</div></article>"
        f"<div class='share'>分享到 微信 微博</div>{story.extra}<footer>© {escape(site)}</footer></body></html>"
    )


def paragraphs(body: str) -> str:
    """HTML paragraphs of lines."""
    return "".join(f"<p>{escape(line)}</p>" for line in body.split("\n"))
