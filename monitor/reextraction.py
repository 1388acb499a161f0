"""Reading kept pages again, with extraction as it is now: articles get better, nothing alerts."""

from collections.abc import Iterator
from datetime import datetime

from monitor.archive import Archive
from monitor.archive.rawpages import KeptPage
from monitor.config import Config
from monitor.errors import ParseError
from monitor.ingest import Ingest
from monitor.models import Entry
from monitor.parsing.articles import assemble
from monitor.parsing.pages import parse_page
from monitor.settings import Source


def reextract(archive: Archive, config: Config, ingest: Ingest, source: str | None, now: datetime) -> Iterator[str]:
    """Read the kept pages of a source (None: of all) again; yield of each a word of `Stored`, or `failed`.

    An article whose wording changes keeps the former one as a version. Sources that are no longer configured are read
    without rules of their own.
    """
    sources = {one.name: one for one in config.sources}
    with archive.reading() as tables:
        pages = tables.raw_pages.walk(source)
        for kept in pages:
            yield _again(archive, kept, sources.get(kept.source) or _unknown(kept), ingest, now)


def _again(archive: Archive, kept: KeptPage, source: Source, ingest: Ingest, now: datetime) -> str:
    with archive.reading() as tables:
        old = tables.articles.get(kept.article_id)
    if old is None:
        return "failed"
    try:
        page = parse_page(
            kept.page.body,
            kept.page.url,
            content_type=kept.page.content_type,
            timezone=source.timezone,
            now=now,
            rule=source.page,
        )
    except ParseError:
        return "failed"
    entry = Entry(old.article.url, old.article.title, author=old.article.author, published=old.article.published)
    article = assemble(entry, page, source)
    if len(article.text) < len(old.article.text) / 2:
        return "failed"  # the text came from the feed, or the page shows less than was read of it before
    return ingest.store(article, baseline=True).stored.value


def _unknown(kept: KeptPage) -> Source:
    return Source(name=kept.source, url=kept.page.url)
