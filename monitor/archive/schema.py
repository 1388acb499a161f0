"""Schema versions: upgrading the database, and refusing one that does not fit.

Alembic is imported where there is something to migrate: it costs every crawl run 10 MB and a tenth of a second.
"""

import logging
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

import migrations
from monitor.archive import alert_tables, crawl_tables, tables, views
from monitor.archive.columns import metadata
from monitor.archive.search_index import SearchIndex
from monitor.errors import ArchiveError, TooSlowError

if TYPE_CHECKING:
    from alembic.config import Config

logger = logging.getLogger(__name__)

# Importing them fills the metadata.
assert tables.articles.metadata is crawl_tables.sources.metadata is alert_tables.alerts.metadata  # noqa: S101

SEARCH_PREFIX = "article_terms"
"""Tables of the search index: other ones on each database, so not part of the common metadata."""


_FOLDER = Path(migrations.__file__).parent


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest version; nothing happens if it is there. Safe to run in two processes at once.

    Raises:
        ArchiveError: when the database is out of reach or of a newer version than this program.
    """
    try:
        if version(engine) == head():
            return
        from alembic import command  # noqa: PLC0415

        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('monitor:migrations'))")
            _refuse_newer(_version(connection))
            config = _config()
            config.attributes["connection"] = connection
            views.drop(connection)
            command.upgrade(config, "head")
            views.create(connection)
            _index(connection)
    except DBAPIError as error:
        raise unreachable(engine, error) from error


def _index(connection: Connection) -> None:
    """Index what is stored: a migration that makes the index anew leaves it empty, as terms are made by the program."""
    for number, _ in enumerate(SearchIndex(connection).complete(), 1):
        if number % 10_000 == 0:
            logger.warning("upgrading: %d articles indexed", number)


def version(engine: Engine) -> str | None:
    """The version the database is at; None for an empty one."""
    with engine.connect().execution_options(writes=False) as connection:
        return _version(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def head() -> str:
    """The version this program works with: migrations are named for theirs."""
    return max(file.name[:4] for file in (_FOLDER / "versions").glob("[0-9]*.py"))


def drift(engine: Engine) -> list[object]:
    """What differs between the database and the tables as the code has them; empty when in step."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    with engine.connect().execution_options(writes=False) as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, _type, _parent: not (name or "").startswith(SEARCH_PREFIX)}
        )
        return list(compare_metadata(context, metadata))


def shown(engine: Engine) -> str:
    """The database's address without its password, and without options, which may hold one too."""
    return engine.url.set(query={}).render_as_string(hide_password=True)


def unreachable(engine: Engine, error: DBAPIError) -> ArchiveError:
    """An error that says which database did not answer, and why."""
    if isinstance(error.orig, sqlite3.OperationalError) and str(error.orig) == "interrupted":
        return TooSlowError()
    if getattr(error.orig, "sqlstate", None) == _CANCELED:
        return TooSlowError()
    reason = (str(error.orig).strip() or "no answer").splitlines()[0] if error.orig else "no answer"
    return ArchiveError(f"{shown(engine)}: the archive cannot be used: {reason}")


_CANCELED = "57014"
"""Postgres's code for what was ended because it took too long."""


def _refuse_newer(current: str | None) -> None:
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if current is not None and current not in known:
        raise ArchiveError(f"the archive is of version {current}, newer than this program: install the newer release")
