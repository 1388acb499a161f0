"""The long-running program: APScheduler jobs, nothing else. What is due is known to the archive, not to the jobs."""

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from monitor import timing
from monitor.alerting.delivery import deliver
from monitor.bootstrap import Application, utc_now
from monitor.crawling.visits import anything_due, sync_sources

logger = logging.getLogger(__name__)

GRACE = 6.0
"""Seconds a crawl run gets to end after SIGTERM, before it is killed; it needs about 5 itself."""

RUNS_KEPT = timedelta(days=90)
"""Housekeeping removes the records of crawl runs that are older."""


class Scheduler:
    """Polls what is due, delivers alerts, keeps house, until it is told to stop."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        # Late jobs run once instead of never (the default drops what is a second late), and no job runs beside itself.
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        schedule = app.config.schedule
        self._add(self.crawl_due, IntervalTrigger(seconds=schedule.tick.total_seconds(), timezone=UTC), at_once=True)
        self._add(self.deliver, IntervalTrigger(seconds=schedule.delivery.total_seconds(), timezone=UTC), at_once=True)
        self._add(self.keep_house, timing.cron(schedule.housekeeping), at_once=False)

    def _add(self, job: Callable[[], None], trigger: object, *, at_once: bool) -> None:
        first = {"next_run_time": utc_now()} if at_once else {}
        self._scheduler.add_job(_guarded(job), trigger, id=job.__name__, name=job.__name__, **first)

    def run(self) -> None:
        """Run until SIGTERM, SIGINT or `stop()`; a crawl run in progress is ended too."""
        sync_sources(self._app)
        self._scheduler.start()
        try:
            while not self._stopping.wait(3600):
                pass
        finally:
            self._scheduler.shutdown(wait=False)
            self._end_child()

    def stop(self) -> None:
        """Make `run` return; may be called from a signal handler."""
        self._stopping.set()

    def stop_on_signals(self) -> None:
        """Let SIGTERM and SIGINT (Ctrl-C) stop the program."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())

    def crawl_due(self) -> None:
        """Start a crawl run as a child process if a source is due, and wait for it, its deadline at most."""
        if self._stopping.is_set() or not anything_due(self._app):
            return
        command = [sys.executable, "-m", "monitor", "crawl", "--due", "--quiet"]
        with subprocess.Popen(command, start_new_session=True) as child:  # noqa: S603 - our own program
            self._child = child
            try:
                child.wait(self._app.config.schedule.deadline.total_seconds())
            except subprocess.TimeoutExpired:
                logger.warning("the crawl run has passed its deadline and is ended; what is left is fetched next time")
                self._end_child()
            finally:
                self._child = None

    def deliver(self) -> None:
        """One pass over the outbox."""
        done = deliver(self._app.archive.outbox, self._app.channels, utc_now)
        if done.sent or done.dead:
            logger.info("alerts: %d sent, %d to be retried, %d given up", done.sent, done.retried, done.dead)

    def keep_house(self) -> None:
        """Remove old records of runs."""
        with self._app.archive.writing() as tables:
            removed = tables.runs.forget(utc_now() - RUNS_KEPT)
        logger.info("housekeeping: %d old crawl runs removed", removed)

    def _end_child(self) -> None:
        child = self._child
        if child is None or child.poll() is not None:
            return
        child.terminate()
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()


def _guarded(job: Callable[[], None]) -> Callable[[], None]:
    """A job whose error is logged and does not end the program: the next tick tries again."""

    def run() -> None:
        try:
            job()
        except Exception:
            logger.exception("%s failed; it will be tried again", job.__name__)

    return run
