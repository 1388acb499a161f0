"""What spiders hand to the pipeline."""

from dataclasses import dataclass

from monitor.models import Article, RawPage


@dataclass(frozen=True, slots=True)
class FetchedArticle:
    """An article with the entry it came from; `baseline` says that its source is visited for the first time.

    `final` is False if the page could not be had and is still to be fetched: until then this is what the feed says.
    """

    article: Article
    entry_url: str
    baseline: bool
    final: bool = True
    raw: RawPage | None = None


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """One page fetched by hand, or what went wrong."""

    body: bytes = b""
    content_type: str = ""
    error: str | None = None
