"""Fixtures shared by all tests: an archive on SQLite and on Postgres, and a clock that stands still."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings

from monitor.archive import Archive

settings.register_profile("calm", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("calm")

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""Today, in tests."""

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql://root@127.0.0.1:5432/postgres")
"""A Postgres in which databases may be made; each test gets one of its own."""


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """The command line, called in this process, logs to what a test captures, which is closed when that has ended."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """Address of the Postgres; without one the tests that need it are skipped, in CI they fail."""
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        reason = f"no Postgres at TEST_POSTGRES_URL: {error}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return POSTGRES


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Address of an empty Postgres database, removed afterwards."""
    name = f"monitor_test_{uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        # What a server that loses its power would forget is not what these tests are about.
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit TO off".encode())
    yield urlunsplit(urlsplit(postgres_server)._replace(path=f"/{name}"))
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def database(request: pytest.FixtureRequest, kind: str, folder: Path) -> str:
    """Address of an empty database of a kind, `sqlite` or `postgres`."""
    if kind == "sqlite":
        return f"sqlite:///{folder / 'archive.db'}"
    return str(request.getfixturevalue("postgres_url"))


@contextmanager
def opened(url: str) -> Iterator[Archive]:
    """An empty archive of the newest schema."""
    archive = Archive(url)
    archive.upgrade()
    yield archive
    archive.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database, once on SQLite and once on Postgres."""
    return database(request, request.param, tmp_path)


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For tests of what sites say, where the kind of database changes nothing: they run once, on SQLite."""


@pytest.fixture
def archive(database_url: str) -> Iterator[Archive]:
    """An empty archive, once on SQLite and once on Postgres."""
    with opened(database_url) as archive:
        yield archive
