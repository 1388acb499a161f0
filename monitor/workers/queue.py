"""The queue of visits: Procrastinate on the archive's Postgres."""

import importlib.metadata
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job
from procrastinate.schema import SchemaManager

from monitor.archive import Archive
from monitor.archive.engine import driver_address
from monitor.archive.jobs import SCHEMA
from monitor.errors import ArchiveError

logger = logging.getLogger(__name__)

QUEUE, VISIT = "visits", "visit"
VERSION = f"procrastinate {importlib.metadata.version('procrastinate')}"

STALLED = 30.0
"""Seconds without a sign of life after which a worker's jobs are another's; each gives one every ten."""

_AT_ONCE = 500
"""Jobs that are deferred in one statement."""


class VisitQueue:
    """The queue on the archive's Postgres.

    Raises:
        ArchiveError: when the archive is on SQLite, or does not answer.
    """

    def __init__(self, archive: Archive, address: str) -> None:
        self._archive = archive
        self._address = driver_address(address)

    def prepare(self) -> None:
        """Make the queue's tables, or those of this version of the library in place of another's."""
        with self._archive.writing() as tables:
            made = tables.jobs.make(VERSION, SchemaManager.get_schema())
        if made:
            logger.info("the queue of visits is made (%s)", VERSION)

    def check(self) -> None:
        """Raise ArchiveError unless the queue is there, as this version of the library needs it."""
        with self._archive.reading() as tables:
            found = tables.jobs.version()
        if found != VERSION:
            seen = f"is of {found}, {VERSION} is installed here" if found else "is not there yet"
            raise ArchiveError(f"the queue of visits {seen}: start `monitor run --workers` of the same version")

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[App]:
        """Procrastinate's application, connected.

        Raises:
            ArchiveError: when the database does not answer, here or in what is done with it.
        """
        connector = PsycopgConnector(
            conninfo=self._address,
            min_size=1,
            max_size=4,
            timeout=10,
            kwargs={"options": f"-c search_path={SCHEMA}", "connect_timeout": 10},
        )
        app = App(connector=connector)
        try:
            async with app.open_async():
                yield app
        except ConnectorException as error:
            raise ArchiveError(
                f"{self._archive.address}: the queue of visits cannot be used: {_reason(error)}"
            ) from None


async def defer(app: App, visits: Sequence[tuple[str, str]]) -> int:
    """Let visits of sources wait for workers: pairs of source and host. Returns how many wait that did not before.

    One job waits for a source, and one at a time goes on for a host.
    """
    number = 0
    for start in range(0, len(visits), _AT_ONCE):
        jobs = [
            Job(
                queue=QUEUE,
                task_name=VISIT,
                lock=f"host:{host}",
                queueing_lock=source,
                task_kwargs={"source": source},
            )
            for source, host in visits[start : start + _AT_ONCE]
        ]
        try:
            number += len(await app.job_manager.batch_defer_jobs_async(jobs))
        except AlreadyEnqueued:  # one of them, by another scheduler
            for job in jobs:
                try:
                    await app.job_manager.defer_job_async(job)
                except AlreadyEnqueued:
                    continue
                number += 1
    return number


async def take_back(app: App) -> int:
    """Let visits of workers that are gone, or frozen, wait for others; returns how many."""
    number = 0
    for job in await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=STALLED):
        try:
            await app.job_manager.retry_job(job)
        except ConnectorException:
            logger.info("%s: its worker has just finished it, or it waits already", job.queueing_lock)
        else:
            number += 1
    return number


def _reason(error: ConnectorException) -> str:
    """The first line of what the driver said; it names no password."""
    return (str(error.__cause__ or error).strip() or "no answer").splitlines()[0]
