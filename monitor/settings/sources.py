"""What is configured of a source: where its entries are, how they and their pages are read."""

import re
from typing import Annotated, Literal, Self

import jmespath
import regex  # type: ignore[import-untyped]
from cssselect import HTMLTranslator, SelectorError
from jmespath.exceptions import JMESPathError
from lxml import etree
from pydantic import AfterValidator, Field, model_validator

from monitor.settings.values import Duration, Language, Name, Settings, Size, Term, Zone

_TRANSLATOR = HTMLTranslator()


def as_xpath(selector: str) -> str:
    """A selector as XPath: what begins with `/`, `./`, `.//` or `(` is XPath already, the rest is CSS.

    Raises:
        ValueError: when it is neither.
    """
    try:
        path = selector if selector.startswith(("/", "./", "(")) else _TRANSLATOR.css_to_xpath(selector)
        etree.XPath(path)(etree.Element("x"))  # unknown prefixes and functions show only when it is applied
    except (SelectorError, etree.XPathError) as error:
        raise ValueError(f"is no selector, neither CSS nor XPath: {error}") from error
    return path


def _selector(value: str) -> str:
    as_xpath(value)
    return value


def _expression(value: str) -> str:
    try:
        jmespath.compile(value)
    except JMESPathError as error:
        raise ValueError(f"is no JMESPath: {str(error).splitlines()[0]}") from error
    return value


def _template(value: str) -> str:
    for expression in re.findall(r"\{([^{}]*)\}", value):
        _expression(expression)
    return value if value.startswith(("http://", "https://")) else _expression(value)


def _pattern(value: str) -> str:
    try:
        regex.compile(value)
    except regex.error as error:
        raise ValueError(f"is no regular expression: {error}") from error
    return value


Selector = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_selector)]
JmesPath = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_expression)]
Pattern = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_pattern)]
Kind = Literal["feed", "sitemap", "listing", "api"]


class LinkRule(Settings):
    """Rewrites the links of a source."""

    pattern: Term = Field(description="Regular expression searched in each link.")
    replace: str = Field(description="Replacement, with \\1 for groups.")

    @model_validator(mode="after")
    def _usable(self) -> Self:
        try:
            regex.sub(self.pattern, self.replace, "")
        except (regex.error, IndexError) as error:
            raise ValueError(f"is no regular expression with its replacement: {error}") from error
        return self


class ListingRule(Settings):
    """Where a listing page has its entries. Selectors are CSS, or XPath if they begin with a slash or ./"""

    entry: Selector = Field(description="One element for each entry; the others are looked for inside it.")
    link: Selector | None = Field(None, description="The link; else the entry itself or the first link in it.")
    title: Selector | None = Field(None, description="The headline; else the text of the link.")
    summary: Selector | None = Field(None, description="The teaser.")
    author: Selector | None = Field(None, description="The author.")
    date: Selector | None = Field(None, description="The time of publication; else a <time> element inside the entry.")
    next: Selector | None = Field(None, description="The link to the next page of the listing.")
    pages: Annotated[int, Field(ge=1, le=20)] = Field(1, description="Pages that are read in one poll.")
    render: bool = Field(False, description="The page shows its entries only in a browser (optional extra).")


class ApiRule(Settings):
    """Where a JSON answer has its entries, in JMESPath (https://jmespath.org)."""

    entries: JmesPath = Field(description="The list of entries; the others are looked for inside each.")
    url: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_template)] = Field(
        description="The address, or an address with JMESPath in braces: https://example.com/p/{id}"
    )
    title: JmesPath | None = Field(None, description="The headline.")
    summary: JmesPath | None = Field(None, description="The teaser, as text or HTML.")
    content: JmesPath | None = Field(None, description="The whole text, as text or HTML.")
    author: JmesPath | None = Field(None, description="The author.")
    date: JmesPath | None = Field(None, description="The time of publication: seconds, milliseconds or a date.")
    next: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_template)] | None = Field(
        None, description="The address of the next page, from the whole answer; written like `url`."
    )
    pages: Annotated[int, Field(ge=1, le=20)] = Field(1, description="Pages that are read in one poll.")
    post: str | None = Field(None, max_length=10_000, description="JSON that is sent with POST; without it GET asks.")


class SitemapRule(Settings):
    """Which addresses of a sitemap are articles."""

    entries: Pattern | None = Field(None, description="Regular expression searched in the address of an article.")
    children: Pattern | None = Field(None, description="The same for the sitemaps that an index names.")
    newest: Annotated[int, Field(ge=1, le=50)] = Field(2, description="Sitemaps of an index read in one poll.")


class PageRule(Settings):
    """Where an article's page has what, instead of what is found without help. Selectors as in `listing`."""

    title: Selector | None = Field(None, description="The headline.")
    text: Selector | None = Field(None, description="The element or elements that hold the text.")
    author: Selector | None = Field(None, description="The author.")
    date: Selector | None = Field(None, description="The time of publication.")
    remove: tuple[Selector, ...] = Field((), description="What is no part of the text, such as boxes inside it.")
    next: Selector | None = Field(None, description="The link to the next page of a long article.")
    render: bool = Field(False, description="Pages show their text only in a browser (optional extra).")


class Way(Settings):
    """One way to a source's entries."""

    kind: Kind = Field("feed", description="What the address serves.")
    url: Annotated[str, Field(pattern=r"^(https?|rsshub)://", max_length=2000)] = Field(
        description="Address that is polled; rsshub://route is asked of the instance in crawl.rsshub."
    )
    links: tuple[LinkRule, ...] = Field((), description="Rewriting of links, in order.")
    max_size: Size = Field(10_000_000, description="Largest answer that is read.")
    listing: ListingRule | None = Field(None, description="Where a listing page has its entries.")
    api: ApiRule | None = Field(None, description="Where a JSON answer has its entries.")
    sitemap: SitemapRule = Field(SitemapRule(), description="Which addresses of a sitemap are articles.")

    @model_validator(mode="after")
    def _rules_of_the_kind(self) -> Self:
        if self.kind == "api" and self.api is None:
            raise ValueError("kind api needs `api`: where the answer has its entries")
        if self.kind == "listing" and self.listing is None:
            raise ValueError("kind listing needs `listing`: where the page has its entries")
        return self


class Source(Way):
    """One place to poll."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")] = Field(
        description="Short identifier: a-z, 0-9, dot, dash, underscore."
    )
    title: str = Field("", description="Name shown to people; the identifier if empty.")
    language: Language | None = Field(None, description="Language of the articles where pages do not tell.")
    timezone: Zone = Field("UTC", description="IANA zone of dates without one, such as Asia/Shanghai.")
    every: Duration | None = Field(
        None,
        description="Fixed interval between polls; without it the interval follows how often the source publishes.",
    )
    cron: str | None = Field(None, description="Cron expression in UTC (five fields) instead of an interval.")
    full_text: Literal["auto", "always", "never"] = Field(
        "auto", description="Does the source carry whole articles? auto: judged entry by entry."
    )
    resolve: bool = Field(
        False, description="Links lead through a redirector: the article's address is the one where they end."
    )
    page: PageRule = Field(PageRule(), description="Where an article's page has what.")
    fallbacks: tuple[Way, ...] = Field(
        (), description="Other ways to the same entries, tried in order when the first fails or goes silent."
    )
    checked: str = Field("never", description="Day on which the source was last checked against the live site.")
    cite: tuple[str, ...] = Field((), description="Where the address was found.")

    @property
    def rendered(self) -> bool:
        """True if a browser is needed for something of it."""
        return self.page.render or any(way.listing and way.listing.render for way in self.ways)

    @property
    def ways(self) -> tuple[Way, ...]:
        """All ways to the entries, the first first."""
        return (self, *self.fallbacks)


class CatalogueSource(Settings):
    """A source from the built-in catalogue, with what to change in it."""

    catalogue: Name = Field(description="Name of a built-in source; `monitor sources list --catalogue` shows all.")
    every: Duration | None = Field(None, description="Fixed interval between polls instead of the catalogue's.")
    cron: str | None = Field(None, description="Cron expression in UTC (five fields) instead of an interval.")


__all__ = [
    "ApiRule",
    "CatalogueSource",
    "JmesPath",
    "LinkRule",
    "ListingRule",
    "PageRule",
    "Selector",
    "SitemapRule",
    "Source",
    "Way",
    "as_xpath",
]
