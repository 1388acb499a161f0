"""None lost and none twice: ingest and delivery killed at any moment while Slack loses answers (a few of the runs that
`python -m benchmarks.chaos` makes by the hundred); a thousand articles about a hundred deals."""

import multiprocessing
import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from monitor.alerting.content import PLAIN
from monitor.alerting.delivery import deliver
from monitor.alerting.rules import Routing
from monitor.alerting.slack import SlackBot
from monitor.archive import Archive
from monitor.detection.detector import Detector
from monitor.ingest import Ingest
from monitor.models import Article
from monitor.settings import Company, Route
from tests.fakes.chaos import BEGIN, Run, shown_right
from tests.fakes.outbox import Clock
from tests.fakes.press import Press
from tests.fakes.slack import FakeSlack, go_direct


@pytest.mark.parametrize("webhook", [False, True])
@pytest.mark.parametrize("seed", [1])
def test_killed_at_any_moment_with_answers_lost_no_alert_is_lost_and_none_comes_twice(
    archive: Archive, database_url: str, seed: int, *, webhook: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_direct(monkeypatch)
    fault = Run(seed, database_url, webhook=webhook).go()
    assert fault.none, fault


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSlack]:
    go_direct(monkeypatch)
    with FakeSlack(clock=BEGIN.timestamp) as server:
        yield server


def _store(url: str, companies: tuple[Company, ...], articles: list[Article]) -> None:
    archive = Archive(url)
    routing = Routing((Route(channels=("deals",)),), max_age=timedelta(days=3))
    ingest = Ingest(archive, Detector(companies, ()), routing, Clock(BEGIN))
    for article in articles:
        ingest.store(article)
    archive.close()


@pytest.mark.parametrize(("processes", "deals"), [(1, 20), (4, 100)])
def test_ten_articles_for_each_deal_are_one_message_for_each_with_its_outlets(
    archive: Archive, database_url: str, slack: FakeSlack, processes: int, deals: int
) -> None:
    events = Press(processes, BEGIN).events(deals, articles=10 * deals)
    articles = [article for event in events for article in event.articles]
    random.Random(processes).shuffle(articles)
    companies = tuple(event.company for event in events)
    forks = multiprocessing.get_context("forkserver")
    workers = [
        forks.Process(target=_store, args=(database_url, companies, articles[number::processes]))
        for number in range(processes)
    ]
    client, clock = SlackBot(slack.token, "C0DEALS00", base_url=slack.api, style=PLAIN), Clock(BEGIN)
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers) or archive.outbox.waiting(clock() + timedelta(days=1)):
        deliver(archive.outbox, {"deals": client}, clock)
        clock.advance(seconds=1)
        if any(worker.is_alive() for worker in workers):
            workers[0].join(0.05)
    assert [worker.exitcode for worker in workers] == [0] * processes
    assert len([message for message in slack.messages if message.thread_ts is None]) == deals
    assert [event.company.name for event in events if not shown_right(event, slack.messages)] == []
