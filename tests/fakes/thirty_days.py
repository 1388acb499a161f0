"""Thirty days of polling one feed, told by the server that judges them; a process of its own, run in parts.

`python -m tests.fakes.thirty_days STATE.json HOURS` goes on from STATE for so many simulated hours. Time passes in the
archive: what it remembers is moved back until the source is due.
"""

import asyncio
import json
import os
import sys
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings
from scrapy.utils.reactor import install_reactor

from monitor.archive import Archive
from tests.fakes.program import let_pass
from tests.fakes.site import Answer, Site

CHANGE = 36.0
"""Hours between two new articles."""

_KINDS = ("conditional", "unconditional", "wrong", "early")

FRESH = 7200
"""Seconds of max-age that every answer has."""


@dataclass(slots=True)
class Judge:
    """What the server knows, and how often each kind of request came."""

    began: float = field(default_factory=time.time)
    skipped: float = 0.0
    polls: int = 0
    etag: str | None = None
    modified: str | None = None
    not_before: float = 0.0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_KINDS, 0))

    @property
    def hours(self) -> float:
        """Hours since the beginning: those that were skipped, and those that passed (restarts take seconds)."""
        return self.skipped + (time.time() - self.began) / 3600

    def answer(self, headers: dict[str, str]) -> Answer:
        """Judge a request and answer it."""
        self.polls += 1
        said = headers.get("If-None-Match"), headers.get("If-Modified-Since")
        kind = "unconditional" if said == (None, None) else "conditional"
        self.counts[kind] += 1
        self.counts["wrong"] += said != (self.etag, self.modified)
        self.counts["early"] += self.hours < self.not_before
        if self.polls % 37 == 0:
            self.not_before = self.hours + 4
            return Answer(b"busy", status=503, headers={"Retry-After": "14400"})
        self.not_before = self.hours + FRESH / 3600
        version = int(self.hours / CHANGE)
        new = f'W/"v{version}"'
        cache = {"Cache-Control": f"max-age={FRESH}"}
        if self.etag == new and self.polls % 11:
            return Answer(b"", status=304, headers={"ETag": new, **cache})
        self.etag = new if self.polls % 13 else f"unquoted-{self.polls}"
        self.modified = f"revision {version}.{self.polls % 3}"
        if kind == "conditional" and self.polls % 11 == 0:
            return Answer(b"", status=304, headers={"ETag": self.etag, "Last-Modified": self.modified, **cache})
        return Answer(_feed(version), "text/xml", headers={"ETag": self.etag, "Last-Modified": self.modified, **cache})


def _feed(version: int) -> bytes:
    items = "".join(
        f"<item><title>No. {i}</title><link>/a{i}</link><content:encoded>Text of number {i}.</content:encoded></item>"
        for i in range(version, version - 10, -1)
    )
    head = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>x</title>'
    return f"{head}{items}</channel></rss>".encode()


async def simulate(judge: Judge, hours: float) -> None:
    """Poll whatever is due, let time pass until the next poll is, and so on."""
    settings = Settings()
    settings.setmodule("monitor.crawling.settings", priority="project")
    runner = AsyncCrawlerRunner(settings)
    database, end = os.environ["DATABASE_URL"], judge.hours + hours
    while judge.hours < end:
        await runner.crawl("sources", due="1")
        archive = Archive(database)
        with archive.reading() as tables:
            state = tables.sources.get("site")
        archive.close()
        assert state is not None
        assert state.next_poll_at is not None
        wait = max(state.next_poll_at - datetime.now(UTC), timedelta(0)) + timedelta(seconds=1)
        let_pass(database, wait)
        judge.skipped += wait / timedelta(hours=1)


def main() -> None:
    """Go on from the state in a file, and write it back."""
    path, hours = Path(sys.argv[1]), float(sys.argv[2])
    stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    judge = Judge(**stored)
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    reactor: Any = import_module("twisted.internet.reactor")
    failures: list[BaseException] = []

    async def go() -> None:
        try:
            await simulate(judge, hours)
        except BaseException as error:  # noqa: BLE001 - raised again below, outside the reactor
            failures.append(error)
        reactor.stop()

    with Site(port=int(os.environ["SITE_PORT"])) as site:
        site.judge = judge.answer
        reactor.callWhenRunning(lambda: asyncio.ensure_future(go()))
        reactor.run(installSignalHandlers=False)
    if failures:
        raise failures[0]
    path.write_text(json.dumps(asdict(judge)), encoding="utf-8")


if __name__ == "__main__":
    main()
