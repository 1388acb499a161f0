"""Long articles over several pages: the link to the next one, and one text of all of them."""

import re
from collections.abc import Sequence
from dataclasses import replace

from lxml.html import HtmlElement

from monitor.errors import UrlError
from monitor.models import Page
from monitor.urls import canonical

_NEXT = re.compile(r"\s*(?:下一?页|下页|后一页|next(?: page)?|continue to page \d+)\s*(?:[>»›→]+)?\s*", re.IGNORECASE)
_SMALL = "translate({}, 'CEINOTUX', 'ceinotux')"
_REL, _SAID = _SMALL.format("@rel"), _SMALL.format(".")
# Most links of a page are left out before Python sees them; what is next is decided below.
_CANDIDATES = (
    f"//link[@href][contains({_REL}, 'next')] | //a[@href][contains({_REL}, 'next')"
    f" or contains(., '页') or contains({_SAID}, 'next') or contains({_SAID}, 'continue')]"
)
_FORMS = (
    re.compile(r"(?:(?<=\?)(?:page|pageno|pn|p)=(?P<number>\d{1,2})(?:&|$))"),
    re.compile(r"&(?:page|pageno|pn|p)=(?P<number>\d{1,2})(?=&|$)"),
    re.compile(r"/page/(?P<number>\d{1,2})/?(?=\?|$)"),
    re.compile(r"(?<=\w)[_-]p?(?P<number>\d{1,2})(?=(?:\.s?html?)?(?:\?|$))"),
    re.compile(r"(?<=\w)/p?(?P<number>\d{1,2})/?(?=\?|$)"),
)
"""Where page numbers stand in addresses."""


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
    """True if `address` is `url` with a page number one higher: /a → /a_2, /a-1.html → /a-2.html, ?page=1 → ?page=2.

    Numbers of three digits and more are those of articles: /a/1017.html → /a/1018.html is another one.
    """
    base, number = _numbered(address)
    return number > 1 and ((base, number - 1) == _numbered(url) or (number == 2 and base == url.rstrip("?&/")))


def _numbered(url: str) -> tuple[str, int]:
    """An address without its page number, and the number; 1 if it has none."""
    for form in _FORMS:
        if found := form.search(url):
            return (url[: found.start()] + url[found.end() :]).rstrip("?&/"), int(found["number"])
    return url.rstrip("?&/"), 1


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
