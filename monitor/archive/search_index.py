"""The search index: the terms of each article under its position, which grows with the time of publication.

SQLite keeps the terms in an FTS5 table without content, places or sizes, Postgres in a GIN index over a vector that is
made from them. A page of the newest hits is then read off the end of the index, whatever the number of hits.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, insert, select, text, update

from monitor.archive.deals import claim_from_row
from monitor.archive.tables import articles, claims, mentions, positions
from monitor.models import Claim
from monitor.searching.index import Either, Every, Lookup, Posting
from monitor.searching.labels import labels, text_terms

_ROOM, _ON_THE_MINUTE, _OTHERWISE = 1024, 552, 8
"""Places for articles of one minute on SQLite, of its first second (where a time is known to the minute or the day), of
each other one. The closer they lie, the smaller is the index."""

_SAME_SECOND = 29
"""Bits for the articles of one second on Postgres, whose index does not grow with them."""

_ADD_SQLITE = text("INSERT INTO article_terms (rowid, terms) VALUES (:position, :terms)")
_ADD_POSTGRES = text("INSERT INTO article_terms (position, terms) VALUES (:position, :terms)")
_REMOVE_SQLITE = text("INSERT INTO article_terms (article_terms, rowid, terms) VALUES ('delete', :position, :terms)")

_REMOVE_POSTGRES = text("DELETE FROM article_terms WHERE position = :position")


def first_position(at: datetime, dialect: str) -> int:
    """The lowest position of what was published at a time; what is older than 1970 counts as of then."""
    seconds = max(0, int((at - _EPOCH).total_seconds()))
    if dialect != "sqlite":
        return seconds << _SAME_SECOND
    minute, second = divmod(seconds, 60)
    return minute * _ROOM + (_ON_THE_MINUTE + (second - 1) * _OTHERWISE if second else 0)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SearchIndex:
    """Keeps the index in step with the articles, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def refresh(self, article_id: int) -> None:
        """Index an article as the archive holds it now, with its companies and what it says of deals.

        One whose text was edited must have been forgotten with its former text before.
        """
        row = self._connection.execute(select(articles).where(articles.c.id == article_id)).one()
        wanted = sorted(set(labels(row.source, row.language, self._companies(article_id), self._claims(article_id))))
        known = self._connection.execute(select(positions).where(positions.c.article_id == article_id)).one_or_none()
        if known is None:
            position = self._free_position(row.sorted_at, article_id)
            self._connection.execute(
                insert(positions).values(position=position, article_id=article_id, labels=" ".join(wanted))
            )
        else:
            if known.labels == " ".join(wanted):
                return
            position = known.position
            self._remove(position, row.title, row.text, known.labels.split())
            self._connection.execute(
                update(positions).where(positions.c.position == position).values(labels=" ".join(wanted))
            )
        statement = _ADD_SQLITE if self._dialect == "sqlite" else _ADD_POSTGRES
        self._connection.execute(statement, {"position": position, "terms": _terms(row.title, row.text, wanted)})

    def forget(self, article_id: int, title: str, body: str) -> None:
        """Take an article out; `title` and `body` must be those it was indexed with."""
        known = self._connection.execute(select(positions).where(positions.c.article_id == article_id)).one_or_none()
        if known is not None:
            self._remove(known.position, title, body, known.labels.split())
            self._connection.execute(delete(positions).where(positions.c.position == known.position))

    def clear(self) -> None:
        """Empty the index: for a new beginning, as when terms are made otherwise than before."""
        if self._dialect == "sqlite":
            self._connection.execute(text("INSERT INTO article_terms (article_terms) VALUES ('delete-all')"))
        else:
            self._connection.execute(text("TRUNCATE article_terms"))
        self._connection.execute(delete(positions))

    def missing(self) -> list[int]:
        """The articles that are not indexed, oldest first."""
        waiting = (
            select(articles.c.id)
            .where(articles.c.id.not_in(select(positions.c.article_id)))
            .order_by(articles.c.sorted_at, articles.c.id)
        )
        return list(self._connection.execute(waiting).scalars())

    def complete(self) -> Iterator[int]:
        """Index what is missing; yields each article's id when it is done."""
        for article_id in self.missing():
            self.refresh(article_id)
            yield article_id

    def _remove(self, position: int, title: str, body: str, wanted: Collection[str]) -> None:
        if self._dialect == "sqlite":
            self._connection.execute(_REMOVE_SQLITE, {"position": position, "terms": _terms(title, body, wanted)})
        else:
            self._connection.execute(
                text("DELETE FROM article_terms WHERE position = :position"), {"position": position}
            )

    def _free_position(self, at: datetime, article_id: int) -> int:
        """A place for an article of this time. On SQLite, which has one writer, the next that is free; when a second is
        full, a place in one of the next."""
        first = first_position(at, self._dialect)
        if self._dialect != "sqlite":
            return first | article_id & ((1 << _SAME_SECOND) - 1)
        while True:
            room = _OTHERWISE if first % _ROOM else _ON_THE_MINUTE
            last = self._connection.execute(
                select(func.max(positions.c.position)).where(positions.c.position.between(first, first + room - 1))
            ).scalar_one()
            if last is None:
                return first
            if last + 1 < first + room:
                return int(last) + 1
            first += room

    def _companies(self, article_id: int) -> list[str]:
        found = select(mentions.c.company).distinct().where(mentions.c.article_id == article_id)
        return list(self._connection.execute(found).scalars())

    def _claims(self, article_id: int) -> list[Claim]:
        rows = self._connection.execute(select(claims).where(claims.c.article_id == article_id))
        return [claim_from_row(row) for row in rows]


def _terms(title: str, body: str, wanted: Collection[str]) -> str:
    return " ".join(sorted({*text_terms(title, body), *wanted}))


def expression(lookup: Lookup, dialect: str) -> str:
    """What is looked up in the words of FTS5 or of a tsquery."""
    return _fts5(lookup) if dialect == "sqlite" else _tsquery(lookup)


def _fts5(lookup: Lookup) -> str:
    """As an expression of FTS5 (https://www.sqlite.org/fts5.html, section 3)."""
    match lookup:
        case Posting():
            return f'"{lookup.token}"{" *" if lookup.prefix else ""}'
        case Either():
            return f"({' OR '.join(map(_fts5, lookup.parts))})"
        case Every():
            found = f"({' AND '.join(map(_fts5, lookup.parts))})"
            return "".join((found, *(f" NOT {_fts5(part)}" for part in lookup.without)))


def _tsquery(lookup: Lookup) -> str:
    match lookup:
        case Posting():
            return f"'{lookup.token}'{':*' if lookup.prefix else ''}"
        case Either():
            return f"({' | '.join(map(_tsquery, lookup.parts))})"
        case Every():
            parts = (*map(_tsquery, lookup.parts), *(f"!{_tsquery(part)}" for part in lookup.without))
            return f"({' & '.join(parts)})"
