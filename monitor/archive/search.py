"""Full-text search: the index proposes (`archive.search_index`), the text itself decides (`searching.matching`).

So both databases return the same hits, and what is found is really there.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, func, select, text

from monitor.archive.deals import claim_from_row
from monitor.archive.search_index import expression, first_position
from monitor.archive.tables import articles, claims, mentions, positions
from monitor.errors import TooSlowError
from monitor.models import Claim
from monitor.searching.index import Lookup, broad, exact, lookup
from monitor.searching.matching import Candidate, Matcher, Shown
from monitor.searching.nodes import Node, Told, bounds, walk

_BATCH, _LARGEST_BATCH = 32, 512
"""Candidates that are read at once: few at first, as most fit, then twice as many each time."""

RANKED = 300
"""Articles that are put in order by relevance: the newest with the terms in their title, and the newest at all."""

COUNTED, COUNTED_BY_TEXT = 10_000, 1_000
"""Hits that are counted: where the index knows, and where each text must be looked at."""

SCANNED = 200
"""Articles that are looked at one by one for what is frequent but dear to look up, such as a single character."""


class Order(StrEnum):
    """The order of hits."""

    NEWEST = "newest"
    RELEVANT = "relevant"


@dataclass(frozen=True, slots=True)
class Hit:
    """One article found; the marks are spans of the title and of `snippet` that matched.

    `cursor` is where the next page begins if this is the last hit of a page.
    """

    id: int
    title: str
    url: str
    source: str
    language: str | None
    published: datetime | None
    at: datetime
    title_marks: tuple[tuple[int, int], ...]
    snippet: str
    marks: tuple[tuple[int, int], ...]
    cursor: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many articles fit: in all, by company, source and month (2026-03), the most first, months the last first.

    With `more` there are others that are older: then the newest so many are counted.
    """

    total: int
    more: bool
    companies: tuple[tuple[str, int], ...] = ()
    sources: tuple[tuple[str, int], ...] = ()
    months: tuple[tuple[str, int], ...] = ()


Fitting = tuple[Row[Any], Candidate]


class Search:
    """Search on one connection. What takes longer than `seconds` ends with a TooSlowError; None lets it go on."""

    def __init__(self, connection: Connection, seconds: float | None = None) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name
        self._until = None if seconds is None else time.monotonic() + seconds

    def find(self, query: Node, limit: int = 20, *, order: Order = Order.NEWEST, after: int | None = None) -> list[Hit]:
        """Articles that fit, a page of `limit`; `after` is the cursor of the last hit of the page before."""
        if order is Order.RELEVANT:
            start = after or 0
            page = self._ranked(query)[start : start + limit]
            return [_hit(row, shown, start + i) for i, (row, shown) in enumerate(self._shown(query, page), 1)]
        found = self._newest(query, lookup(query), after, limit)
        return [_hit(row, shown, row.position) for row, shown in self._shown(query, found)]

    @staticmethod
    def _shown(query: Node, found: Iterable[Fitting]) -> Iterator[tuple[Row[Any], Shown]]:
        matcher = Matcher(query)
        for row, candidate in found:
            yield row, matcher.show(candidate)

    def walk(self, query: Node) -> Iterator[int]:
        """The ids of all articles that fit, newest first."""
        for row, _ in self._fitting(query, lookup(query)):
            yield row.id

    def count(self, query: Node) -> Counts:
        """How many articles fit, and of whom, where and when."""
        chosen, more = self._counted(query)
        if not chosen:
            return Counts(0, more=False)
        sources, months, companies = Counter[str](), Counter[str](), Counter[str]()
        for start in range(0, len(chosen), _LARGEST_BATCH):
            some = chosen[start : start + _LARGEST_BATCH]
            joined = positions.join(articles, articles.c.id == positions.c.article_id)
            for row in self._connection.execute(
                select(articles.c.source, articles.c.sorted_at)
                .select_from(joined)
                .where(positions.c.position.in_(some))
            ):
                sources[row.source] += 1
                months[f"{row.sorted_at:%Y-%m}"] += 1
            named = positions.join(mentions, mentions.c.article_id == positions.c.article_id)
            for company, number in self._connection.execute(
                select(mentions.c.company, func.count(mentions.c.article_id.distinct()))
                .select_from(named)
                .where(positions.c.position.in_(some))
                .group_by(mentions.c.company)
            ):
                companies[company] += number
            self._check_time()
        return Counts(len(chosen), more, _most(companies), _most(sources), tuple(sorted(months.items(), reverse=True)))

    def _counted(self, query: Node) -> tuple[list[int], bool]:
        """The positions of the newest hits, as many as are counted, and whether there are more."""
        found = lookup(query)
        if exact(query):
            chosen = self._positions(found, query, None, COUNTED + 1)
            return chosen[:COUNTED], len(chosen) > COUNTED
        chosen = []
        for row, _ in self._fitting(query, found):
            if len(chosen) == COUNTED_BY_TEXT:
                return chosen, True
            chosen.append(row.position)
        return chosen, False

    def _newest(self, query: Node, proposed: Lookup | None, before: int | None, limit: int) -> list[Fitting]:
        if proposed is not None and broad(proposed):
            recent = list(islice(self._fitting(query, None, before, SCANNED), limit))
            if len(recent) == limit:
                return recent
        return list(islice(self._fitting(query, proposed, before), limit))

    def _ranked(self, query: Node) -> list[Fitting]:
        """The newest hits, those with the terms in their title and others, the most relevant first, then the newest."""
        matcher = Matcher(query)
        chosen: dict[int, tuple[float, Fitting]] = {}
        for proposed in (lookup(query, in_title=True), lookup(query)):
            for row, candidate in islice(self._fitting(query, proposed), RANKED):
                if row.position not in chosen:
                    chosen[row.position] = (matcher.score(candidate), (row, candidate))
        best = sorted(chosen.items(), key=lambda item: (-item[1][0], -item[0]))
        return [fitting for _, (_, fitting) in best]

    def _fitting(
        self, query: Node, proposed: Lookup | None, before: int | None = None, most: int | None = None
    ) -> Iterator[Fitting]:
        """What the index proposes (None: all) and the text confirms, newest first, of `most` candidates or so."""
        matcher, certain = Matcher(query), proposed is not None and exact(query)
        asks_deals = any(isinstance(node, Told) for node in walk(query))
        size, looked_at = _BATCH, 0
        while True:
            batch = self._positions(proposed, query, before, size)
            rows = self._rows(batch)
            claims_of = self._claims([row.id for row in rows]) if asks_deals else {}
            for row in rows:
                candidate = Candidate(
                    row.title, row.text, row.sorted_at, frozenset(row.labels.split()), tuple(claims_of.get(row.id, ()))
                )
                if certain or matcher.fits(candidate):
                    yield row, candidate
                self._check_time()
            looked_at += len(batch)
            if len(batch) < size or (most is not None and looked_at >= most):
                return
            before, size = batch[-1], min(2 * size, _LARGEST_BATCH)

    def _positions(self, proposed: Lookup | None, query: Node, before: int | None, limit: int) -> list[int]:
        """The last positions before one, of what is proposed (None: all), within the time that is asked for."""
        span = bounds(query)
        low = first_position(span.after, self._dialect) if span.after else _LOWEST
        high = first_position(span.before, self._dialect) if span.before else _HIGHEST
        high = high if before is None else min(high, before)
        asked: dict[str, object] = {"low": low, "high": high, "limit": limit}
        statement = _EVERYTHING
        if proposed is not None:
            statement = _IN_SQLITE if self._dialect == "sqlite" else _IN_POSTGRES
            asked["match"] = expression(proposed, self._dialect)
        self._check_time()
        return [row.position for row in self._connection.execute(statement, asked)]

    def _rows(self, batch: Sequence[int]) -> Sequence[Row[Any]]:
        if not batch:
            return ()
        joined = positions.join(articles, articles.c.id == positions.c.article_id)
        return self._connection.execute(
            select(articles, positions.c.position, positions.c.labels)
            .select_from(joined)
            .where(positions.c.position.in_(batch))
            .order_by(positions.c.position.desc())
        ).all()

    def _claims(self, article_ids: Sequence[int]) -> dict[int, list[Claim]]:
        found: dict[int, list[Claim]] = defaultdict(list)
        for row in self._connection.execute(select(claims).where(claims.c.article_id.in_(article_ids))):
            found[row.article_id].append(claim_from_row(row))
        return found

    def _check_time(self) -> None:
        if self._until is not None and time.monotonic() > self._until:
            raise TooSlowError


_LOWEST, _HIGHEST = -(2**62), 2**63 - 1
_EVERYTHING = text(
    "SELECT position FROM article_positions WHERE position >= :low AND position < :high "
    "ORDER BY position DESC LIMIT :limit"
)
_IN_SQLITE = text(
    "SELECT rowid AS position FROM article_terms WHERE article_terms MATCH :match AND rowid >= :low AND rowid < :high "
    "ORDER BY rowid DESC LIMIT :limit"
)
# Materialised, as the planner would else walk the positions and make every vector on its way.
_IN_POSTGRES = text(
    "WITH found AS MATERIALIZED ("
    "SELECT position FROM article_terms WHERE article_vector(terms) @@ CAST(:match AS tsquery)) "
    "SELECT position FROM found WHERE position >= :low AND position < :high ORDER BY position DESC LIMIT :limit"
)


def _most(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _hit(row: Row[Any], shown: Shown, cursor: int) -> Hit:
    return Hit(
        id=row.id,
        title=row.title,
        url=row.url,
        source=row.source,
        language=row.language,
        published=row.published_at,
        at=row.sorted_at,
        title_marks=shown.title_marks,
        snippet=shown.snippet,
        marks=shown.marks,
        cursor=cursor,
    )
