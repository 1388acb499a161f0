"""The long-running program: APScheduler jobs, nothing else. What is due is known to the archive, not to the jobs."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from monitor.alerting.delivery import deliver
from monitor.alerting.interaction import Interactions
from monitor.archive.clocks import OFF
from monitor.archive.leadership import Leadership
from monitor.archive.pulses import Job
from monitor.bootstrap import Application, reconfigured, utc_now
from monitor.config import Config
from monitor.crawling.due import sync_sources
from monitor.crawling.rendering import rendering
from monitor.errors import ArchiveError, ConfigError, MonitorError
from monitor.polling import OwnRuns, Polling
from monitor.retention import forget

if TYPE_CHECKING:
    from monitor.alerting.slack import SocketListener

logger = logging.getLogger(__name__)

LEAD_CHECK, TURN_CHECK = 15.0, 2.0
"""Seconds between looks whether this is still the archive's one scheduler, and whether it may become it."""

HOUSEKEEPING = timedelta(hours=6)
RUNS_KEPT = timedelta(days=90)
"""Housekeeping removes the records of crawl runs that are older."""


BEAT = 20.0
"""Seconds between signs of life of a job; each is a write."""

NOTICES = 3.0
"""Seconds between looks for what the operator is to be told: that is less urgent than alerts."""


class Scheduler:
    """Polls what is due, delivers alerts, keeps house, until it is told to stop.

    A change of the configuration file is taken up at the next tick; one that cannot be used is told, and the last good
    one stays. The intervals of `schedule` (tick, delivery) and `websub.listen` are taken up at the next start.
    """

    def __init__(self, app: Application, polling: Polling | None = None) -> None:
        """`polling` is how sources get visited: by runs of its own, if nothing is said.

        Raises ConfigError when a source needs a browser that is not there.
        """
        rendering(app.config)
        self._app = app
        self._polling = polling or OwnRuns()
        self._seen = _stamp(app)
        self._broken = False
        self._stopping = threading.Event()
        self._beaten: dict[Job, float] = {}
        self._noticed = -NOTICES
        self._clocks = _clocks()
        self._leading = False
        # A run that takes longer than a tick is as it should be; APScheduler would warn at each.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        # Late jobs run once instead of never (the default drops what is a second late), and no job runs beside itself.
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        schedule = app.config.schedule
        for job, every in (
            (self.crawl_due, schedule.tick),
            (self.deliver, schedule.delivery),
            (self.keep_house, HOUSEKEEPING),
        ):
            trigger = IntervalTrigger(seconds=every.total_seconds(), timezone=UTC)
            self._scheduler.add_job(_guarded(job), trigger, id=job.__name__, next_run_time=utc_now())

    @property
    def config(self) -> Config:
        """The configuration as it was last taken up."""
        return self._app.config

    @property
    def leading(self) -> bool:
        """True while this is the archive's one scheduler."""
        return self._leading

    def run(self, beside: AbstractContextManager[None] | None = None) -> None:
        """Run until SIGTERM, SIGINT or `stop()`; a crawl run in progress is ended too.

        While another scheduler runs on this archive, this one waits; `beside` is what answers while this one runs.

        Raises:
            MonitorError: when another scheduler has taken over, as after a long time without the database.
        """
        leadership = self._app.archive.leadership()
        if not self._lead(leadership):
            return
        self._leading = True
        try:
            with beside or nullcontext():
                self._work(leadership)
        finally:
            self._leading = False
            leadership.release()

    def _work(self, leadership: Leadership) -> None:
        sync_sources(self._app)
        listener = self._listener()
        self._scheduler.start()
        if listener:
            listener.start()
        try:
            while not self._stopping.wait(LEAD_CHECK):
                self._watch_clock()
                if not self._takes(leadership, without=True):
                    raise MonitorError("another scheduler has taken over this archive: this one ends")
        finally:
            self._scheduler.shutdown(wait=False)
            self._polling.end()
            if listener:
                listener.stop()

    def _watch_clock(self) -> None:
        """If the clock was put back since a job last ran, let all run now: they wait for times that are far off."""
        went, passed = (now - then for now, then in zip(_clocks(), self._clocks, strict=True))
        if went > passed - OFF.total_seconds():
            return
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=utc_now())
        try:
            sync_sources(self._app)
        except ArchiveError as error:
            logger.error("%s", error)

    def _lead(self, leadership: Leadership) -> bool:
        """Wait until no other scheduler runs on the archive; False if this was stopped before."""
        waits = False
        while not self._stopping.is_set():
            if self._takes(leadership, without=False):
                if waits:
                    logger.warning("the other scheduler is gone: this one goes on")
                return True
            if not waits:
                logger.warning("another scheduler runs on this archive: this one waits until it ends")
            waits = True
            self._stopping.wait(TURN_CHECK)
        return False

    @staticmethod
    def _takes(leadership: Leadership, *, without: bool) -> bool:
        """Whether this is the one scheduler now; `without` the database, which has no other one then, as it was."""
        try:
            return leadership.take()
        except ArchiveError:  # jobs say so themselves
            return without

    def _listener(self) -> "SocketListener | None":
        """What answers buttons and commands; None without an app token."""
        token = self._app.app_token
        if token is None:
            return None
        from monitor.alerting.slack import SocketListener  # noqa: PLC0415 - loaded by those who use Slack

        interactions = Interactions(
            self._app.archive, lambda: self._app.config.channels, lambda: self._app.config.companies, utc_now
        )
        return SocketListener(token, interactions, base_url=self._app.env.slack_api)

    def stop(self) -> None:
        """Make `run` return; may be called from a signal handler."""
        self._stopping.set()

    def stop_on_signals(self) -> None:
        """Let SIGTERM and SIGINT (Ctrl-C) stop the program."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())

    def crawl_due(self) -> None:
        """See to what is due."""
        self._beat(Job.TICK)
        self._take_up_changes()
        # With a broken file no run could start either.
        if not self._stopping.is_set() and not self._broken:
            self._polling.poll(self._app)

    def _take_up_changes(self) -> None:
        stamp = _stamp(self._app)
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            app = reconfigured(self._app)
            rendering(app.config)
            self._app = app
            sync_sources(app)
        except ConfigError as error:
            self._broken = True
            logger.error("the configuration was changed and cannot be used; polling waits until it can:\n%s", error)
        else:
            self._broken = False
            logger.info("the configuration was changed and is taken up")

    def deliver(self) -> None:
        """One pass over the outbox."""
        self._beat(Job.DELIVERY)
        done = deliver(self._app.archive.outbox, self._app.channels, utc_now, self._app.per_hour)
        if done.sent or done.dead:
            logger.info("alerts: %d sent, %d to be retried, %d given up", done.sent, done.retried, done.dead)
        if time.monotonic() - self._noticed >= NOTICES:
            self._noticed = time.monotonic()
            self._app.tell_notices()

    def _beat(self, job: Job) -> None:
        """Give a sign of life, so that one can see from outside that the job goes on."""
        self._clocks = _clocks()
        now = time.monotonic()
        if now - self._beaten.get(job, -BEAT) >= BEAT:
            with self._app.archive.writing() as tables:
                tables.pulses.beat(job, utc_now())
            self._beaten[job] = now

    def keep_house(self) -> None:
        """Remove old records of runs, and what the configuration says."""
        with self._app.archive.writing() as tables:
            removed = tables.runs.forget(utc_now() - RUNS_KEPT)
        if removed:
            logger.info("housekeeping: %d old crawl runs removed", removed)
        done = forget(self._app.archive, self._app.config.retention, utc_now(), self._stopping.is_set)
        for rule, number in done.items():
            if number:
                logger.info("housekeeping: %s: %d forgotten", rule, number)


def _clocks() -> tuple[float, float]:
    """The time of day, and one that nobody sets, in seconds."""
    return time.time(), time.monotonic()


def _stamp(app: Application) -> tuple[int, int]:
    """Changes when the configuration file does; a file that is gone for a moment counts as a change."""
    try:
        found = app.config.path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def _guarded(job: Callable[[], None]) -> Callable[[], None]:
    """A job whose error is logged, once as long as it stays the same, and does not end the program."""
    last = ""

    def run() -> None:
        nonlocal last
        try:
            job()
        except MonitorError as error:
            if str(error) != last:
                logger.error("%s failed and will be tried again: %s", job.__name__, error)
            last = str(error)
        except Exception:
            logger.exception("%s failed; it will be tried again", job.__name__)
        else:
            last = ""

    return run
