"""What spiders hand to the pipeline."""

from dataclasses import dataclass

from monitor.models import Article


@dataclass(frozen=True, slots=True)
class FetchedArticle:
    """An article with the entry it came from; `baseline` says that its source is visited for the first time."""

    article: Article
    entry_url: str
    baseline: bool


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """One page fetched by hand, or what went wrong."""

    body: bytes = b""
    content_type: str = ""
    error: str | None = None
