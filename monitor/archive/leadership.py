"""One scheduler for one archive: a lock that its holder's death frees at once.

Postgres: an advisory lock of a connection of its own. SQLite: a lock on a file beside the database (flock), which does
not hold across machines on network drives, on which SQLite itself must not lie either.
"""

import fcntl
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from monitor.archive.schema import unreachable

_KEY = "hashtext('monitor:scheduler')"

_FROZEN = 60
"""Seconds after which Postgres ends the connection of a leader that does not stir, so that another may lead. One that
lives asks every 15 (`scheduler.LEAD_CHECK`). Postgres can do so from version 14 on."""

_END_IF_FROZEN = (
    f"SELECT set_config('idle_session_timeout', '{_FROZEN}s', false)"
    " WHERE current_setting('server_version_num')::int >= 140000"
)


class Leadership:
    """The lock of one process. Not for use by several threads at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._file: IO[str] | None = None

    def take(self) -> bool:
        """Try to become the one scheduler, or see that this still is it. False: another one is.

        Raises:
            ArchiveError: when the database does not answer.
        """
        return self._take_file() if self._engine.dialect.name == "sqlite" else self._take_lock()

    def release(self) -> None:
        """Let another scheduler go on."""
        if self._connection is not None:
            self._connection.invalidate()  # closed, not given back: the lock is the connection's
            self._connection.close()
        if self._file is not None:
            self._file.close()
        self._connection = self._file = None

    def _take_lock(self) -> bool:
        if self._connection is not None:
            try:
                self._connection.exec_driver_sql("SELECT 1")
            except DBAPIError:
                self.release()  # the lock went with the connection
            else:
                return True
        try:
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            taken = bool(connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_KEY})").scalar_one())
        except DBAPIError as error:
            raise unreachable(self._engine, error) from error
        if taken:
            connection.exec_driver_sql(_END_IF_FROZEN)
            self._connection = connection
        else:
            connection.close()
        return taken

    def _take_file(self) -> bool:
        if self._file is not None:
            return True
        database = self._engine.url.database or ":memory:"
        if database == ":memory:":
            return True
        file = Path(f"{database}-scheduler").open("a", encoding="utf-8")  # noqa: SIM115 - held as long as the lock
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True
