"""A crawl run that is told what to visit while it goes on: a child process, fed through a pipe."""

import asyncio
import contextlib
import json
import logging
import sys
import time
from typing import Self

from monitor.errors import MonitorError

logger = logging.getLogger(__name__)

SILENT = 60.0
"""Seconds without a sign of life after which a run is taken for frozen; it gives one every five."""

GRACE = 6.0
"""Seconds it gets to end after SIGTERM."""


class VisitLostError(MonitorError):
    """A visit that was not finished; `shutdown` if that is because this worker ends, which is no fault of its."""

    def __init__(self, message: str, *, shutdown: bool = False) -> None:
        super().__init__(message)
        self.shutdown = shutdown


class CrawlProcess:
    """One such run. It ends when it is closed and all is done, at its deadline, or when it falls silent."""

    def __init__(self, child: asyncio.subprocess.Process, deadline: float) -> None:
        self._child = child
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self.begun = self._heard = time.monotonic()
        self._deadline = self.begun + deadline
        self._why = "the crawl process died"
        self._tasks = (asyncio.create_task(self._listen()), asyncio.create_task(self._watch()))

    @classmethod
    async def start(cls, deadline: float) -> Self:
        """Start one that may take so many seconds."""
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "monitor", "crawl", "--errands", "--quiet"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        return cls(child, deadline)

    @property
    def ended(self) -> bool:
        """True once the process is gone."""
        return self._child.returncode is not None

    @property
    def usable(self) -> bool:
        """False once it has ended, or was closed."""
        return not self.ended and self._input is not None and not self._input.is_closing()

    @property
    def _input(self) -> asyncio.StreamWriter | None:
        return self._child.stdin

    async def visit(self, source: str) -> None:
        """Let it visit a source, and wait until that is done.

        Raises:
            VisitLostError: when it ended before, or cannot visit that source.
        """
        if not self.usable or self._input is None:
            raise VisitLostError(f"{source}: {self._why}")
        if source in self._waiting:
            await asyncio.shield(self._waiting[source])
            return
        done = self._waiting[source] = asyncio.get_running_loop().create_future()
        try:
            self._input.write(json.dumps({"visit": source}).encode() + b"\n")
            with contextlib.suppress(ConnectionError):  # it is gone: `_listen` tells
                await self._input.drain()
            await done
        finally:
            self._waiting.pop(source, None)

    def close(self) -> None:
        """Let it end when it has done what it was told to."""
        if self._input is not None:
            self._input.close()

    async def end(self) -> None:
        """End it now: what is left stays in the archive."""
        self._why = "this worker ends"
        for done in self._waiting.values():
            if not done.done():
                done.set_exception(VisitLostError(self._why, shutdown=True))
        if not self.ended:
            self._child.terminate()
            try:
                await asyncio.wait_for(self._child.wait(), GRACE)
            except TimeoutError:
                self.kill()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def kill(self) -> None:
        """End it at once."""
        if not self.ended:
            self._child.kill()

    async def _listen(self) -> None:
        assert self._child.stdout is not None  # noqa: S101 - it was started with a pipe
        async for line in self._child.stdout:
            self._heard = time.monotonic()
            try:
                said = json.loads(line)
            except ValueError:  # a library that prints
                continue
            done = self._waiting.get(said.get("done") or said.get("failed") or "") if isinstance(said, dict) else None
            if done is None or done.done():
                continue
            if "failed" in said:
                done.set_exception(VisitLostError(said["error"]))
            else:
                done.set_result(None)
        await self._child.wait()
        for source, done in self._waiting.items():
            if not done.done():
                done.set_exception(VisitLostError(f"{source}: {self._why}"))

    async def _watch(self) -> None:
        while not self.ended:
            await asyncio.sleep(1)
            now = time.monotonic()
            if now - self._heard > SILENT:
                self._why = "the crawl process fell silent"
            elif now > self._deadline:
                self._why = "the crawl process passed its deadline"
            else:
                continue
            logger.warning("%s and is ended; what it had begun is done anew", self._why)
            self.kill()
            return
