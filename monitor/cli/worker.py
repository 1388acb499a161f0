"""`monitor worker`, and the part of `monitor run` that leaves visits to workers."""

import asyncio
import logging
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.bootstrap import Application, application, environment
from monitor.crawling.rendering import rendering
from monitor.errors import ConfigError
from monitor.polling import Polling

if TYPE_CHECKING:
    from monitor.workers.queue import VisitQueue


def worker(
    concurrency: Annotated[
        int, typer.Option(min=1, max=1000, envvar="MONITOR_CONCURRENCY", help="Visits at a time, each of another host.")
    ] = 32,
) -> None:
    """Do the visits that `monitor run --workers` defers, until stopped: as many of these as you like, anywhere.

    It needs the archive on Postgres, the same monitor.yaml as the scheduler, and nothing else.
    """
    program = application(environment())
    rendering(program.config)
    queue = _queue(program)
    from monitor.workers.worker import Worker

    async def work() -> None:
        await Worker(program, queue, concurrency).run()

    asyncio.run(work())


def deferring(program: Application) -> Polling:
    """Visits by workers."""
    queue = _queue(program)
    from monitor.workers.deferring import Deferring

    return Deferring(queue)


def _queue(program: Application) -> "VisitQueue":
    try:
        from monitor.workers.queue import VisitQueue
    except ImportError as error:
        raise ConfigError(
            [f"workers need Procrastinate, which is not installed ({error.name}): make workers, or the extra `workers`"]
        ) from error
    logging.getLogger("procrastinate").setLevel(logging.ERROR)  # what it says of lost visits, we say in a line
    return VisitQueue(program.archive, program.env.database_url)
