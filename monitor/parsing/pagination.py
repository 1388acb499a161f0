"""Long articles over several pages: the link to the next one, and one text of all of them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from monitor.errors import UrlError
from monitor.models import Page
from monitor.urls import canonical

_NEXT = re.compile(r"\s*(?:下一?页|下页|后一页|next(?: page)?|continue to page \d+)\s*(?:[>»›→]+)?\s*", re.IGNORECASE)
_CANDIDATES = (
    "//link[@rel='next'][@href] | //a[@href][@rel='next' or contains(., '下一页') or contains(., '下页')"
    " or contains(., '后一页') or contains(., 'Next') or contains(., 'next') or contains(., 'ontinue')]"
)
_NUMBER = re.compile(r"\d+")


def next_page(tree: HtmlElement, url: str) -> str:
    """The address of the article's next page, "" if there is none.

    It is said by rel=next or by the words of a link, and must be this page's own address but for a page number: the
    next article is another thing.
    """
    for link in tree.xpath(_CANDIDATES):
        said = (link.get("rel") or "").lower().split()
        if "next" in said or _NEXT.fullmatch("".join(link.itertext())[:40]):
            try:
                address = canonical(link.get("href"), url)
            except UrlError:
                continue
            if _is_next(url, address):
                return address
    return ""


def _is_next(url: str, address: str) -> bool:
    """True if `address` is `url` with a page number one higher: /a → /a_2, /a-1.html → /a-2.html, ?page=1 → ?page=2."""
    here, there = urlsplit(url), urlsplit(address)
    if here.netloc != there.netloc or url == address:
        return False
    one, other = f"{here.path}?{here.query}", f"{there.path}?{there.query}"
    start = _common(one, other)
    while start > 0 and other[start - 1].isdigit() and one[start - 1 : start].isdigit():
        start -= 1
    end = _common(one[start:][::-1], other[start:][::-1])
    old, new = one[start : len(one) - end], other[start : len(other) - end]
    number = _NUMBER.search(new)
    if number is None or len(new) > 12 or not re.fullmatch(r"(?:[/?&_.-]|p|page|pn|pageno|=|\d|\.s?html?)*", new):
        return False
    before = _NUMBER.search(old)
    return int(number[0]) == (int(before[0]) + 1 if before else 2)


def _common(one: str, other: str) -> int:
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length


def join_pages(pages: Sequence[Page]) -> Page:
    """One page of an article's pages in order: what they repeat (headline, standing paragraphs) stands once."""
    told: set[str] = set()
    lines = []
    for page in pages:
        for text in page.text.split("\n"):
            if text not in told:
                told.add(text)
                lines.append(text)
    first = pages[0]
    author = next((page.author for page in pages if page.author), "")
    return replace(first, text="\n".join(lines), author=author, next_page=pages[-1].next_page)
