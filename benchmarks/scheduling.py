"""What scheduling costs with many sources: `python -m benchmarks.scheduling`, against the Postgres of the tests.

First measured, with up to 100,000 sources in monitor.yaml: reading it, recording it, a tick with nothing due,
a tick with everything due. Then simulated, with a million: the rule for the next poll, ticks, one visit
at a time to a host, and workers of a given speed.
"""

import argparse
import heapq
import os
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import yaml

from monitor.archive import Archive
from monitor.bootstrap import application, environment
from monitor.crawling.due import sync_sources, what_is_due
from monitor.settings import Schedule, Source
from monitor.timing import next_poll
from monitor.workers.deferring import Deferring
from monitor.workers.queue import VisitQueue

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql://root@127.0.0.1:5432/postgres")
PACES = ((0.01, 3), (0.09, 60), (0.4, 360), (0.5, 1440))
"""Shares of sources, and how many minutes lie between two polls of one: few sites are lively, most rest."""


def main() -> None:
    """Measure, simulate, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measured", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    parser.add_argument("--sources", type=int, default=1_000_000, help="simulated")
    parser.add_argument("--hosts", type=int, default=300_000)
    parser.add_argument("--hours", type=float, default=2)
    parser.add_argument("--workers", type=int, nargs="*", default=[4, 6, 8, 16])
    parser.add_argument("--a-second", type=float, default=20, help="visits a second that one worker can do, on a core")
    given = parser.parse_args()
    for number in given.measured:
        _measure(number)
    for workers in given.workers:
        _simulate(given, workers)


def _measure(number: int) -> None:
    name = f"monitor_scheduling_{uuid4().hex}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    url = urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{name}"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "monitor.yaml"
        sources = [{"name": f"s{i}", "url": f"https://h{i % (number // 3)}.example/feed/{i}"} for i in range(number)]
        parts = {"companies": [{"name": "智谱AI"}], "sources": sources, "channels": [{"name": "c", "type": "console"}]}
        file.write_text(yaml.dump(parts, Dumper=yaml.CDumper, allow_unicode=True), encoding="utf-8")
        spent = {}
        begun = time.perf_counter()
        program = application(environment({"DATABASE_URL": url, "MONITOR_CONFIG": str(file)}))
        spent["read"] = time.perf_counter() - begun
        archive: Archive = program.archive
        archive.upgrade()
        polling = Deferring(VisitQueue(archive, url))
        for said, step in (
            ("record", lambda: sync_sources(program)),
            ("record again", lambda: sync_sources(program)),
            ("find all due", lambda: what_is_due(program)),
            ("defer all", lambda: polling.poll(program)),
            ("tick, all deferred", lambda: polling.poll(program)),
        ):
            spent[said] = _seconds(step)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("UPDATE sources SET next_poll_at = now() + interval '1 day'")
            connection.execute("TRUNCATE monitor_jobs.procrastinate_jobs CASCADE")
        spent["tick, nothing due"] = _seconds(lambda: polling.poll(program))
        archive.close()
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
    told = ", ".join(f"{said} {seconds:.2f} s" for said, seconds in spent.items())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{number:,} sources: {told}; {memory:.0f} MB at most", flush=True)


def _seconds(step: Callable[[], object]) -> float:
    begun = time.perf_counter()
    step()
    return time.perf_counter() - begun


def _simulate(given: argparse.Namespace, workers: int) -> None:
    """Visits in the order they come due, each by the first worker that has a core and a place free."""
    chance, schedule = random.Random(1), Schedule()  # noqa: S311 - repeatable
    begin = datetime(2026, 3, 2, tzinfo=UTC)
    sources, due = [], []
    for number in range(given.sources):
        minutes = chance.choices([p[1] for p in PACES], [p[0] for p in PACES])[0]
        sources.append(Source.model_construct(name=f"s{number}", every=timedelta(minutes=minutes), cron=None, url=""))
        due.append((chance.uniform(0, minutes * 60), number))
    heapq.heapify(due)
    tick, end = schedule.tick.total_seconds(), given.hours * 3600
    core = [0.0] * workers
    slots = [[0.0] * 32 for _ in range(workers)]
    host_free: dict[int, float] = {}
    late: list[float] = []
    minutes_load = [0] * (int(end // 60) + 2)
    while due and due[0][0] < end:
        at, number = heapq.heappop(due)
        deferred = (at // tick + 1) * tick  # the tick that sees it
        host = number % given.hosts
        taker = min(range(workers), key=lambda w: max(core[w], slots[w][0]))
        start = max(deferred, core[taker], slots[taker][0], host_free.get(host, 0.0))
        took = chance.lognormvariate(-0.7, 0.9)  # answers of a second at the median, with a long tail
        core[taker] = max(deferred, core[taker]) + 1 / given.a_second
        heapq.heapreplace(slots[taker], start + took)
        host_free[host] = start + took
        late.append(start - at)
        minutes_load[int(min(start, end) // 60)] += 1
        following = next_poll(sources[number], schedule, begin + timedelta(seconds=start + took))
        heapq.heappush(due, ((following - begin).total_seconds(), number))
    late.sort()
    rate = len(late) / end
    print(
        f"{given.sources:,} sources, {workers} workers of {given.a_second:.0f} a second: {rate:.0f} visits a second, "
        f"busiest minute {max(minutes_load) / 60:.0f}; late by {statistics.median(late):.0f} s in the middle, "
        f"{late[int(len(late) * 0.99)]:.0f} s at 99 %, {late[-1]:.0f} s at most",
        flush=True,
    )


if __name__ == "__main__":
    main()
