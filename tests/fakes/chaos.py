"""Ingest and delivery as processes that are killed at any moment, against a Slack that loses answers.

`Run(seed, url, webhook=…).go()` gives what went wrong; nothing is what is wanted. Time runs faster than on the wall, so
that leases and waits end: all parts have the same clock.
"""

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from urllib.parse import urlsplit

from monitor.alerting.content import Style
from monitor.alerting.delivery import ChannelClient, deliver
from monitor.alerting.rules import Routing
from monitor.alerting.slack import SlackBot, SlackWebhook
from monitor.archive import Archive
from monitor.archive.alerts import AlertFilter
from monitor.detection.detector import Detector
from monitor.ingest import Ingest
from monitor.models import AlertState, Article
from monitor.settings import Company, Route
from tests.fakes.press import Event, Press
from tests.fakes.slack import FakeSlack, Message, render_text
from tests.fakes.slack import links as links_of

BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SPEED = 1_500
"""Seconds that pass within one on the wall."""

PATIENCE = 60
"""Seconds on the wall until everything must be told after the last kill."""

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.fakes.warm"])


@dataclass(frozen=True, slots=True)
class FastClock:
    """`begun` is of time.monotonic(), which all processes of a machine share."""

    begun: float

    def __call__(self) -> datetime:
        return BEGIN + timedelta(seconds=(time.monotonic() - self.begun) * SPEED)


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong in a run: alerts `lost`, messages `repeated` that must not be, repeats `unmarked`, cards `wrong`
    about who reports. Through a webhook one repeat is allowed for each answer that was lost, by Slack or by a kill."""

    seed: int
    lost: int
    repeated: int
    unmarked: int
    wrong: int
    answers_lost: int
    kills: int

    @property
    def none(self) -> bool:
        """True if nothing did."""
        return not (self.lost or self.repeated or self.unmarked or self.wrong)


def feed(
    ready: Connection, url: str, companies: tuple[Company, ...], articles: tuple[Article, ...], clock: FastClock
) -> None:
    """Store all articles; those that are stored already change nothing."""
    archive = Archive(url)
    routing = Routing((Route(channels=("deals",)),), max_age=timedelta(days=30))
    ingest = Ingest(archive, Detector(companies, ()), routing, clock)
    ready.send(0)
    for article in articles:
        ingest.store(article)


def post(ready: Connection, url: str, api: str, token: str, webhook: str, clock: FastClock) -> None:
    """Deliver for ever."""
    os.environ["no_proxy"] = "127.0.0.1"
    archive = Archive(url)
    channels: dict[str, ChannelClient] = {
        "deals": SlackWebhook(webhook, style=Style("en")) if webhook else SlackBot(token, "C0DEALS00", base_url=api)
    }
    ready.send(0)
    while True:
        deliver(archive.outbox, channels, clock)
        time.sleep(0.002)


@dataclass
class Run:
    """One run: `deals` told by `articles`, ingest and delivery killed at `kills` moments each at most."""

    seed: int
    url: str
    webhook: bool = False
    deals: int = 4
    articles: int = 14
    kills: int = 5

    def go(self) -> Fault:
        """Runs it to the end."""
        chance = random.Random(self.seed)
        clock = FastClock(time.monotonic())
        events = Press(self.seed, BEGIN).events(self.deals, self.articles)
        articles = [article for event in events for article in event.articles]
        chance.shuffle(articles)
        companies = tuple(event.company for event in events)
        with FakeSlack(clock=lambda: clock().timestamp()) as slack:
            slack.lose_answers(0.3, self.seed)
            hook = slack.webhook if self.webhook else ""
            feeding = (feed, (self.url, companies, tuple(articles), clock))
            posting = (post, (self.url, slack.api, slack.token, hook, clock))
            killed = 0
            for _ in range(self.kills):
                processes = [_start(work) for work in (feeding, posting)]
                time.sleep(chance.uniform(0.0, 0.2))
                _kill(processes[0])
                killed += _kill(processes[1])
            self._finish(feeding, posting, clock)
            return self._faults(slack, events, killed)

    def _finish(self, feeding: "Work", posting: "Work", clock: FastClock) -> None:
        """Without further kills until nothing waits."""
        last = [_start(work) for work in (feeding, posting)]
        last[0].join(PATIENCE)
        archive = Archive(self.url)
        end = time.monotonic() + PATIENCE
        while archive.outbox.waiting(clock() + timedelta(days=1)) and time.monotonic() < end:
            time.sleep(0.01)
        archive.close()
        for process in last:
            _kill(process)

    def _faults(self, slack: FakeSlack, events: list[Event], killed: int) -> Fault:
        archive = Archive(self.url)
        with archive.reading() as tables:
            found = tables.alerts.find(AlertFilter(), 10_000)
        archive.close()
        unsent = sum(alert.state is not AlertState.SENT for alert in found)
        cards = Counter(alert.company for alert in found if alert.kind.value == "card")
        missing = sum(cards[event.company.name] != 1 for event in events)
        if self.webhook:
            times = Counter(_key(message) for message in slack.messages)
            again = sum(times.values()) - len(times)
            marked = sum("Possibly a repeat" in str(message.blocks) for message in slack.messages)
            absent = len(found) - len(times)
            over = max(0, again - slack.lost - killed)
            return Fault(
                self.seed, unsent + missing + max(0, absent), over, max(0, again - marked), 0, slack.lost, killed
            )
        numbers = Counter(_number(message) for message in slack.messages)
        absent = sum(alert.id not in numbers for alert in found)
        again = sum(times - 1 for times in numbers.values())
        wrong = sum(not shown_right(event, slack.messages) for event in events)
        return Fault(self.seed, unsent + missing + absent, again, 0, wrong, slack.lost, killed)


def shown_right(event: Event, messages: list[Message]) -> bool:
    """True if one card is about the event, and says by how many outlets it is reported and how many are independent."""
    cards = [m for m in messages if m.thread_ts is None and m.text.startswith(f"{event.company.name} ·")]
    if len(cards) != 1:
        return False
    shown = render_text(cards[0])
    if len(event.outlets) < 2:
        return "Reported by" not in shown
    links = {urlsplit(link).hostname for link in links_of(cards[0])}
    return (
        f"Reported by {len(event.outlets)} outlets, {event.independent} independent: " in shown
        and links <= {f"{outlet}.example" for outlet in event.outlets}
        and len(links) >= min(10, len(event.outlets))
    )


Work = tuple[Callable[..., None], tuple[object, ...]]


def _start(work: Work) -> ForkServerProcess:
    """A process at its work."""
    target, arguments = work
    here, there = _forks.Pipe(duplex=False)
    process = _forks.Process(target=target, args=(there, *arguments), daemon=True)
    process.start()
    there.close()
    here.poll(PATIENCE)
    return process


def _number(message: Message) -> int:
    assert message.metadata is not None
    return int(message.metadata["event_payload"]["alert_id"])


def _key(message: Message) -> str:
    """A webhook's message without what may differ the second time: what it is headed, and its link."""
    link = next(e["url"] for b in message.blocks if b["type"] == "rich_text" for e in b["elements"][0]["elements"])
    return f"{message.text} {link}"


def _kill(process: ForkServerProcess) -> int:
    """Kills it if it still runs; returns 1 then."""
    alive = process.is_alive()
    if alive and process.pid:
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:  # it ended just now
            alive = False
    process.join()
    return int(alive)
