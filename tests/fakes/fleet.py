"""A scheduler and workers as processes of their own on one archive, and many slow hosts on loopback that they visit."""

import os
import signal
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from sqlalchemy import func, inspect, select

from monitor.archive import Archive
from monitor.archive.crawl_tables import sources, visits
from monitor.archive.engine import open_engine
from tests.fakes import feeds
from tests.fakes.feeds import Story
from tests.fakes.program import Program
from tests.fakes.site import Answer, Site


class Hosts:
    """`number` hosts, 127.0.1.1 and so on, each with as many feeds as it is asked for; an answer takes `delay` seconds.

    Every feed has one article with its text, so a visit is one request.
    """

    def __init__(self, number: int, delay: float) -> None:
        self.site = Site("0.0.0.0")
        self.site.fallback = self._answer
        self._names = [f"127.0.{i // 250 + 1}.{i % 250 + 1}" for i in range(number)]
        self._port = self.site.url.rpartition(":")[2]
        self._delay = delay

    def sources(self, number: int, **more: object) -> list[dict[str, object]]:
        """Sources that go round the hosts."""
        return [
            {
                "name": f"s{i}",
                "url": f"http://{self._names[i % len(self._names)]}:{self._port}/feed/{i}",
                "full_text": "always",
                **more,
            }
            for i in range(number)
        ]

    def watched_by(self, program: Program, number: int, **schedule: str) -> None:
        """Let a program watch so many sources of them, each once an hour."""
        program.configure(
            companies=[{"name": "星河智能"}],
            sources=self.sources(number, every="1h"),
            schedule={"tick": "1s", "jitter": "0s", **schedule},
            crawl={"private_hosts": ["127.0.0.0/8"]},
        )

    def _answer(self, path: str) -> Answer | None:
        self.site.closing.wait(self._delay)
        if not path.startswith("/feed/"):
            return None
        story = Story(f"http://news.example{path}", f"第{path[6:]}号新闻", "今天没有公司融资。" * 40, datetime.now(UTC))
        return Answer(feeds.rss("示例站", [story], full_text=True).encode(), "application/rss+xml")

    def asked_at_once(self) -> int:
        """The most requests that one host had to answer at a time."""
        by_host: dict[str, list[tuple[float, int]]] = defaultdict(list)
        for asked in self.site.asked:
            by_host[asked.headers["Host"]] += [(asked.begun, 1), (asked.ended or time.monotonic(), -1)]
        most = 0
        for events in by_host.values():
            now = 0
            for _, step in sorted(events):
                now += step
                most = max(most, now)
        return most

    def __enter__(self) -> Self:
        self.site.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.site.__exit__()


class Fleet:
    """Processes of the program, ended when a test does."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._processes: list[subprocess.Popen[str]] = []
        self._engine = open_engine(program.variables["DATABASE_URL"])  # notices when Postgres was started anew

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start one; what it logs goes to a file of its own."""
        process = self._program.start(*arguments, log=f"{len(self._processes)}-{arguments[0]}.log")
        self._processes.append(process)
        return process

    def until(self, happened: Callable[[], bool], seconds: float, what: str) -> float:
        """Wait until something happened; how many seconds that took."""
        begun = time.monotonic()
        while not happened():
            assert time.monotonic() - begun < seconds, f"{what} did not happen in {seconds} s\n{self._logs()}"
            time.sleep(0.05)
        return time.monotonic() - begun

    def _logs(self) -> str:
        """The end of what each process logged."""
        files = sorted(self._program.folder.glob("*.log"))
        return "\n".join(f"{file.name}:\n{file.read_text(encoding='utf-8')[-2000:]}" for file in files)

    def visited(self) -> Counter[str]:
        """How often each source was visited."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(visits.c.source, func.count()).group_by(visits.c.source))
            return Counter({row[0]: row[1] for row in rows})

    def anything_visited(self) -> bool:
        """True once a source was visited; False also while there is no archive."""
        with self._engine.connect() as connection:
            return inspect(connection).has_table("visits") and bool(self.visited())

    def busy(self) -> int:
        """How many visits go on."""
        archive = Archive(self._program.variables["DATABASE_URL"])
        with archive.reading() as tables:
            found = tables.jobs.depth().get("doing", 0)
        archive.close()
        return found

    def waits(self) -> list[timedelta]:
        """For how long sources have been due that were not visited."""
        now = datetime.now(UTC)
        with self._engine.connect() as connection:
            rows = connection.execute(select(sources.c.next_poll_at).where(sources.c.next_poll_at < now))
            return [now - row[0] for row in rows]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        for process in self._processes:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in self._processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._engine.dispose()


def children(process: "subprocess.Popen[str]") -> list[int]:
    """The processes that one has started."""
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False
    )
    return [int(number) for number in found.stdout.split()]


def freeze(process: "subprocess.Popen[str]") -> None:
    """Stop a process and what it has started, as when its machine sleeps."""
    for number in (process.pid, *children(process)):
        os.kill(number, signal.SIGSTOP)


def thaw(process: "subprocess.Popen[str]") -> None:
    """Let it go on."""
    for number in (*children(process), process.pid):
        os.kill(number, signal.SIGCONT)
