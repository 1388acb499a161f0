"""An article page: bytes in, title, text, author, time and language out."""

from dataclasses import replace
from datetime import datetime

import trafilatura
from lxml.html import HtmlElement

from monitor.errors import ParseError
from monitor.models import Page
from monitor.parsing.dates import parse_date
from monitor.parsing.markup import decode, depth, parse_html, plain_title
from monitor.parsing.metadata import Metadata, language_code, read_metadata, without_site
from monitor.text import clean, language_of

MAX_DEPTH = 400
"""Levels of HTML that are read; the extractor takes time by the square of them, and pages have less than 60."""

_BY_SCRIPT = frozenset({"zh", "ja", "ko"})


def parse_page(
    body: bytes, url: str, *, content_type: str = "", timezone: str = "UTC", now: datetime | None = None
) -> Page:
    """The article on a page; dates without a zone are read in `timezone`.

    What JSON-LD, OpenGraph and meta elements say counts first, the extractor (trafilatura) gives the text and what they
    leave out. `text` has a line for each paragraph; it is empty where there is none without JavaScript. A declared
    language counts unless the text's script says otherwise (templates often leave lang="en" on Chinese pages). Dates
    more than a day after `now` are not believed.

    trafilatura crashes the process when it runs in several threads: call this from one thread only, or in processes.

    Raises:
        ParseError: when HTML is nested more than 400 levels deep, or the extractor fails on it.
    """
    tree = parse_html(decode(body, content_type))
    if tree is None:
        return Page(title="", text="")
    if (levels := depth(tree)) > MAX_DEPTH:
        raise ParseError(f"{url}: HTML is nested {levels} levels deep, {MAX_DEPTH} are read")
    try:
        said = read_metadata(tree, timezone, now)
        text = _text(tree)
        if not (said.title and said.author and said.published):
            said = _completed(said, tree, url, timezone, now)
    except Exception as error:  # of third parties' code over hostile input any error may come
        raise ParseError(f"{url}: no article could be read ({type(error).__name__}: {error})") from error
    language = _language(said.language, f"{said.title}\n{text}")
    return Page(title=said.title, text=text, author=said.author, published=said.published, language=language)


def _text(tree: HtmlElement) -> str:
    return clean(trafilatura.extract(tree, include_comments=False) or "")


def _completed(said: Metadata, tree: HtmlElement, url: str, zone: str, now: datetime | None) -> Metadata:
    """`said` with what trafilatura finds for the empty places: slow, so asked only when there are some."""
    # Without a latest date htmldate looks at the clock; its extensive search guesses from any number on the page, and a
    # wrong date is worse than none: it keeps an alert back or sends an old one.
    latest = f"{now:%Y-%m-%d}" if now else "2199-12-31"
    dates = {"original_date": True, "extensive_search": False, "max_date": latest}
    found = trafilatura.extract_metadata(tree, url, dates)
    return replace(
        said,
        title=said.title or without_site(plain_title(found.title or "")),
        author=said.author or plain_title(found.author or "").replace("; ", ", "),
        published=said.published or parse_date(found.date or "", zone, now),
        language=said.language or language_code(found.language or ""),
    )


def _language(declared: str | None, text: str) -> str | None:
    told = language_of(text)
    if told in _BY_SCRIPT or (told and declared in _BY_SCRIPT):
        return told
    return declared or told
