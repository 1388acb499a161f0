"""How the scheduler gets what is due visited: by a crawl run of its own, or (`monitor.workers`) by workers."""

import logging
import subprocess
import sys
import threading
from typing import Protocol

from monitor.bootstrap import Application
from monitor.crawling.due import what_is_due

logger = logging.getLogger(__name__)

GRACE = 6.0
"""Seconds a crawl run gets to end after SIGTERM, before it is killed; it needs about 5 itself."""


class Polling(Protocol):
    """Something that gets sources visited."""

    def poll(self, app: Application) -> None:
        """See to what is due now."""

    def end(self) -> None:
        """End what goes on; `poll` does nothing from now on."""


class OwnRuns:
    """Visits by crawl runs, each a child process with a deadline."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._ending = threading.Event()

    def poll(self, app: Application) -> None:
        """Start a run if a source is due, and wait for it, its deadline at most."""
        if self._ending.is_set() or not what_is_due(app):
            return
        command = [sys.executable, "-m", "monitor", "crawl", "--due", "--quiet"]
        with subprocess.Popen(command, start_new_session=True) as child:  # noqa: S603 - our own program
            self._child = child
            try:
                code = child.wait(app.config.schedule.deadline.total_seconds())
            except subprocess.TimeoutExpired:
                logger.warning("the crawl run has passed its deadline and is ended; what is left is fetched next time")
                self._end_child()
            else:
                self._report(code)
            finally:
                self._child = None

    def end(self) -> None:
        """End a run that goes on."""
        self._ending.set()
        self._end_child()

    def _report(self, code: int) -> None:
        # 4: every polled source failed, each has its own line already.
        if code not in (0, 4) and not self._ending.is_set():
            logger.error("the crawl run ended with code %d; it will be tried again", code)

    def _end_child(self) -> None:
        child = self._child
        if child is None or child.poll() is not None:
            return
        child.terminate()
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
