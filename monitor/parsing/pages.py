"""An article page: bytes in, title, text, author, time and language out."""

from datetime import datetime

from lxml.html import HtmlElement

from monitor.errors import ParseError
from monitor.models import Page
from monitor.parsing.authors import find_author
from monitor.parsing.headline import headline_index, shown_title
from monitor.parsing.maintext import laid_out, main_text
from monitor.parsing.markup import decode, is_deeper, parse_html
from monitor.parsing.metadata import is_organisation, read_metadata
from monitor.parsing.overrides import apply_rule, removed
from monitor.parsing.pagination import next_page
from monitor.parsing.shown import commented_date, date_in_url, marked_date, reconciled, shown_dates
from monitor.parsing.state import date_in_state, text_in_state
from monitor.settings import PageRule
from monitor.text import language_of

MAX_DEPTH = 400
"""Levels of HTML that are read; pages have less than 60."""

_BY_SCRIPT = frozenset({"zh", "ja", "ko"})
_SHORT = 200
"""Characters below which the page's embedded state is asked for the text: it may be filled in by JavaScript."""


def parse_page(
    body: bytes,
    url: str,
    *,
    content_type: str = "",
    timezone: str = "UTC",
    now: datetime | None = None,
    rule: PageRule = PageRule(),  # noqa: B008 - frozen
) -> Page:
    """The article on a page; dates without a zone are read in `timezone`.

    What JSON-LD, OpenGraph and meta elements say counts first, then what the page shows near its headline; the text is
    where the prose is. The selectors of `rule` override all of it. `text` has a line for each paragraph; it is empty
    where there is none without JavaScript. A declared language counts unless the text's script says otherwise
    (templates often leave lang="en" on Chinese pages). Dates more than a day after `now` are not believed.

    Raises:
        ParseError: when HTML is nested more than 400 levels deep, or reading it fails.
    """
    markup = decode(body, content_type)
    tree = parse_html(markup)
    if tree is None:
        return Page(title="", text="")
    if is_deeper(tree, MAX_DEPTH):
        raise ParseError(f"{url}: HTML is nested more than {MAX_DEPTH} levels deep")
    try:
        page = _read(removed(tree, rule), markup, url, timezone, now)
        return apply_rule(page, tree, url, rule, timezone, now)
    except Exception as error:  # over hostile input any error may come
        raise ParseError(f"{url}: no article could be read ({type(error).__name__}: {error})") from error


def _read(tree: HtmlElement, markup: str, url: str, zone: str, now: datetime | None) -> Page:
    layout = laid_out(tree)
    said = read_metadata(tree, zone, now)
    found = main_text(layout)
    headline = headline_index(layout, said.title, found)
    text = found.text if len(found.text) >= len(said.text) / 2 else said.text
    if len(text) < _SHORT:
        text = max(text, text_in_state(tree), key=len)
    shown = shown_dates(layout, headline, found, zone, now)
    published = (
        reconciled(said.published, shown, zone)
        or commented_date(markup, zone, now)
        or date_in_state(markup, zone, now)
        or next(iter(shown.changed), None)
        or date_in_url(url, zone, now)
        or next(iter(shown.below), None)
        or marked_date(tree, zone, now)
    )
    author = said.author
    if not author or is_organisation(author, said.site):
        author = find_author(tree, layout, headline, found) or ("" if _is_address(author) else author)
    return Page(
        title=shown_title(layout, said.title, found),
        text=text,
        author=author,
        published=published,
        language=_language(said.language, f"{said.title}\n{text}"),
        next_page=next_page(tree, url),
        canonical_url=said.canonical_url,
    )


def _is_address(author: str) -> bool:
    return "." in author and " " not in author


def _language(declared: str | None, text: str) -> str | None:
    told = language_of(text)
    if told in _BY_SCRIPT or (told and declared in _BY_SCRIPT):
        return told
    return declared or told
