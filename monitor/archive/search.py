"""Full-text search: an index of words and CJK bigrams proposes, the text itself decides.

SQLite keeps the terms in an FTS5 table without content or positions, Postgres in a tsvector with a GIN index. Both only
narrow the candidates; each is then compared with the folded text, so that both databases return the same hits and what
is found is really there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, select, text

from monitor.archive.tables import articles, mentions
from monitor.text import CJK, fold, fold_with_positions, search_tokens

_TERM = re.compile(r'"([^"]*)"?|(\S+)')
_BATCH = 200
_CONTEXT = 60


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched: all `terms` must occur; times are of publication."""

    text: str = ""
    company: str | None = None
    source: str | None = None
    language: str | None = None
    after: datetime | None = None
    before: datetime | None = None

    @property
    def terms(self) -> tuple[str, ...]:
        """Folded words and "quoted phrases"; those without a letter or digit say nothing and are left out."""
        found = (fold(phrase or word).strip() for phrase, word in _TERM.findall(self.text))
        return tuple(term for term in found if any(search_tokens(term)))


@dataclass(frozen=True, slots=True)
class Hit:
    """One article found; `marks` are spans of `snippet` that matched."""

    id: int
    title: str
    url: str
    source: str
    language: str | None
    published: datetime | None
    snippet: str
    marks: tuple[tuple[int, int], ...]


_ADD_SQLITE = text("INSERT INTO article_terms (rowid, terms) VALUES (:id, :terms)")
_ADD_POSTGRES = text(
    "INSERT INTO article_terms (article_id, terms) VALUES (:id, array_to_tsvector(string_to_array(:terms, ' ')))"
)


class Search:
    """The search index of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"

    def add(self, article_id: int, title: str, body: str) -> None:
        """Index an article."""
        terms = " ".join(sorted(set(search_tokens(f"{title}\n{body}"))))
        self._connection.execute(_ADD_SQLITE if self._sqlite else _ADD_POSTGRES, {"id": article_id, "terms": terms})

    def remove(self, article_id: int, title: str, body: str) -> None:
        """Take an article out; `title` and `body` must be those it was added with."""
        if self._sqlite:
            terms = " ".join(sorted(set(search_tokens(f"{title}\n{body}"))))
            statement = "INSERT INTO article_terms (article_terms, rowid, terms) VALUES ('delete', :id, :terms)"
            self._connection.execute(text(statement), {"id": article_id, "terms": terms})
        else:
            self._connection.execute(text("DELETE FROM article_terms WHERE article_id = :id"), {"id": article_id})

    def find(self, query: Query, limit: int = 20) -> list[Hit]:
        """Articles in which every term occurs, newest first."""
        hits: list[Hit] = []
        if query.text.strip() and not query.terms:
            return hits
        checks = [_checker(term) for term in query.terms]
        for row in self._candidates(query):
            whole = f"{row.title}\n{row.text}"
            folded = fold_with_positions(whole)
            found = [check.search(folded.text) for check in checks]
            if all(found):
                spans = [folded.original(*match.span()) for match in found if match]
                hits.append(_hit(row, whole, spans))
                if len(hits) == limit:
                    break
        return hits

    def _candidates(self, query: Query) -> Iterator[Row[tuple[object, ...]]]:
        statement = select(articles).order_by(articles.c.sorted_at.desc(), articles.c.id.desc()).where(*_filters(query))
        if query.terms:
            statement = statement.where(articles.c.id.in_(self._matching(query.terms)))
        last = None
        while True:
            page = statement
            if last is not None:
                page = page.where(
                    (articles.c.sorted_at < last.sorted_at)
                    | ((articles.c.sorted_at == last.sorted_at) & (articles.c.id < last.id))
                )
            rows = self._connection.execute(page.limit(_BATCH)).all()
            yield from rows
            if len(rows) < _BATCH:
                return
            last = rows[-1]

    def _matching(self, terms: tuple[str, ...]):  # type: ignore[no-untyped-def]
        tokens = sorted({token for term in terms for token in _index_terms(term)})
        if self._sqlite:
            match = " AND ".join(f'"{token.rstrip("*")}"{"*" if token.endswith("*") else ""}' for token in tokens)
            return (
                select(text("rowid"))
                .select_from(text("article_terms"))
                .where(text("article_terms MATCH :match").bindparams(match=match))
            )
        match = " & ".join(f"'{token.rstrip('*')}'{':*' if token.endswith('*') else ''}" for token in tokens)
        return (
            select(text("article_id"))
            .select_from(text("article_terms"))
            .where(text("terms @@ CAST(:match AS tsquery)").bindparams(match=match))
        )


def _index_terms(term: str) -> Iterator[str]:
    """The index terms of one search term. A CJK run's last character is only a term of its own where the run ended in
    the article too, so of a longer run it is left out, and a single character is a prefix (marked with *)."""
    for run in re.findall(f"[{CJK}]+|[^\\W_{CJK}]+", term):
        tokens = list(search_tokens(run))
        if re.match(f"[{CJK}]", run):
            yield from tokens[:-1] if len(run) > 1 else (f"{run}*",)
        else:
            yield from tokens


def _checker(term: str) -> re.Pattern[str]:
    """Finds the term as it must stand in folded text: its Latin ends at word boundaries."""
    latin = f"[^\\W_{CJK}]"
    before = f"(?<!{latin})" if re.match(latin, term) else ""
    after = f"(?!{latin})" if re.match(latin, term[-1]) else ""
    return re.compile(before + r"\s+".join(map(re.escape, term.split())) + after)


def _filters(query: Query) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if query.company:
        wanted.append(articles.c.id.in_(select(mentions.c.article_id).where(mentions.c.company == query.company)))
    if query.source:
        wanted.append(articles.c.source == query.source)
    if query.language:
        wanted.append(articles.c.language == query.language)
    if query.after:
        wanted.append(articles.c.sorted_at >= query.after)
    if query.before:
        wanted.append(articles.c.sorted_at < query.before)
    return wanted


def _hit(row: Row[tuple[object, ...]], whole: str, spans: list[tuple[int, int]]) -> Hit:
    snippet, marks = _snippet(whole, len(row.title) + 1, sorted(spans))
    return Hit(row.id, row.title, row.url, row.source, row.language, row.published_at, snippet, marks)


def _snippet(whole: str, body: int, spans: list[tuple[int, int]]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Some text around the first hit in the body (else its beginning) with the places that matched."""
    first = next((start for start, _ in spans if start >= body), body)
    start, end = max(body, first - _CONTEXT), min(len(whole), first + 2 * _CONTEXT)
    marks = tuple((max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start)
    return whole[start:end].replace("\n", " "), marks
