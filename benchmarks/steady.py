"""A year in short: `python -m benchmarks.steady` lets `monitor run` make 200 crawl runs in a row, then be idle.

It prints how its memory grew over the runs (not that of the runs, which are processes of their own), and what it takes
of a core while nothing is due, without and with the pages and probes.
"""

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from monitor.archive.crawl_tables import runs
from monitor.archive.engine import open_engine
from tests.fakes import feeds
from tests.fakes.program import Program, free_port
from tests.fakes.site import Site

WARM, IDLE = 20, 60.0
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    given = parser.parse_args()
    with _started("1s") as (process, made):
        _until(lambda: made() >= WARM)
        before = _memory(process.pid)
        _until(lambda: made() >= WARM + given.runs)
        grown = _memory(process.pid) - before
        print(f"{given.runs} crawl runs: {before:,} KB before, {grown / given.runs:+.1f} KB a run", flush=True)
    for said, more in (
        ("alone", {}),
        ("with pages and probes", {"web": {"listen": f"127.0.0.1:{free_port()}"}, "health": {"listen": _free()}}),
    ):
        with _started("1d", **more) as (process, made):
            _until(lambda made=made: made() >= 1)  # type: ignore[misc]
            time.sleep(10)
            spent, begun = _spent(process.pid), time.monotonic()
            time.sleep(IDLE)
            share = (_spent(process.pid) - spent) / (time.monotonic() - begun)
            print(f"idle, {said}: {share:.2%} of a core, {_memory(process.pid) / 1024:.0f} MB", flush=True)


@contextmanager
def _started(every: str, **more: object) -> Iterator[tuple["subprocess.Popen[str]", Callable[[], int]]]:
    with tempfile.TemporaryDirectory() as folder, Site() as site:
        site.put("/feed", feeds.rss("示例站", []), content_type="application/rss+xml")
        url = f"sqlite:///{folder}/monitor.db"
        program = Program(Path(folder), {"DATABASE_URL": url})
        program.configure(
            companies=[{"name": "星河智能"}],
            sources=[{"name": "site", "url": f"{site.url}/feed", "every": every}],
            schedule={"jitter": "0s", "fastest": "1s", **({"tick": "1s"} if every == "1s" else {})},
            **more,
        )
        assert program.run("db", "upgrade").returncode == 0
        engine = open_engine(url)

        def made() -> int:
            with engine.connect() as connection:
                found = connection.execute(select(func.count()).where(runs.c.finished_at.is_not(None)))
                return int(found.scalar_one())

        process = program.start("run", log="run.log")
        try:
            yield process, made
        finally:
            process.terminate()
            process.wait(20)
            engine.dispose()


def _until(happened: Callable[[], bool]) -> None:
    while not happened():
        time.sleep(0.2)


def _memory(pid: int) -> int:
    """Resident memory in KB."""
    line = next(
        line for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines() if "VmRSS" in line
    )
    return int(line.split()[1])


def _spent(pid: int) -> float:
    """Seconds of CPU that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _free() -> str:
    return f"127.0.0.1:{free_port()}"


if __name__ == "__main__":
    main()
