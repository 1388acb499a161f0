"""The scheduler's part: what is due becomes jobs, those of workers that are gone wait anew."""

import asyncio
import logging
import threading
from urllib.parse import urlsplit

from monitor.bootstrap import Application
from monitor.crawling.due import what_is_due
from monitor.polls import WayState
from monitor.settings import Source
from monitor.ways import address
from monitor.workers.queue import VisitQueue, defer, take_back

logger = logging.getLogger(__name__)


class Deferring:
    """Visits by workers: each tick they are told what has come due."""

    def __init__(self, queue: VisitQueue) -> None:
        self._queue = queue
        self._ending = threading.Event()

    def poll(self, app: Application) -> None:
        """Defer what is due and not deferred yet."""
        if self._ending.is_set():
            return
        self._queue.prepare()
        with app.archive.reading() as tables:
            queued = tables.jobs.queued()
        wanted = [name for name in what_is_due(app) if name not in queued]
        hosts = {source.name: host(source, app.config.crawl.rsshub) for source in app.config.sources}
        asyncio.run(self._turn([(name, hosts[name]) for name in wanted]))

    async def _turn(self, visits: list[tuple[str, str]]) -> None:
        async with self._queue.opened() as app:
            lost = await take_back(app)
            deferred = await defer(app, visits)
        if lost:
            logger.warning("%d visits of workers that gave no sign of life wait for others", lost)
        logger.debug("%d visits deferred", deferred)

    def end(self) -> None:
        """Defer no more; workers go on with what waits."""
        self._ending.set()


def host(source: Source, rsshub: str) -> str:
    """The host that a source's first way asks: jobs for one host run one after the other."""
    return urlsplit(address(source.ways[0], WayState(0), rsshub)).hostname or ""
