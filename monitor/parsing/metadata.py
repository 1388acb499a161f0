"""What a page says of itself: JSON-LD first, then OpenGraph and other meta elements, then its title and headings."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from lxml.html import HtmlElement

from monitor.errors import UrlError
from monitor.parsing.dates import parse_date
from monitor.parsing.markup import html_to_text, plain_title
from monitor.text import clean
from monitor.urls import canonical

MAX_NAME = 200
"""Characters kept of an author line."""

_ARTICLE_TYPES = frozenset(
    """
    Article NewsArticle AnalysisNewsArticle AskPublicNewsArticle BackgroundNewsArticle OpinionNewsArticle
    ReportageNewsArticle ReviewNewsArticle BlogPosting LiveBlogPosting SocialMediaPosting Report TechArticle
    """.split()  # noqa: SIM905
)
_MAX_NODES = 5_000
_TITLE_KEYS = ("og:title", "twitter:title", "parsely-title", "dc.title", "sailthru.title")
_AUTHOR_KEYS = (
    "author",
    "article:author",
    "article:author_name",
    "parsely-author",
    "sailthru.author",
    "byl",
    "dc.creator",
)
_DATE_KEYS = (
    *("article:published_time", "og:published_time", "og:release_date", "datepublished", "parsely-pub-date"),
    *(
        "sailthru.date",
        "pubdate",
        "publishdate",
        "publish-date",
        "publish_date",
        "published-date",
        "published_date",
        "article.published",
        "publication_date",
        "apub:time",
    ),
    *("weibo:article:create_at", "bytedance:published_time", "dc.date.issued", "dc.date", "dcterms.date", "date"),
)
_LANGUAGE = re.compile(r"([a-z]{2})(?![a-z])", re.IGNORECASE)
_NOT_ISO = {"cn": "zh", "jp": "ja"}
# Between a headline and the site's name: with blanks around, or the marks that Chinese sites set without.
_SEPARATOR = re.compile(r"\s+[|\-–—·•»:]+\s+|\s*[|｜_]+\s*|\s*(?:--|——)\s*")
_CHINESE_HYPHEN = re.compile(r"(?<=[\u4e00-\u9fff！？”》）])-(?=[^-]{2,12}$)")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says of itself; empty strings and None where it says nothing. `published` is aware, UTC."""

    title: str = ""
    author: str = ""
    published: datetime | None = None
    language: str | None = None
    text: str = ""
    site: str = ""
    canonical_url: str = ""


_ORGANISATION = re.compile(
    r"[网报社台刊]$|公司|集团|频道|出版|传媒|新闻|编辑部|\.(?:com|cn|net|org)\b|[_@/]|\d{3}|\b(?:press|publish\w*|media|news|inc|ltd|llc)\b",
    re.IGNORECASE,
)


def is_organisation(author: str, site: str) -> bool:
    """True for an author that is the site, its publisher or its software: a person named on the page counts more."""
    return bool(_ORGANISATION.search(author)) or (
        bool(site) and author.strip(" ,").casefold() in (site.casefold(), f"the {site.casefold()}")
    )


def read_metadata(tree: HtmlElement, zone: str, now: datetime | None = None) -> Metadata:
    """The metadata in the elements of a page; dates without a zone are read in `zone`."""
    linked = _article(tree)
    meta = _meta(tree)
    site = meta.get("og:site_name", "") or _name(linked.get("publisher"))
    headline = plain_title(_text(linked.get("headline")) or _first(meta, _TITLE_KEYS))
    dates = (
        _text(linked.get("datePublished")) or _published_anywhere(tree),
        *(meta.get(key, "") for key in _DATE_KEYS),
        *_times(tree),
    )
    language = (
        _text(linked.get("inLanguage")) or tree.get("lang") or meta.get("og:locale") or meta.get("content-language")
    )
    return Metadata(
        title=without_site(headline, site) if headline else _page_title(tree, site),
        author=_author(linked.get("author")) or _first_author(meta),
        published=next((moment for text in dates if text and (moment := parse_date(text, zone, now))), None),
        language=language_code(language or ""),
        text=clean(html_to_text(_text(linked.get("articleBody")))),
        site=site,
        canonical_url=_canonical(tree, meta),
    )


def _canonical(tree: HtmlElement, meta: Mapping[str, str]) -> str:
    for link in (
        *(element.get("href") for element in tree.xpath("//link[@rel='canonical'][@href]")[:1]),
        meta.get("og:url", ""),
    ):
        try:
            return canonical(link)
        except UrlError:
            continue
    return ""


def language_code(tag: str) -> str | None:
    """The two letters of a language tag (zh-CN, zh_cn and cn give zh), None if it does not begin with two."""
    found = _LANGUAGE.match(tag.strip())
    code = found[1].lower() if found else None
    return _NOT_ISO.get(code, code) if code else None


def without_site(title: str, site: str = "") -> str:
    """A headline without the site's name at its end: … | Your Home, …_36氪, … - TechCrunch.

    With `site` known only that name goes; else what looks like one, if it is narrower than the headline before it.
    """
    if site:
        end = title.casefold().rfind(site.casefold())
        if end > 0 and end + len(site) >= len(title) - 3 and (stripped := title[:end].rstrip(" |｜-–—_·•»:")):
            return stripped
        return title
    separators = [*_SEPARATOR.finditer(title), *_CHINESE_HYPHEN.finditer(title)]
    for found in sorted(separators, key=re.Match.start):
        head, tail = title[: found.start()], title[found.end() :]
        if len(head) >= 6 and _width(tail) < _width(head):
            return head
    return title


def _width(text: str) -> int:
    """How wide `text` is set: a Chinese character says as much as two Latin letters, and takes their place."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _page_title(tree: HtmlElement, site: str) -> str:
    title = plain_title("".join(tree.xpath("string(//title)")))
    headings = [plain_title("".join(heading.itertext())) for heading in tree.xpath("//h1")[:2]]
    if len(headings) == 1 and (not title or (headings[0] in title and 2 * len(headings[0]) > len(title))):
        return headings[0]  # a shorter one is the site's name, its logo
    return without_site(title, site)


def _meta(tree: HtmlElement) -> dict[str, str]:
    """The content of meta elements by lower-case property, name, itemprop or http-equiv; the first of a key counts."""
    found: dict[str, str] = {}
    for element in tree.xpath("//meta[@content]")[:500]:
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            key = (element.get(attribute) or "").strip().lower()
            if key and element.get("content").strip():
                found.setdefault(key, element.get("content").strip())
    return found


def _times(tree: HtmlElement) -> Iterator[str]:
    """Dates in elements that say they are the day of publication."""
    for element in tree.xpath("//*[@itemprop='datePublished'] | //time[@pubdate]")[:3]:
        yield element.get("datetime") or element.get("content") or "".join(element.itertext())


def _first(meta: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((meta[key] for key in keys if key in meta), "")


def _first_author(meta: Mapping[str, str]) -> str:
    names = (plain_title(meta.get(key, ""))[:MAX_NAME] for key in _AUTHOR_KEYS)
    return next((name for name in names if name and not name.startswith(("http:", "https:", "@"))), "")


def _article(tree: HtmlElement) -> Mapping[str, object]:
    """The first JSON-LD object that is an article, its author by reference resolved; empty if there is none."""
    nodes = [node for script in tree.xpath("//script[@type='application/ld+json']")[:20] for node in _nodes(script)]
    for node in nodes:
        if not _ARTICLE_TYPES.isdisjoint(_strings(node.get("@type"))):
            by_id = {key: other for other in nodes if isinstance(key := other.get("@id"), str) and len(other) > 1}
            author = node.get("author")
            authors = author if isinstance(author, list) else [author]
            return {**node, "author": [_resolved(one, by_id) for one in authors]}
    return {}


def _published_anywhere(tree: HtmlElement) -> str:
    """The date of the page itself, where JSON-LD tells of no article."""
    for script in tree.xpath("//script[@type='application/ld+json']")[:20]:
        for node in _nodes(script):
            if date := _text(node.get("datePublished")):
                return date
    return ""


def _nodes(script: HtmlElement) -> Iterator[Mapping[str, object]]:
    text = "".join(script.itertext()).strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";")
    try:
        waiting = [json.loads(text, strict=False)]
    except (ValueError, RecursionError):
        return
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        value = waiting.pop(0)
        if isinstance(value, dict):
            yield value
            waiting.extend(inner for inner in value.values() if isinstance(inner, dict | list))
        elif isinstance(value, list):
            waiting.extend(value)


def _resolved(value: object, by_id: Mapping[str, Mapping[str, object]]) -> object:
    reference = value.get("@id") if isinstance(value, dict) and "name" not in value else None
    return by_id.get(reference, value) if isinstance(reference, str) else value


def _author(value: object) -> str:
    people = value if isinstance(value, list) else [value]
    names = dict.fromkeys(plain_title(_name(person)) for person in people[:20])
    return ", ".join(name for name in names if name and not name.startswith("http"))[:MAX_NAME]


def _name(value: object) -> str:
    return _text(value.get("name")) if isinstance(value, dict) else _text(value)


def _text(value: object) -> str:
    return next(_strings(value), "").strip()


def _strings(value: object) -> Iterator[str]:
    values = value if isinstance(value, list) else [value]
    return (one for one in values if isinstance(one, str))
