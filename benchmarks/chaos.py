"""Reliability: `python -m benchmarks.chaos 500` kills ingest and delivery in so many runs on each kind of database.

Half of the runs post with a bot token, half through a webhook; each run has its seed, which repeats its texts, order
and moments of killing as far as the machine lets it.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from rich.console import Console
from rich.progress import track
from sqlalchemy import text

from monitor.archive import Archive
from monitor.archive.columns import metadata
from monitor.archive.engine import open_engine
from tests.fakes.chaos import Fault, Run

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql://root@127.0.0.1:5432/postgres")
_DATABASE = f"monitor_chaos_{os.getpid()}"


def main() -> None:
    """Run, print what went wrong, exit 1 if anything did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=int, nargs="?", default=20, help="runs on each kind of database")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--only", choices=("sqlite", "postgres"), help="one kind of database")
    options = parser.parse_args()
    os.environ["no_proxy"] = "127.0.0.1"
    console, bad = Console(stderr=True), 0
    for kind in (options.only,) if options.only else ("sqlite", "postgres"):
        seeds = range(options.first, options.first + options.runs)
        found = list(
            track(_faults(kind, seeds), kind, total=len(seeds), console=console, disable=not console.is_terminal)
        )
        for webhook in (False, True):
            mine = [fault for fault, hooked in found if hooked is webhook]
            print(_summary(kind, mine, webhook=webhook), flush=True)
        wrong = [fault for fault, _ in found if not fault.none]
        for fault in wrong:
            print(fault)
        bad += len(wrong)
    sys.exit(bad > 0)


def _faults(kind: str, seeds: range) -> Iterator[tuple[Fault, bool]]:
    with tempfile.TemporaryDirectory(prefix="monitor-chaos-") as folder:
        for seed in seeds:
            url = _sqlite(Path(folder), seed) if kind == "sqlite" else _postgres()
            yield Run(seed, url, webhook=seed % 2 == 0).go(), seed % 2 == 0
    if kind == "postgres":
        with psycopg.connect(POSTGRES, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {_DATABASE} WITH (FORCE)".encode())


def _summary(kind: str, found: list[Fault], *, webhook: bool) -> str:
    lost, repeated, unmarked, wrong = (
        sum(getattr(fault, name) for fault in found) for name in ("lost", "repeated", "unmarked", "wrong")
    )
    return (
        f"{kind}, {'webhook' if webhook else 'bot token'}: {len(found)} runs, {sum(f.kills for f in found)} kills of "
        f"delivery, {sum(f.answers_lost for f in found)} answers lost: {lost} alerts lost, "
        f"{repeated} repeats too many, {unmarked} of them unmarked, {wrong} cards wrong"
    )


def _sqlite(folder: Path, seed: int) -> str:
    for file in folder.iterdir():
        file.unlink()
    return _fresh(f"sqlite:///{folder / f'{seed}.db'}")


def _postgres() -> str:
    url = POSTGRES.rsplit("/", 1)[0] + f"/{_DATABASE}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_DATABASE,)).fetchone():
            connection.execute(f"CREATE DATABASE {_DATABASE}".encode())
    _fresh(url)
    engine = open_engine(url)
    with engine.begin() as connection:
        names = ", ".join(f'"{name}"' for name in (*metadata.tables, "article_terms"))
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    engine.dispose()
    return url


def _fresh(url: str) -> str:
    archive = Archive(url)
    archive.upgrade()
    archive.close()
    return url


if __name__ == "__main__":
    main()
