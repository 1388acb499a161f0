"""Reading pages beside the crawl: in processes of their own, so that every core works and a bad page harms nobody."""

import asyncio
import logging
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

from monitor.bootstrap import utc_now
from monitor.crawling.orphans import end_with_parent
from monitor.errors import ParseError
from monitor.models import Page
from monitor.parsing.pages import parse_page
from monitor.settings import Source

logger = logging.getLogger(__name__)

FEW = 8
"""Pages of a run that are read without processes: those take a second to start, and most runs bring a few pages."""

LONGEST = 20.0
"""Seconds for one page; what takes longer is given up, with the process that hangs on it."""


class PageReader:
    """Reads pages, in `processes` beside this one; 0 reads all of them here. Asked late: add-ons set it late.

    Never in threads: reading is all computing, and Python computes in one thread at a time.
    """

    def __init__(self, processes: Callable[[], int]) -> None:
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None
        self._read = 0

    async def read(self, body: bytes, url: str, content_type: str, source: Source) -> Page:
        """The article on a page.

        Raises:
            ParseError: when it cannot be read, takes too long, or breaks the process that reads it.
        """
        job = partial(
            parse_page, body, url, content_type=content_type, timezone=source.timezone, now=utc_now(), rule=source.page
        )
        self._read += 1
        if self._read <= FEW or self._processes() == 0:
            return job()
        for _ in range(2):  # a process may break on another page than this one
            pool = self._started()
            try:
                return await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(pool, job), LONGEST)
            except BrokenProcessPool:
                logger.warning("%s: a process that reads pages broke, maybe on this one", url)
                self._end(pool)
            except TimeoutError as error:
                self._end(pool)
                raise ParseError(f"{url}: reading this page takes more than {LONGEST:.0f} seconds") from error
        raise ParseError(f"{url}: the process that reads this page breaks")

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(["monitor.parsing.pages", "monitor.crawling.orphans"])
            self._pool = ProcessPoolExecutor(self._processes(), mp_context=context, initializer=end_with_parent)
        return self._pool

    def _end(self, pool: ProcessPoolExecutor) -> None:
        if self._pool is pool:
            self._pool = None
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._end(self._pool)
