"""Fixtures shared by all tests: an archive on SQLite and on Postgres, and a clock that stands still."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest

from monitor.archive import Archive

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""Today, in tests."""

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql://root@127.0.0.1:5432/postgres")
"""A Postgres in which databases may be made; each test gets one of its own."""


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
    yield urlunsplit(urlsplit(postgres_server)._replace(path=f"/{name}"))
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database, once on SQLite and once on Postgres."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'archive.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def archive(database_url: str) -> Iterator[Archive]:
    """An empty archive of the newest schema."""
    opened = Archive(database_url)
    opened.upgrade()
    yield opened
    opened.close()
