"""What a source's own selectors say of its pages, instead of what is found without help."""

from dataclasses import replace
from datetime import datetime

from lxml.html import HtmlElement

from monitor.errors import UrlError
from monitor.models import Page
from monitor.parsing.dates import parse_date
from monitor.parsing.markup import element_text, plain_title
from monitor.settings import PageRule
from monitor.settings.sources import as_xpath
from monitor.text import clean
from monitor.urls import canonical


def select(tree: HtmlElement, selector: str) -> list[HtmlElement | str]:
    """What a selector (CSS or XPath) matches; an XPath may give texts and attributes too."""
    found = tree.xpath(as_xpath(selector))
    return found if isinstance(found, list) else [str(found)]


def removed(tree: HtmlElement, rule: PageRule) -> HtmlElement:
    """The tree without what the rule says is no part of the text."""
    for selector in rule.remove:
        for element in select(tree, selector):
            if isinstance(element, HtmlElement) and element.getparent() is not None:
                element.drop_tree()
    return tree


def apply_rule(page: Page, tree: HtmlElement, url: str, rule: PageRule, zone: str, now: datetime | None) -> Page:
    """The page with what the rule's selectors find; one that finds nothing leaves what was found without it."""
    texts = [element_text(found) for found in select(tree, rule.text)] if rule.text else []
    title, author, date = (line(tree, selector) for selector in (rule.title, rule.author, rule.date))
    return replace(
        page,
        title=title or page.title,
        text=clean("\n".join(texts)) or page.text,
        author=author or page.author,
        published=(parse_date(date, zone, now) if date else None) or page.published,
        next_page=_address(tree, rule.next, url) or page.next_page,
    )


def line(tree: HtmlElement, selector: str | None) -> str:
    """The first match as a line of plain text; of a <time> or <meta> element what it states."""
    for found in select(tree, selector) if selector else ():
        if isinstance(found, str):
            return plain_title(found)
        stated = found.get("datetime") or found.get("content")
        return plain_title(stated or " ".join(found.itertext()))
    return ""


def _address(tree: HtmlElement, selector: str | None, url: str) -> str:
    for found in select(tree, selector) if selector else ():
        try:
            return canonical(found if isinstance(found, str) else found.get("href") or "", url)
        except UrlError:
            continue
    return ""
