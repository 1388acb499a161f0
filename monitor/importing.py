"""Articles from elsewhere into the archive: a file of JSON lines, as `monitor export` writes them."""

from collections.abc import Iterator
from pathlib import Path

from monitor.archive.articles import Stored
from monitor.batch import Item, read_items
from monitor.errors import ParseError, UrlError
from monitor.ingest import Ingest
from monitor.models import Article
from monitor.parsing.dates import parse_date
from monitor.text import clean, clean_line, language_of
from monitor.urls import canonical


class Imported(Item):
    """One line: at least `url` and `title` or `text`; keys that are not known are left alone."""

    id: str = ""
    source: str = ""
    author: str = ""
    language: str | None = None


def read_articles(path: Path, source: str | None) -> Iterator[Article]:
    """The articles of a file, cleaned; `source` is for lines that name none.

    Raises:
        ParseError: naming file, line and field, at the first line that is no article.
    """
    for number, item in enumerate(read_items(path, Imported), 1):
        place = f"{path}: article {number}"
        try:
            url = canonical(item.url)
        except UrlError as error:
            raise ParseError(f"{place}: url: {error}") from error
        title, text = clean_line(item.title), clean(item.text)
        if not title and not text:
            raise ParseError(f"{place}: title: neither title nor text says anything")
        name = clean_line(item.source) or source
        if not name:
            raise ParseError(f"{place}: source: it names none: give one for all with --source NAME")
        published = parse_date(item.published_at, "UTC") if item.published_at else None
        if item.published_at and published is None:
            raise ParseError(f"{place}: published_at: {item.published_at!r} is no time: write 2026-01-31T08:00:00Z")
        language = item.language or language_of(f"{title}\n{text}")
        yield Article(url, name, title, text, clean_line(item.author), language, published)


def import_articles(path: Path, source: str | None, ingest: Ingest) -> Iterator[Stored]:
    """Store the articles of a file, and tell of each what became of it.

    Every line is looked at before the first is stored, so a file with a fault changes nothing. One that was
    interrupted is imported again: what is there is left alone.
    """
    for _ in read_articles(path, source):
        pass
    for article in read_articles(path, source):
        yield ingest.store(article).stored
