"""Whether what the archive holds fits together: the database's own view of it, then ours, value by value."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, text

from monitor.archive.alert_tables import alerts
from monitor.archive.articles import digest
from monitor.archive.crawl_tables import entries
from monitor.archive.tables import articles, claims, corrections, deals, mentions, pins, positions
from monitor.models import AlertState

_BATCH = 500
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how many rows are `wrong`, the first of them, and what to do about it."""

    what: str
    wrong: int = 0
    first: tuple[str, ...] = ()
    advice: str = ""


class Soundness:
    """The checks of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> Iterator[Finding]:
        """Each thing in turn, from the ground up; the texts of articles come last, as they take longest."""
        yield self._database()
        for what, query, advice in (
            ("each article is in the search index", _unindexed(), _REINDEX),
            ("each deal is told by a report, or by people", _untold(), _REPORT),
            ("each merged deal is part of one that is there", _astray(), _REPORT),
            ("what was read stands in its article", _misquoted(), "monitor reextract"),
            ("mentions lie within their article", _outside(), "monitor reextract"),
            ("each entry that waits says what to fetch", _empty_entries(), _REPORT),
            ("each alert is in a state that goes on", _stuck(), _REPORT),
            ("each member of a digest has one", _homeless(), _REPORT),
        ):
            yield self._found(what, query, advice)
        yield self._changed_texts()

    def _found(self, what: str, query: Select[int] | Select[str], advice: str) -> Finding:
        rows = list(self._connection.execute(query).scalars())
        return Finding(what, len(rows), tuple(str(row) for row in rows[:_SHOWN]), advice if rows else "")

    def _database(self) -> Finding:
        """What the database itself finds; a Postgres checks its own pages when it reads them."""
        if self._connection.dialect.name == "sqlite":
            said = [row[0] for row in self._connection.exec_driver_sql("PRAGMA integrity_check(20)") if row[0] != "ok"]
            lost = [f"{row[0]} row {row[1]}: no {row[2]}" for row in self._connection.exec_driver_sql(_LOST)]
            wrong = [*said, *lost]
        else:
            wrong = [f"{row[0]} is not valid" for row in self._connection.execute(text(_INVALID))]
        advice = "restore a backup, or copy what can be read: monitor db copy" if wrong else ""
        return Finding("the database finds nothing wrong", len(wrong), tuple(wrong[:_SHOWN]), advice)

    def _changed_texts(self) -> Finding:
        """Articles whose text is not what was stored: a damaged disk, or a hand in the database."""
        columns = (articles.c.id, articles.c.title, articles.c.text, articles.c.content_hash)
        wrong, last = [], 0
        query = select(*columns).where(articles.c.text != "").order_by(articles.c.id).limit(_BATCH)
        while rows := self._connection.execute(query.where(articles.c.id > last)).all():
            last = rows[-1].id
            wrong += [row.id for row in rows if digest(row.title, row.text) != row.content_hash]
        advice = "restore them from a backup; the next change of the page brings them anew" if wrong else ""
        what = "each text is what was stored"
        return Finding(what, len(wrong), tuple(str(number) for number in wrong[:_SHOWN]), advice)


_LOST = "PRAGMA foreign_key_check"
_INVALID = """
    SELECT conrelid::regclass::text || '.' || conname FROM pg_constraint WHERE NOT convalidated
    UNION ALL SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid
"""
_REINDEX = "monitor db reindex"
_REPORT = "a fault of the program: please report it with the output of `monitor db check --json`"


def _unindexed() -> Select[int]:
    return select(articles.c.id).where(~exists().where(positions.c.article_id == articles.c.id)).order_by(articles.c.id)


def _untold() -> Select[int]:
    by = [~exists().where(table.c.deal_id == deals.c.id) for table in (claims, pins, corrections)]
    return select(deals.c.id).where(deals.c.merged_into.is_(None), *by).order_by(deals.c.id)


def _astray() -> Select[int]:
    other = deals.alias()
    there = exists().where(other.c.id == deals.c.merged_into)
    return select(deals.c.id).where(deals.c.merged_into.is_not(None), ~there).order_by(deals.c.id)


def _written() -> ColumnElement[bool]:
    """The text was not forgotten (`retention.texts`)."""
    return articles.c.text != ""


def _misquoted() -> Select[int]:
    def stands(part: str) -> ColumnElement[bool]:
        written = articles.c[part]
        found = func.substr(written, claims.c.start + 1, claims.c.end - claims.c.start)
        return and_(claims.c.part == part, found != claims.c.sentence)

    joined = claims.join(articles, articles.c.id == claims.c.article_id)
    wrong = or_(stands("title"), and_(_written(), stands("text")))
    return select(claims.c.id).select_from(joined).where(wrong).order_by(claims.c.id)


def _outside() -> Select[int]:
    def beyond(part: str) -> ColumnElement[bool]:
        return and_(mentions.c.part == part, mentions.c.end > func.length(articles.c[part]))

    joined = mentions.join(articles, articles.c.id == mentions.c.article_id)
    wrong = or_(mentions.c.start >= mentions.c.end, beyond("title"), and_(_written(), beyond("text")))
    return select(mentions.c.id).select_from(joined).where(wrong).order_by(mentions.c.id)


def _empty_entries() -> Select[str]:
    return (
        select(entries.c.url).where(entries.c.state == "pending", entries.c.payload.is_(None)).order_by(entries.c.url)
    )


def _stuck() -> Select[int]:
    lacks = (
        and_(alerts.c.state == AlertState.SENT.value, alerts.c.sent_at.is_(None)),
        and_(alerts.c.state == AlertState.SENDING.value, alerts.c.leased_until.is_(None)),
        and_(alerts.c.state == AlertState.PENDING.value, alerts.c.next_attempt_at.is_(None)),
        and_(alerts.c.state == AlertState.HELD.value, alerts.c.next_attempt_at.is_(None)),
        alerts.c.state.not_in([state.value for state in AlertState]),
    )
    return select(alerts.c.id).where(or_(*lacks)).order_by(alerts.c.id)


def _homeless() -> Select[int]:
    gathered = alerts.c.state == AlertState.GATHERED.value
    return select(alerts.c.id).where(gathered, alerts.c.digest_id.is_(None)).order_by(alerts.c.id)
