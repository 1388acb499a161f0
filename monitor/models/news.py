"""What sources bring, on its way to the archive."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a source's answer, before its page is fetched.

    `url` is canonical; `content` is the HTML of the whole text if the source carries it; times are aware. `revision` is
    what a source says of the entry's last change.
    """

    url: str
    title: str
    summary: str = ""
    content: str = ""
    author: str = ""
    published: datetime | None = None
    language: str | None = None
    revision: str = ""

    def fingerprint(self) -> str:
        """A short hash that changes when the source says something new of the same URL."""
        said = "\x1f".join((self.title, self.summary, self.content, self.revision))
        return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class FeedHints:
    """What a feed says of itself: when to come again, where it is announced, where its older entries are.

    `every` is from ttl or sy:updatePeriod; `skip_hours` are hours in UTC, `skip_days` days of the week from Monday = 0;
    `hubs` and `topic` are for WebSub; `next_archive` is the feed's next page of older entries (RFC 5005).
    """

    every: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    hubs: tuple[str, ...] = ()
    topic: str = ""
    next_archive: str = ""


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """An entry whose page is to be fetched.

    `baseline` says that its source was visited for the first time; `last_try` that after one more failure the entry
    itself must do for an article.
    """

    source: str
    entry: Entry
    baseline: bool
    last_try: bool
    seen: datetime

    @property
    def key(self) -> tuple[datetime, str]:
        """What the archive orders pending entries by."""
        return self.seen, self.entry.url


@dataclass(frozen=True, slots=True)
class Page:
    """What an article page says; empty strings and None where it says nothing.

    `next_page` is where a long article goes on, `canonical_url` the address that the page itself gives.
    """

    title: str
    text: str
    author: str = ""
    published: datetime | None = None
    language: str | None = None
    next_page: str = ""
    canonical_url: str = ""


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page as it was fetched; `url` is where it was found."""

    url: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Article:
    """One page of news, ready for the archive. `url` is canonical; paragraphs of `text` are lines."""

    url: str
    source: str
    title: str
    text: str
    author: str = ""
    language: str | None = None
    published: datetime | None = None
