"""The program as its user runs it: a folder with monitor.yaml and an archive, and the command `monitor`."""

import json
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select, update

from monitor.archive.columns import UTCDateTime
from monitor.archive.crawl_tables import entries, hosts, robots, sources, subscriptions, ways
from monitor.archive.engine import open_engine

ROOT = Path(__file__).parents[2]


def _limit(most_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def let_pass(database_url: str, span: timedelta) -> None:
    """Move every time that an archive remembers of crawling back by `span`."""
    engine = open_engine(database_url)
    with engine.begin() as connection:
        for table in (sources, ways, subscriptions, hosts, robots, entries):
            columns = [column for column in table.columns if isinstance(column.type, UTCDateTime)]
            keys = list(table.primary_key.columns)
            for row in connection.execute(select(*keys, *columns)).mappings().all():
                moved = {column: row[column] - span for column in columns if row[column] is not None}
                if moved:
                    connection.execute(update(table).where(*(key == row[key] for key in keys)).values(moved))
        for source in connection.execute(select(sources.c.name, sources.c.recent)).all():
            earlier = [moment - int(span.total_seconds()) for moment in source.recent]
            connection.execute(update(sources).where(sources.c.name == source.name).values(recent=earlier))
    engine.dispose()


@dataclass(frozen=True, slots=True)
class Program:
    """`variables` are put over the environment of this process."""

    folder: Path
    variables: Mapping[str, str]

    def configure(self, **parts: Any) -> None:
        """Write monitor.yaml; without channels there is one console."""
        # Made-up sites are on loopback, which is fetched only where it is allowed.
        parts["crawl"] = {"private_hosts": ["127.0.0.1"], **parts.get("crawl", {})}
        parts.setdefault("channels", [{"name": "screen", "type": "console"}])
        text = yaml.safe_dump(parts, allow_unicode=True, sort_keys=False)
        (self.folder / "monitor.yaml").write_text(text, encoding="utf-8")

    def run(
        self, *arguments: str, timeout: float = 120, given: str | None = None, most_bytes: int | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; `given` is what is typed, `most_bytes` the largest that a file may become."""
        return subprocess.run(
            self._command(arguments),
            cwd=self.folder,
            env=self._environment(),
            input=given,
            preexec_fn=None if most_bytes is None else partial(_limit, most_bytes),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *arguments: str, log: str | None = None) -> "subprocess.Popen[str]":
        """Start a command and go on; what it prints goes to the file `log` of its folder, else through pipes."""
        with (self.folder / log).open("a") if log else nullcontext(subprocess.PIPE) as told:
            return subprocess.Popen(
                self._command(arguments),
                cwd=self.folder,
                env=self._environment(),
                stdout=told,
                stderr=told,
                text=True,
            )

    def ask(self, *arguments: str, limit: int | None = None) -> Any:
        """What a command with `--json` prints, `limit` results at most."""
        done = self.run(*arguments, *(() if limit is None else ("--limit", str(limit))), "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def scrapy(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Scrapy's own command in the project, on this configuration."""
        return subprocess.run(
            [sys.executable, "-m", "scrapy", *arguments],
            cwd=ROOT,
            env={**self._environment(), "MONITOR_CONFIG": str(self.folder / "monitor.yaml")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def let_pass(self, span: timedelta) -> None:
        """Make the archive believe that all it remembers of crawling was so much longer ago."""
        let_pass(self.variables["DATABASE_URL"], span)

    def let_retries_come_due(self) -> None:
        """Make the archive believe that the pages which could not be had are to be tried again now."""
        engine = open_engine(self.variables["DATABASE_URL"])
        with engine.begin() as connection:
            connection.execute(update(entries).values(next_attempt_at=datetime.now(UTC)))
        engine.dispose()

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "monitor", *arguments]

    def _environment(self) -> dict[str, str]:
        ours = ("MONITOR_", "DATABASE_", "SLACK_", "APPRISE_", "WEBHOOK_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return {**kept, "no_proxy": "127.0.0.1", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **self.variables}
