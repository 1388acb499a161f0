"""Opening the database: SQLite in WAL mode, or Postgres through psycopg."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from monitor.errors import ArchiveError

BUSY_TIMEOUT = 30.0
"""Seconds a writer waits for another one on SQLite (case: database locked for 30 s)."""


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://…`; the folder of an SQLite file is made if it is missing.

    What it complains of names no values: some are secrets, and tracebacks are logged.

    Raises:
        ArchiveError: when the address is of another kind, or a driver is not installed. It shows no password.
    """
    parsed = _checked(url)
    try:
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed)
        engine = create_engine(parsed, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except ImportError as error:
        raise ArchiveError(
            "DATABASE_URL names Postgres, but psycopg is not installed: pip install 'funding-news-monitor[postgres]'"
        ) from error
    event.listen(engine, "begin", _begin_postgres)
    return engine


def driver_address(url: str) -> str:
    """The address of a Postgres as its driver takes it. It holds the password.

    Raises:
        ArchiveError: when the address is of another kind.
    """
    parsed = _checked(url)
    if parsed.get_backend_name() != "postgresql":
        raise ArchiveError("workers share visits through Postgres: let DATABASE_URL name one (monitor db copy)")
    return parsed.set(drivername="postgresql").render_as_string(hide_password=False)


_STANDS_STILL = 30_000
"""Milliseconds for which a transaction that writes may do nothing, until Postgres ends it."""


@contextmanager
def limited(connection: Connection, seconds: float | None) -> Iterator[None]:
    """Let the database refuse to write, and end each question that takes longer; None limits nothing."""
    if seconds is None:
        yield
        return
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}")
        yield
        return
    until = time.monotonic() + seconds
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA query_only=ON")
    driver.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)
        driver.execute("PRAGMA query_only=OFF")


_STEPS = 50_000
"""Steps of SQLite's machine between looks at the time: some milliseconds."""


def database_exists(engine: Engine) -> bool:
    """False if the engine is for an SQLite file that is not there (connecting would make an empty one)."""
    file = engine.url.database
    return engine.dialect.name != "sqlite" or not file or file == ":memory:" or Path(file).exists()


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
        kind = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        kind = ""
    if kind == "postgres":
        kind = "postgresql"
    if kind not in ("sqlite", "postgresql"):
        raise ArchiveError("DATABASE_URL is not understood: write sqlite:///file.db or postgresql://user@host/database")
    if kind == "sqlite" and not parsed.database:
        raise ArchiveError("DATABASE_URL names no file: write sqlite:///monitor.db, or sqlite:////data/monitor.db")
    if "@" in (parsed.host or ""):
        raise ArchiveError("DATABASE_URL has an @ in its password: write it as %40")
    return parsed.set(drivername="sqlite" if kind == "sqlite" else "postgresql+psycopg")


def _sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        try:
            Path(url.database).expanduser().parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ArchiveError(
                f"{url.database}: the folder for the archive cannot be made: {error.strerror}"
            ) from error
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite, not guessed by the driver
    cursor = connection.cursor()
    _switch_to_wal(cursor)
    cursor.execute("PRAGMA synchronous=FULL")  # a message recorded as sent must outlive a power cut
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _switch_to_wal(cursor: sqlite3.Cursor) -> None:
    """Once for a new file. Of two processes that do it at once SQLite refuses one, without its usual waiting."""
    end = time.monotonic() + BUSY_TIMEOUT
    while cursor.execute("PRAGMA journal_mode").fetchone()[0] not in ("wal", "memory"):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def _begin_postgres(connection: Connection) -> None:
    # A process that stands still in the middle of a transaction must not hold its locks until it wakes up.
    if connection.get_execution_options().get("writes", True):
        connection.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = {_STANDS_STILL}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads and then writes fails at once if another wrote in between, whatever the time-out; taking
    # the write lock at the start makes it wait instead.
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
