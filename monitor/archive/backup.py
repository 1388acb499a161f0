"""A copy of the archive in one file while the program runs, and the way back.

SQLite is copied page by page as it is at one moment. For Postgres its own pg_dump and pg_restore do it, which must be
of the server's version or newer.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from monitor.errors import ArchiveError


def backup(engine: Engine, file: Path) -> None:
    """Write the archive as it is now to a file, which appears when it is whole and was found to be sound.

    Raises:
        ArchiveError: when the file is there already, or cannot be written, or what was written is not sound.
    """
    if file.exists():
        raise ArchiveError(f"{file}: is there already; name another file")
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    try:
        if engine.dialect.name == "sqlite":
            _copied(Path(engine.url.database or ""), part)
        else:
            _run("pg_dump", engine, "--format=custom", f"--file={part}")
        _flush(part)
        part.replace(file)
    except (OSError, sqlite3.Error) as error:
        raise ArchiveError(f"{file}: the backup cannot be written: {error}") from error
    finally:
        part.unlink(missing_ok=True)


def restore(engine: Engine, file: Path, *, force: bool) -> None:
    """Let the archive be what a backup holds; with `force` one that is there is replaced.

    Raises:
        ArchiveError: when the file is no backup or not sound, or an archive is there already.
    """
    if not file.is_file():
        raise ArchiveError(f"{file}: there is no such file")
    if engine.dialect.name == "sqlite":
        _restore_file(Path(engine.url.database or ""), file, force=force)
        return
    _run("pg_restore", engine, "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges",
         *(("--clean", "--if-exists") if force else ()), str(file))  # fmt: skip


def _restore_file(target: Path, file: Path, *, force: bool) -> None:
    if target.exists() and not force:
        raise ArchiveError(f"{target}: an archive is there already; --force replaces it")
    part = target.with_name(f"{target.name}.part")
    try:
        shutil.copyfile(file, part)
        check_file(part)
        _flush(part)
        for beside in ("-wal", "-shm"):  # of the archive that goes: they would be taken for those of the new one
            target.with_name(f"{target.name}{beside}").unlink(missing_ok=True)
        part.replace(target)
    except OSError as error:
        raise ArchiveError(f"{target}: the backup cannot be restored: {error}") from error
    finally:
        for beside in ("", "-wal", "-shm"):
            target.with_name(f"{target.name}.part{beside}").unlink(missing_ok=True)


def _copied(source: Path, part: Path) -> None:
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as one, closing(sqlite3.connect(part)) as other:
        one.backup(other)  # in one step: what others write meanwhile waits in the log
    check_file(part)


def check_file(file: Path) -> None:
    """Raise ArchiveError unless an SQLite file is a sound archive."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            found = [row[0] for row in connection.execute("PRAGMA quick_check(5)")]
            missing = connection.execute("PRAGMA foreign_key_check").fetchmany(5)
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise ArchiveError(f"{file}: is no archive: {error}") from error
    if found != ["ok"] or missing or version is None:
        raise ArchiveError(f"{file}: is not sound: {'; '.join([*found, *map(str, missing)])}")


def _flush(file: Path) -> None:
    with file.open("rb+") as written:
        os.fsync(written.fileno())


def _run(program: str, engine: Engine, *options: str) -> None:
    """Run a program of Postgres on the engine's database; its password goes through the environment."""
    found = shutil.which(program)
    if found is None:
        raise ArchiveError(f"{program} is not installed: it comes with Postgres (Debian: postgresql-client)")
    url = engine.url
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    command = [found, "--dbname", address, *options]
    done = subprocess.run(command, env={**os.environ, **secret}, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise ArchiveError(f"{program}: {done.stderr.strip().splitlines()[0] if done.stderr.strip() else 'failed'}")
