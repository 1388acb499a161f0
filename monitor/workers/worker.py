"""A worker: takes visits from the queue and has them done, until it is told to stop."""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta

from procrastinate import App, BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.jobs import Job

from monitor.bootstrap import Application
from monitor.crawling.givingup import give_up
from monitor.errors import ArchiveError
from monitor.workers.process import CrawlProcess, VisitLostError
from monitor.workers.queue import QUEUE, STALLED, VISIT, VisitQueue

logger = logging.getLogger(__name__)

TRIES = 5
"""After so many a source counts as failing, and is polled less often."""

_STEP = 4
"""A visit that was lost is tried again after 4, 16, 64, 256 seconds."""

FROZEN = STALLED - 10
"""Seconds for which this process may have stood still: after more, others take its jobs."""

_RESTS = (1, 2, 4, 8, 15)
"""Seconds between tries while the database does not answer."""


class Again(BaseRetryStrategy):
    """When a visit that was lost is tried again: at once by another worker if this one ends, else later each time."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Called by Procrastinate."""
        if isinstance(exception, VisitLostError) and exception.shutdown:
            return RetryDecision()
        if job.attempts + 1 >= TRIES:
            return None
        return RetryDecision(retry_in={"seconds": _STEP ** (job.attempts + 1)})


class Crew:
    """The crawl processes of a worker: one for all visits, and one of its own for each that was lost before.

    So a source that brings its process down takes others with it only once.
    """

    def __init__(self, deadline: Callable[[], timedelta]) -> None:
        self._deadline = deadline
        self._common: CrawlProcess | None = None
        self._all: set[CrawlProcess] = set()
        self._starting = asyncio.Lock()
        self._ended = False

    async def visit(self, source: str, *, alone: bool) -> None:
        """Have a source visited; raises VisitLostError."""
        if self._ended:
            raise VisitLostError(f"{source}: this worker ends", shutdown=True)
        process = await self._process(alone=alone)
        try:
            await process.visit(source)
        finally:
            if alone:
                process.close()

    async def _process(self, *, alone: bool) -> CrawlProcess:
        seconds = self._deadline().total_seconds()
        self._all = {process for process in self._all if not process.ended}
        if alone:
            return await self._started(seconds)
        async with self._starting:
            # A third of its time it takes visits, the rest is for those to end; so none grows old, and each reads the
            # configuration as it is then.
            if self._common is not None and time.monotonic() - self._common.begun > seconds / 3:
                self._common.close()
            if self._common is None or not self._common.usable:
                self._common = await self._started(seconds)
            return self._common

    async def _started(self, seconds: float) -> CrawlProcess:
        process = await CrawlProcess.start(seconds)
        self._all.add(process)
        return process

    async def end(self) -> None:
        """End all of them; what they have not done waits for others."""
        self._ended = True
        await asyncio.gather(*(process.end() for process in self._all))

    def kill(self) -> None:
        """End all of them at once."""
        for process in self._all:
            process.kill()


class Worker:
    """Runs visits, `concurrency` of them at a time.

    If it stood still for so long that others have its jobs, it begins anew as a new process.
    """

    def __init__(self, program: Application, queue: VisitQueue, concurrency: int) -> None:
        self._program = program
        self._queue = queue
        self._concurrency = concurrency
        self._stopping = asyncio.Event()
        self._seen = time.monotonic()
        self._crew = Crew(lambda: program.config.schedule.deadline)

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT; while the database or the queue is not there, wait for it."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        watch = asyncio.create_task(self._watch())
        tries = 0
        while not self._stopping.is_set():
            try:
                await asyncio.to_thread(self._check)  # a database that is silent must not stop this process's clock
                async with self._queue.opened() as app:
                    tries = 0
                    await self._work(app)
            except ArchiveError as error:
                if tries == 0:
                    logger.warning("%s", error)
                rest = _RESTS[min(tries, len(_RESTS) - 1)]
                tries += 1
                await self._wait(rest)
        watch.cancel()

    def _check(self) -> None:
        self._program.archive.check_version()
        self._queue.check()

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    async def _work(self, app: App) -> None:
        logger.info("takes visits, %d at a time", self._concurrency)

        @app.task(name=VISIT, queue=QUEUE, retry=Again(), pass_context=True)
        async def visit(context: JobContext, source: str) -> None:
            await self._visit(source, context.job.attempts)

        working = asyncio.create_task(
            app.run_worker_async(
                queues=[QUEUE],
                concurrency=self._concurrency,
                delete_jobs="always",  # what came of a visit is in the archive
                install_signal_handlers=False,
                stalled_worker_timeout=STALLED,
            )
        )
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            working.cancel()
            await self._crew.end()
            ended = (await asyncio.gather(working, return_exceptions=True))[0]
            self._crew = Crew(lambda: self._program.config.schedule.deadline)
        if isinstance(ended, Exception):
            raise ended

    async def _visit(self, source: str, attempts: int) -> None:
        try:
            await self._crew.visit(source, alone=attempts > 0)
        except VisitLostError as error:
            if not error.shutdown and attempts + 1 >= TRIES:
                give_up(self._program, source, str(error))
            raise
        self._still_ours()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(1)
            self._still_ours()

    def _still_ours(self) -> None:
        """Begin anew if this process stood still for long: its jobs are others' by now."""
        now = time.monotonic()
        stood, self._seen = now - self._seen, now
        if stood > FROZEN:
            self._crew.kill()
            logger.warning("this worker stood still for %.0f s: others have its visits, it begins anew", stood)
            os.execv(sys.executable, [sys.executable, "-m", "monitor", *sys.argv[1:]])  # noqa: S606 - ourselves
