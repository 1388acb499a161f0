"""Many workers on one archive: `python -m benchmarks.workers` visits 300 sources on 100 slow hosts.

Once with one worker and once with four, for the throughput; then with three of which one is killed and one frozen, and
two schedulers of which the leading one is killed, for visits lost, doubled, and hosts asked twice at a time.
"""

import argparse
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg

from monitor.archive import Archive
from tests.fakes.fleet import Fleet, Hosts, freeze, thaw
from tests.fakes.program import Program

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql://root@127.0.0.1:5432/postgres")


def main() -> None:
    """Measure, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=int, default=300)
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--delay", type=float, default=1.0, help="seconds that a host takes for an answer")
    parser.add_argument("--concurrency", type=int, default=16, help="visits at a time of one worker")
    given = parser.parse_args()
    rates = {}
    for workers in (1, 4):
        rates[workers] = _throughput(workers, given)
        print(f"{workers} workers: {given.sources} visits, {rates[workers]:.1f} a second", flush=True)
    print(f"4 workers are {rates[4] / rates[1]:.2f} times as fast as one")
    _faults(given)


@contextmanager
def _stage(given: argparse.Namespace) -> Iterator[tuple[Fleet, Hosts]]:
    name = f"monitor_workers_{uuid4().hex}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    url = urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{name}"))
    archive = Archive(url)
    archive.upgrade()
    archive.close()
    try:
        with tempfile.TemporaryDirectory() as folder, Hosts(given.hosts, given.delay) as hosts:
            program = Program(Path(folder), {"DATABASE_URL": url})
            hosts.watched_by(program, given.sources, tick="2s")
            with Fleet(program) as fleet:
                yield fleet, hosts
    finally:
        with psycopg.connect(POSTGRES, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _throughput(workers: int, given: argparse.Namespace) -> float:
    with _stage(given) as (fleet, hosts):
        crew = [fleet.start("worker", "--concurrency", str(given.concurrency)) for _ in range(workers)]
        fleet.start("run", "--workers")
        fleet.until(lambda: len(fleet.visited()) >= workers * given.concurrency, 120, "the first visits")
        before, begun = len(fleet.visited()), time.monotonic()
        fleet.until(lambda: len(fleet.visited()) >= 0.9 * given.sources, 600, "most of the visits")
        rate = (len(fleet.visited()) - before) / (time.monotonic() - begun)
        fleet.until(lambda: len(fleet.visited()) == given.sources, 600, "every visit")
        visited = fleet.visited()
        print(
            f"  doubled: {sum(n > 1 for n in visited.values())}; "
            f"most requests to a host at a time: {hosts.asked_at_once()}; "
            f"workers still there: {sum(p.poll() is None for p in crew)}"
        )
        return rate


def _faults(given: argparse.Namespace) -> None:
    with _stage(given) as (fleet, hosts):
        first = fleet.start("run", "--workers")
        crew = [fleet.start("worker", "--concurrency", str(given.concurrency)) for _ in range(3)]
        fleet.until(lambda: len(fleet.visited()) >= given.sources // 10, 120, "the first visits")
        second = fleet.start("run", "--workers")
        fleet.until(lambda: fleet.busy() > given.concurrency, 60, "much work")
        crew[0].send_signal(signal.SIGKILL)
        freeze(crew[1])
        first.send_signal(signal.SIGKILL)
        begun = time.monotonic()
        fleet.until(lambda: len(fleet.visited()) == given.sources, 300, "every visit")
        took = time.monotonic() - begun
        thaw(crew[1])
        fleet.until(lambda: fleet.busy() == 0, 60, "rest")
        time.sleep(5)
        visited = fleet.visited()
        print(
            f"one worker killed, one frozen, the leading scheduler killed: every source visited {took:.0f} s later; "
            f"doubled: {sum(n > 1 for n in visited.values())}; lost: {given.sources - len(visited)}; "
            f"most requests to a host at a time: {hosts.asked_at_once()}; the frozen worker "
            f"{'works again' if crew[1].poll() is None else 'has ended'}; "
            f"the other scheduler {'leads' if second.poll() is None else 'has ended'}"
        )


if __name__ == "__main__":
    main()
