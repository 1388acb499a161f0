"""An archive into another one, on SQLite or Postgres: in order of numbers, so that it goes on where it stopped.

The search index is another one on each database: it is not copied, but made anew there (`SearchIndex.complete`).
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Engine, Row, Table, func, select, text, tuple_, update
from sqlalchemy.exc import DBAPIError

from monitor.archive.columns import metadata
from monitor.archive.rows import insert_or_skip
from monitor.archive.schema import unreachable
from monitor.archive.tables import positions
from monitor.errors import ArchiveError

BATCH = 1_000
"""Rows that are written in one transaction."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far a table has come: rows that the other archive has by now, of how many."""

    table: str
    done: int
    total: int


def tables() -> list[Table]:
    """What is copied, what others refer to first."""
    return [table for table in metadata.sorted_tables if table is not positions]


def copy(source: Engine, target: Engine) -> Iterator[Step]:
    """Bring what the source has into the target, whose schema is the same; tells each table's progress.

    Rows that are there already stay, so that it can be ended and begun again. Nothing may write to either meanwhile.
    """
    for table in tables():
        try:
            yield from _Transfer(table, source, target).run()
        except DBAPIError as error:
            raise unreachable(target, error) from error


@dataclass(frozen=True, slots=True)
class _Transfer:
    """One table."""

    table: Table
    source: Engine
    target: Engine

    def run(self) -> Iterator[Step]:
        with _reading(self.source) as reading:
            total = _count(reading, self.table)
            done, last = self._begin()
            yield Step(self.table.name, done, total)
            for rows in _batches(reading, self.table, last):
                with self.target.begin() as writing:
                    self._write(writing, rows)
                done += len(rows)
                yield Step(self.table.name, min(done, total), total)
        with self.target.begin() as writing:
            self._refer_to_itself(writing)
            if _numbered(self.table) and writing.dialect.name == "postgresql":
                _count_on(writing, self.table)

    def _begin(self) -> tuple[int, int | None]:
        """How many rows are there, and the number of the last of them, after which is gone on."""
        if not _numbered(self.table):
            return 0, None
        with _reading(self.target) as connection:
            last = connection.execute(select(func.max(self.table.c.id))).scalar_one()
            return _count(connection, self.table), last

    def _write(self, connection: Connection, rows: Sequence[Row[Any]]) -> None:
        later = {column.name for column in _own_references(self.table)}
        if connection.dialect.name == "postgresql" and _numbered(self.table):
            _copy_in(connection, self.table, rows, later)
            return
        values = [{k: None if k in later else v for k, v in row._mapping.items()} for row in rows]
        connection.execute(insert_or_skip(connection, self.table), values)

    def _refer_to_itself(self, connection: Connection) -> None:
        """Fill in what refers to rows of the same table, which may come after it."""
        for column in _own_references(self.table):
            with _reading(self.source) as reading:
                pairs = reading.execute(select(self.table.c.id, column).where(column.is_not(None))).all()
            for number, other in pairs:
                connection.execute(update(self.table).where(self.table.c.id == number).values({column: other}))


def _copy_in(connection: Connection, table: Table, rows: Sequence[Row[Any]], later: set[str]) -> None:
    """Postgres takes rows four times faster so than by INSERT."""
    columns = list(table.columns)
    processors = [column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect) for column in columns]
    names = ", ".join(f'"{column.name}"' for column in columns)
    cursor = connection.connection.cursor()
    with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as target:
        for row in rows:
            target.write_row(
                [
                    None if column.name in later else process(value) if process and value is not None else value
                    for column, process, value in zip(columns, processors, row, strict=True)
                ]
            )


def _count_on(connection: Connection, table: Table) -> None:
    """Let new rows get numbers after those that were copied."""
    connection.execute(
        text(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "  # noqa: S608 - a name of ours
            f'greatest((SELECT max(id) FROM "{table.name}"), 1))'
        )
    )


def _numbered(table: Table) -> bool:
    return [column.name for column in table.primary_key.columns] == ["id"]


def _own_references(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns for key in column.foreign_keys if key.column.table is table]


def _reading(engine: Engine) -> Any:
    return engine.connect().execution_options(writes=False)


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _batches(connection: Connection, table: Table, last: int | None) -> Iterator[Sequence[Row[Any]]]:
    """The rows after a number, in the order of the key."""
    key = list(table.primary_key.columns)
    statement = select(table).order_by(*key).limit(BATCH)
    after: Any = None if last is None else (last,)
    while True:
        rows = connection.execute(statement if after is None else statement.where(tuple_(*key) > after)).all()
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        after = tuple(getattr(rows[-1], column.name) for column in key)


@dataclass(frozen=True, slots=True)
class Compared:
    """What a table holds on both sides; the digests are equal if every value is."""

    table: str
    rows: tuple[int, int]
    digests: tuple[str, str]

    @property
    def same(self) -> bool:
        """True if nothing differs."""
        return self.rows[0] == self.rows[1] and self.digests[0] == self.digests[1]


def compare(source: Engine, target: Engine) -> Iterator[Compared]:
    """Hold every value of both archives against each other, by table."""
    for table in tables():
        with _reading(source) as one, _reading(target) as other:
            (number, digest), (numbers, digests) = _digest(one, table), _digest(other, table)
        yield Compared(table.name, (number, numbers), (digest, digests))


def _digest(connection: Connection, table: Table) -> tuple[int, str]:
    """How many rows, and a sum of their hashes, as the databases order texts differently."""
    number, total = 0, 0
    for rows in _batches(connection, table, None):
        number += len(rows)
        for row in rows:
            said = json.dumps([_plain(value) for value in row], ensure_ascii=True, sort_keys=True)
            total += int.from_bytes(hashlib.blake2b(said.encode(), digest_size=16).digest())
    return number, f"{total % (1 << 128):032x}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value


def refuse_other(source: Engine, target: Engine) -> None:
    """Raise ArchiveError where the target holds rows that the source has not: it is another archive."""
    for table in tables():
        if not _numbered(table):
            continue
        with _reading(source) as one, _reading(target) as other:
            last = other.execute(select(func.max(table.c.id))).scalar_one()
            if last is not None and one.execute(select(table.c.id).where(table.c.id == last)).first() is None:
                raise ArchiveError(f"the target holds other {table.name} than the source: name an empty archive")
