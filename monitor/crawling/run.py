"""One crawl run, from start to end, in this process: Scrapy can run only once in one."""

import asyncio
import logging
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from monitor.crawling.errands import Errands
from monitor.crawling.items import FetchedPage
from monitor.crawling.visits import Visits
from monitor.errors import ArchiveError, MonitorError
from monitor.parsing.checks import Checked
from monitor.settings import Source

logger = logging.getLogger(__name__)

GRACE = 5.0
"""Seconds for requests in flight after SIGTERM or Ctrl-C; what is left stays pending in the archive."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did: counts of polls, failed (polls), entries, new and edited (articles), postponed, alerts."""

    counts: Counter[str]
    interrupted: bool

    @property
    def all_failed(self) -> bool:
        """True if sources were polled and none of them answered."""
        return 0 < self.counts["polls"] == self.counts["failed"]


def crawl(
    names: Sequence[str] = (),
    *,
    due: bool = False,
    alert_old: bool = False,
    with_parent: bool = False,
    progress: Callable[[Counter[str]], None] | None = None,
) -> RunReport:
    """Visit the named sources (all if none is named), or those that are due.

    `progress` hears of the counts as they grow. SIGTERM and SIGINT end it within `GRACE` and a moment, with nothing
    half-done; so does the end of the process that started it, `with_parent`.

    Raises:
        MonitorError: when the run could not begin (configuration, archive).
    """
    return _run(
        "sources",
        progress,
        with_parent=with_parent,
        extra={"MONITOR_ALERT_OLD": alert_old},
        source=",".join(names),
        due="1" if due else "",
    )


def run_errands(given: IO[str], told: IO[str]) -> None:
    """Visit the sources that come through `given`, and tell of them through `told`, until no more come.

    It ends like `crawl`, also with the process that started it.

    Raises:
        MonitorError: when it could not begin.
    """
    _run("errands", None, with_parent=True, errands=Errands(given, told))


def _run(
    spider: str,
    progress: Callable[[Counter[str]], None] | None,
    *,
    with_parent: bool = False,
    extra: Mapping[str, object] | None = None,
    **arguments: object,
) -> RunReport:
    process = _process(**(extra or {}))
    crawler = process.create_crawler(spider)
    if progress is not None:
        _report(crawler, progress)
    task = process.crawl(crawler, **arguments)
    stopping = _stop_on_signals(process, with_parent=with_parent)
    process.start(install_signal_handlers=False)
    _raise_from(task)
    visits = crawler.get_extension(Visits)
    if visits is None:
        raise ArchiveError("the run could not begin: see the log")
    if visits.failure is not None:
        raise visits.failure
    return RunReport(visits.counts, interrupted=stopping.is_set())


def backfill(name: str, since: date, progress: Callable[[Counter[str]], None] | None = None) -> RunReport:
    """Fetch what a source published from a day on, from its sitemaps and feed archives; nothing alerts.

    It ends like `crawl` on SIGTERM and SIGINT, and the next one goes on where it was.

    Raises:
        MonitorError: when it could not begin.
    """
    return _run("backfill", progress, source=name, since=since.isoformat())


def check(sources: Sequence[Source], *, discover: bool = False) -> list[Checked]:
    """Visit sources without the archive; `discover` follows the feeds that a page announces."""
    process = _process()
    crawler = process.create_crawler("check")
    found: list[Checked] = []

    def collect(item: object, **_: object) -> None:
        if isinstance(item, Checked):
            found.append(item)

    crawler.signals.connect(collect, signal=signals.item_scraped, weak=False)
    task = process.crawl(crawler, sources=tuple(sources), discover=discover)
    process.start()
    _raise_from(task)
    return found


def fetch(url: str) -> tuple[bytes, str]:
    """One page, politely: its body and Content-Type.

    Raises:
        MonitorError: naming the URL and what went wrong.
    """
    process = _process()
    crawler = process.create_crawler("page")
    found: list[FetchedPage] = []
    crawler.signals.connect(lambda item, **_: found.append(item), signal=signals.item_scraped, weak=False)
    task = process.crawl(crawler, url=url)
    process.start()
    _raise_from(task)
    if not found:
        raise MonitorError(f"{url}: nothing was fetched")
    if found[0].error:
        raise MonitorError(f"{url}: {found[0].error}")
    return found[0].body, found[0].content_type


def _process(**extra: object) -> AsyncCrawlerProcess:
    settings = Settings()
    settings.setmodule("monitor.crawling.settings", priority="project")
    settings.setdict(extra, priority="cmdline")
    return AsyncCrawlerProcess(settings)


def _raise_from(task: "asyncio.Task[None]") -> None:
    """Raise what kept a crawl from beginning, such as a configuration that cannot be used."""
    if task.done() and not task.cancelled() and (error := task.exception()) is not None:
        raise error


def _report(crawler: Crawler, progress: Callable[[Counter[str]], None]) -> None:
    def tell(**_: object) -> None:
        visits = crawler.get_extension(Visits)
        if visits is not None:
            progress(visits.counts)

    crawler.signals.connect(tell, signal=signals.item_scraped, weak=False)
    crawler.signals.connect(tell, signal=signals.response_received, weak=False)


def _stop_on_signals(process: AsyncCrawlerProcess, *, with_parent: bool) -> threading.Event:
    loop = asyncio.get_event_loop()  # the one that AsyncCrawlerProcess has just made
    stopping = threading.Event()

    def stop(number: int, _frame: object) -> None:
        if stopping.is_set():
            return
        stopping.set()
        logger.info("%s: ending the run", signal.Signals(number).name)
        killer = threading.Timer(GRACE, os._exit, (0,))  # articles are whole transactions: nothing is half-done
        killer.daemon = True
        killer.start()
        loop.call_soon_threadsafe(lambda: loop.create_task(process.stop()))

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    if with_parent:
        threading.Thread(target=_watch_parent, args=(os.getppid(), stopping), daemon=True).start()
    return stopping


def _watch_parent(parent: int, stopping: threading.Event) -> None:
    """End the run when the process that started it is gone: nobody would end it at its deadline."""
    while not stopping.wait(1):
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
            return
