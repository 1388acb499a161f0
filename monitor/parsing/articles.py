"""From an entry and its page to an article."""

import re

from monitor.models import Article, Entry, Page
from monitor.parsing.markup import html_to_text
from monitor.settings import Source
from monitor.text import clean_line, language_of

_FULL_TEXT = 400
"""Characters from which a feed's content counts as the whole article; teasers and newsflashes are shorter."""

_CUT_SHORT = re.compile(
    r"(?:…|\.\.\.|阅读全文|查看全文|继续阅读|点击查看更多|read more|continue reading|read the full (?:story|article))"
    r"[\s\]）)》>»→.。]*\Z",
    re.IGNORECASE,
)


def carries_full_text(entry: Entry, source: Source) -> bool:
    """Whether the source's entry has the whole article, so that no page is fetched."""
    if source.full_text != "auto":
        return source.full_text == "always" and bool(entry.content or entry.summary)
    text = html_to_text(entry.content) if entry.content else ""
    return len(text) >= _FULL_TEXT and not _CUT_SHORT.search(text[-60:])


def assemble(entry: Entry, page: Page | None, source: Source) -> Article:
    """The article from what the source said of it and what its page says.

    The page's text is taken, and what the feed says where the page has none or less (a page filled in by JavaScript).
    The title is the feed's: it has no site name at its end.
    """
    said = html_to_text(entry.content) if entry.content else entry.summary
    text = page.text if page is not None and len(page.text) >= len(said) else said
    title = entry.title or (page.title if page is not None else "") or clean_line(text, 80)
    first, _, rest = text.partition("\n")
    if rest and clean_line(first) in (title, page and page.title):
        text = rest  # pages repeat the headline over the text
    declared = (page and page.language) or entry.language or source.language
    return Article(
        url=entry.url,
        source=source.name,
        title=title,
        text=text,
        author=(page.author if page is not None else "") or entry.author,
        language=language_of(f"{title}\n{text}") or declared,  # the script does not lie, declarations do
        published=entry.published or (page.published if page is not None else None),
    )
