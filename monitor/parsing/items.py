"""Items of any feed format on their way to entries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitor.errors import UrlError
from monitor.models import Entry, FeedHints
from monitor.parsing.dates import parse_date
from monitor.parsing.markup import html_to_text, plain_title
from monitor.parsing.metadata import MAX_NAME, language_code
from monitor.redirectors import unwrapped
from monitor.settings import LinkRule
from monitor.text import clean
from monitor.urls import canonical, rewrite

MAX_SUMMARY = 1_000
"""Characters kept of a summary. A description that is longer is the article itself, and is kept as its content too."""


MAX_CONTENT = 2_000_000
"""Characters kept of an entry's HTML."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item as a format's reader found it: nothing resolved, nothing cleaned.

    `links` and `dates` are candidates as written, best first; `summary` and `content` are HTML.
    """

    title: str
    links: tuple[str, ...]
    summary: str = ""
    content: str = ""
    author: str = ""
    dates: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed as its format's reader found it. `link` is the site's address, and base of relative links."""

    title: str
    link: str
    language: str
    items: tuple[Item, ...]
    hints: FeedHints = field(default_factory=FeedHints)


@dataclass(frozen=True, slots=True)
class Reading:
    """How items become entries: where the feed was, how links are rewritten, the zone of dates without one."""

    url: str
    rules: Sequence[LinkRule]
    zone: str
    now: datetime | None

    def base(self, channel: Channel) -> str:
        """The address that relative links of `channel` start from."""
        try:
            return canonical(channel.link, self.url)
        except UrlError:
            return self.url

    def entry(self, item: Item, base: str) -> Entry:
        """The entry of `item`.

        Raises:
            UrlError: when none of its links can be used.
        """
        summary = html_to_text(item.summary)
        is_whole = len(summary) > MAX_SUMMARY and len(item.summary) > len(item.content)
        return Entry(
            url=self._link(item.links, base),
            title=plain_title(item.title),
            summary=clean(summary, MAX_SUMMARY),
            content=_storable(item.summary if is_whole else item.content),
            author=plain_title(item.author)[:MAX_NAME],
            published=next(filter(None, (parse_date(text, self.zone, self.now) for text in item.dates)), None),
            language=language_code(item.language),
        )

    def _link(self, links: Sequence[str], base: str) -> str:
        reason = UrlError("no link")
        for link in links:
            try:
                # Resolved before it is rewritten, so that a rule sees whole links, and one form of them.
                return canonical(rewrite(unwrapped(canonical(link, base)), self.rules))
            except UrlError as error:
                reason = error
        raise reason


def _storable(markup: str) -> str:
    """Markup without what no database takes (NUL, lone surrogates), cut far beyond any article."""
    return markup[:MAX_CONTENT].replace("\0", "").encode("utf-8", "ignore").decode()
