"""The queue from which workers take visits: Procrastinate's tables, in a Postgres schema of their own.

What waits there is no more than a note of what is due by the archive, so the schema of another version of the library
is thrown away and made anew.
"""

from sqlalchemy import Connection, text

from monitor.errors import ArchiveError

SCHEMA = "monitor_jobs"

_ALIVE = "last_heartbeat > now() - interval '30 seconds'"
"""Procrastinate's own limit, after which the jobs of a worker are stalled."""


class Jobs:
    """The queue of the archive, on one connection. SQLite has none."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def make(self, version: str, definition: str) -> bool:
        """Make the tables, unless they are there in that version; True if they were made.

        Raises:
            ArchiveError: on SQLite.
        """
        if self._connection.dialect.name != "postgresql":
            raise ArchiveError("workers share visits through Postgres: let DATABASE_URL name one (monitor db copy)")
        self._connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('monitor:jobs'))")
        if self.version() == version:
            return False
        for statement in (
            f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE",
            f"CREATE SCHEMA {SCHEMA}",
            f"SET LOCAL search_path TO {SCHEMA}",
        ):
            self._connection.exec_driver_sql(statement)
        driver = self._connection.connection.driver_connection
        assert driver is not None  # noqa: S101 - there is one while this connection is open
        driver.execute(definition)  # many statements: only the driver's simple protocol takes them at once
        quoted = version.replace("'", "''")
        self._connection.exec_driver_sql(f"COMMENT ON SCHEMA {SCHEMA} IS '{quoted}'")
        return True

    def version(self) -> str | None:
        """The version of the library that the tables are for; None where there are none."""
        if self._connection.dialect.name != "postgresql":
            return None
        query = text("SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = :schema")
        found: str | None = self._connection.execute(query, {"schema": SCHEMA}).scalar_one_or_none()
        return found

    def queued(self) -> set[str]:
        """Sources whose visit waits, or goes on."""
        rows = self._connection.execute(
            text(f"SELECT queueing_lock FROM {SCHEMA}.procrastinate_jobs WHERE status IN ('todo', 'doing')")  # noqa: S608
        )
        return {row[0] for row in rows}

    def depth(self) -> dict[str, int]:
        """How many visits wait (`todo`) and go on (`doing`); empty where there is no queue."""
        if self.version() is None:
            return {}
        rows = self._connection.execute(
            text(f"SELECT status::text, count(*) FROM {SCHEMA}.procrastinate_jobs GROUP BY 1")  # noqa: S608
        )
        return {"todo": 0, "doing": 0} | {row[0]: row[1] for row in rows}

    def workers(self) -> int:
        """How many workers gave a sign of life of late."""
        if self.version() is None:
            return 0
        query = text(f"SELECT count(*) FROM {SCHEMA}.procrastinate_workers WHERE {_ALIVE}")  # noqa: S608
        return int(self._connection.execute(query).scalar_one())
