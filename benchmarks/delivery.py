"""Delivery: `python -m benchmarks.delivery` measures how soon an alert is posted, and how a long queue drains.

The first runs `monitor run` as a user does, on an archive to which articles are added from outside; the second lets
time pass in leaps, so that the channel's own rate is what counts.
"""

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from monitor.alerting.delivery import deliver
from monitor.alerting.rules import Routing
from monitor.alerting.slack import SlackBot
from monitor.archive import Archive
from monitor.detection.detector import Detector
from monitor.ingest import Ingest
from monitor.models import AlertDraft, Article, Claim, Evidence, Span, Status, Verdict
from monitor.settings import Route
from tests.fakes.outbox import Clock
from tests.fakes.press import Event, Press
from tests.fakes.slack import FakeSlack


def main() -> None:
    """Measure both and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=100, help="alerts posted one by one, a second and more apart")
    parser.add_argument("--queue", type=int, default=10_000, help="alerts that wait at once")
    options = parser.parse_args()
    os.environ["no_proxy"] = "127.0.0.1"
    with tempfile.TemporaryDirectory(prefix="monitor-bench-") as folder:
        latency(Path(folder), options.alerts)
    with tempfile.TemporaryDirectory(prefix="monitor-bench-") as folder:
        drain(Path(folder), options.queue)


def latency(folder: Path, number: int) -> None:
    """From the commit of an article to the call of Slack, in seconds."""
    now = datetime.now(UTC)
    events = Press(1, now, outlets=1).events(number, number)
    url = f"sqlite:///{folder / 'archive.db'}"
    archive = Archive(url)
    archive.upgrade()
    chance = random.Random(1)  # noqa: S311 - repeatable pauses, not secrets
    with FakeSlack(clock=time.time) as slack, _running(folder, url, slack, events):
        ingest = _ingest(archive, events)
        _store(ingest, events[0])
        _wait_for(slack, 1)
        took = []
        for i, event in enumerate(events[1:], start=1):
            time.sleep(1.2 + chance.random() / 2)
            _store(ingest, event)
            stored = time.time()
            _wait_for(slack, i + 1)
            took.append(slack.arrivals[-1] - stored)
    archive.close()
    took.sort()
    print(
        f"from article stored to Slack called, {len(took)} alerts: median {statistics.median(took):.3f} s, "
        f"99th percentile {took[int(len(took) * 0.99) - 1]:.3f} s, longest {took[-1]:.3f} s"
    )


@contextmanager
def _running(folder: Path, url: str, slack: FakeSlack, events: list[Event]) -> Iterator[None]:
    settings = {
        "companies": [{"name": event.company.name} for event in events],
        "sources": [{"name": "none", "url": "http://127.0.0.1:9/feed", "every": "30d"}],
        "channels": [{"name": "deals", "type": "slack", "channel": "C0DEALS00"}],
    }
    (folder / "monitor.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    variables = {"DATABASE_URL": url, "SLACK_BOT_TOKEN": slack.token, "SLACK_API_URL": slack.api}
    environment = {**os.environ, **variables, "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-m", "monitor", "run"]
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def _ingest(archive: Archive, events: list[Event], clock: Clock | None = None) -> Ingest:
    companies = tuple(event.company for event in events)
    routing = Routing((Route(channels=("deals",)),), max_age=timedelta(days=3))
    return Ingest(archive, Detector(companies, ()), routing, clock or (lambda: datetime.now(UTC)))


def _store(ingest: Ingest, event: Event) -> None:
    for article in event.articles:
        ingest.store(article)


def _wait_for(slack: FakeSlack, number: int) -> None:
    end = time.monotonic() + 60
    while len(slack.messages) < number:
        if time.monotonic() > end:
            raise SystemExit(f"{number} messages were expected, {len(slack.messages)} came")
        time.sleep(0.005)


def drain(folder: Path, number: int) -> None:
    """How long a queue takes by the channel's clock, and what the process needs."""
    clock = Clock(datetime(2026, 3, 2, tzinfo=UTC))
    archive = Archive(f"sqlite:///{folder / 'archive.db'}")
    archive.upgrade()
    _fill(archive, number, clock)
    with FakeSlack(clock=lambda: clock().timestamp(), keep=0) as slack:
        client = SlackBot(slack.token, "C0DEALS00", base_url=slack.api)
        sent, begun, early = 0, clock(), 0
        while sent < number:
            sent += deliver(archive.outbox, {"deals": client}, clock).sent
            clock.advance(seconds=1)
            if not early and sent >= number // 10:
                early = _memory()
    archive.close()
    seconds = (clock() - begun).total_seconds()
    print(
        f"{number:,} waiting alerts: {seconds:,.0f} s by the channel's clock, {number / seconds:.2f} a second; memory "
        f"{early / 1024:.0f} MB after a tenth, {_memory() / 1024:.0f} MB at the end"
    )


def _fill(archive: Archive, number: int, clock: Clock) -> None:
    """One company's deal after the other; companies differ by a number in their name."""
    evidence = Evidence("某公司完成融资。", Span("text", 0, 8), ((3, 5),))
    for begin in range(0, number, 500):
        with archive.writing() as tables:
            for i in range(begin, min(begin + 500, number)):
                claim = Claim(f"公司{i}", news=True, status=Status.COMPLETED, evidence=evidence, rule="r", round="A")
                article = Article(f"https://bench.example/{i}", "bench", f"公司{i}完成A轮融资", "正文" * 500)
                article_id, _ = tables.articles.put(article, clock())
                claim_id = tables.deals.add_claim(article_id, None, claim)
                draft = AlertDraft(
                    "deals", f"deal:{i}", claim.company, "funding", Verdict.NEW_DEAL, evidence, clock(), claim=claim
                )
                tables.alerts.offer(draft, article_id, claim_id, clock())


def _memory() -> int:
    """The process's memory now, in KB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() // 1024


if __name__ == "__main__":
    main()
