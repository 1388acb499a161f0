"""Articles with their versions and mentions."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, literal, select, tuple_, update

from monitor.archive.columns import UTCDateTime
from monitor.archive.rows import insert_or_skip, signature_to_bytes, span_to_columns
from monitor.archive.search_index import SearchIndex
from monitor.archive.tables import article_versions, articles, mentions
from monitor.models import Article, Mention, Span

_BATCH = 500


class Stored(StrEnum):
    """What became of an article that was handed to the archive."""

    NEW = "new"
    EDITED = "edited"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class ArchivedArticle:
    """An article as the archive holds it; `version` counts from 1."""

    id: int
    article: Article
    fetched: datetime
    version: int
    mentions: tuple[Mention, ...] = ()


class Articles:
    """The articles of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._index = SearchIndex(connection)

    def put(self, article: Article, at: datetime) -> tuple[int, Stored]:
        """Store an article; a changed one keeps its former wording as a version. Returns its id and what was done.

        It is found once it is indexed (`SearchIndex.refresh`), when what it says is stored too.
        """
        hashed = digest(article.title, article.text)
        added = self._add(article, hashed, at)
        if added is not None:
            return added, Stored.NEW
        query = select(articles).where(articles.c.url == article.url).with_for_update()
        old = self._connection.execute(query).one()
        if old.content_hash == hashed:
            return old.id, Stored.UNCHANGED
        self._edit(old, article, hashed, at)
        return old.id, Stored.EDITED

    def _add(self, article: Article, hashed: str, at: datetime) -> int | None:
        values = {
            "url": article.url,
            "source": article.source,
            "language": article.language,
            "published_at": article.published,
            "fetched_at": at,
            "sorted_at": min(article.published or at, at),
            "content_hash": hashed,
            **_wording(article),
        }
        statement = insert_or_skip(self._connection, articles).returning(articles.c.id)
        return self._connection.execute(statement, values).scalar_one_or_none()

    def _edit(self, old: Row[Any], article: Article, hashed: str, at: datetime) -> None:
        self._connection.execute(
            insert(article_versions).values(
                article_id=old.id,
                version=old.version,
                title=old.title,
                author=old.author,
                text=old.text,
                fetched_at=old.fetched_at,
            )
        )
        self._connection.execute(
            update(articles)
            .where(articles.c.id == old.id)
            .values(
                **_wording(article),
                language=article.language,
                published_at=article.published or old.published_at,
                sorted_at=min(article.published or old.sorted_at, at),
                content_hash=hashed,
                version=old.version + 1,
                fetched_at=at,
            )
        )
        self._index.forget(old.id, old.title, old.text)

    def set_mentions(self, article_id: int, found: Sequence[Mention], *, new: bool = False) -> None:
        """Replace the mentions of an article; one that is `new` has none."""
        if not new:
            self._connection.execute(delete(mentions).where(mentions.c.article_id == article_id))
        if found:
            self._connection.execute(
                insert(mentions),
                [
                    {"article_id": article_id, "company": m.company, "alias": m.alias, **span_to_columns(m.span)}
                    for m in found
                ],
            )

    def sign(self, article_id: int, signature: tuple[int, ...]) -> None:
        """Keep what tells reprints of an article's text (`detection.reprints`)."""
        self._connection.execute(
            update(articles).where(articles.c.id == article_id).values(signature=signature_to_bytes(signature))
        )

    def version(self, article_id: int) -> int:
        """Which wording of the article is the last: 1 for one that was never edited."""
        found: int = self._connection.execute(
            select(articles.c.version).where(articles.c.id == article_id)
        ).scalar_one()
        return found

    def get(self, article_id: int) -> ArchivedArticle | None:
        """An article with its mentions, in the order of the text."""
        row = self._connection.execute(select(articles).where(articles.c.id == article_id)).one_or_none()
        if row is None:
            return None
        places = self._connection.execute(
            select(mentions).where(mentions.c.article_id == article_id).order_by(mentions.c.id)
        )
        found = tuple(Mention(m.company, m.alias, Span(m.part, m.start, m.end)) for m in places)
        return _archived(row, found)

    def count(self, after: datetime | None, before: datetime | None, source: str | None) -> int:
        """How many articles are of a time (of publication) and source; None takes all."""
        statement = select(func.count()).select_from(articles).where(*within(after, before, source))
        return self._connection.execute(statement).scalar_one()

    def walk(self, after: datetime | None, before: datetime | None, source: str | None) -> Iterator[ArchivedArticle]:
        """The articles of a time and source without their mentions, oldest first, some hundred at a time in memory."""
        order = (articles.c.sorted_at, articles.c.id)
        statement = select(articles).where(*within(after, before, source)).order_by(*order).limit(_BATCH)
        rows = self._connection.execute(statement).all()
        while rows:
            yield from (_archived(row) for row in rows)
            last = tuple_(literal(rows[-1].sorted_at, UTCDateTime), literal(rows[-1].id))
            rows = self._connection.execute(statement.where(tuple_(*order) > last)).all()

    def versions(self, article_id: int) -> list[tuple[int, datetime, str, str]]:
        """Former wordings: (version, fetched, title, text), oldest first."""
        rows = self._connection.execute(
            select(article_versions)
            .where(article_versions.c.article_id == article_id)
            .order_by(article_versions.c.version)
        )
        return [(row.version, row.fetched_at, row.title, row.text) for row in rows]


def _archived(row: Row[Any], found: tuple[Mention, ...] = ()) -> ArchivedArticle:
    article = Article(row.url, row.source, row.title, row.text, row.author, row.language, row.published_at)
    return ArchivedArticle(row.id, article, row.fetched_at, row.version, found)


def within(after: datetime | None, before: datetime | None, source: str | None = None) -> list[ColumnElement[bool]]:
    """The conditions on articles of a time (of publication) and source; None takes all."""
    bounds = [articles.c.sorted_at >= after] if after else []
    bounds += [articles.c.sorted_at < before] if before else []
    return bounds + ([articles.c.source == source] if source else [])


def _wording(article: Article) -> dict[str, str]:
    return {"title": article.title, "author": article.author, "text": article.text}


def digest(title: str, body: str) -> str:
    """By what an article is known to have changed."""
    return hashlib.blake2b(f"{title}\x1f{body}".encode(), digest_size=16).hexdigest()
