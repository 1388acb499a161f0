"""Whether the program is well: /healthz (it lives), /readyz (it does its work), /metrics for Prometheus."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from monitor import __version__
from monitor.archive import Archive
from monitor.archive.counters import Counters
from monitor.errors import MonitorError
from monitor.readiness import Check, readiness
from monitor.web.headers import Headers

SECONDS = 5.0


@dataclass(frozen=True)
class Probes:
    """Answers for probes. `deadline` gives that of a crawl run, `scheduled` says that a scheduler works here,
    `leads` whether this process is the one that does, or waits for it to end.
    """

    archive: Archive
    clock: Callable[[], datetime]
    deadline: Callable[[], timedelta]
    scheduled: bool = True
    leads: Callable[[], bool] = lambda: True

    @property
    def routes(self) -> Sequence[Route]:
        """What is answered."""
        return (
            Route("/healthz", self.alive, methods=["GET"]),
            Route("/readyz", self.ready, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
        )

    def app(self) -> ASGIApp:
        """These alone, as an ASGI application."""
        return Headers(Starlette(routes=list(self.routes)), https=False)

    def alive(self, _request: Request) -> Response:
        """It answers, so it lives."""
        return PlainTextResponse("ok\n")

    def ready(self, _request: Request) -> Response:
        """Whether all that it needs is there, and its jobs go on: 503 if not."""
        checks = readiness(self.archive, self.clock(), self.deadline(), scheduled=self.scheduled)
        if not self.leads():
            checks.append(Check("leading", well=False, seen="another scheduler works on this archive, this one waits"))
        said = {check.name: {"well": check.well, "seen": check.seen} for check in checks}
        return JSONResponse(said, 200 if all(check.well for check in checks) else 503)

    def metrics(self, _request: Request) -> Response:
        """Figures of the archive in the text format of Prometheus; `monitor_up` 0 where it does not answer."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Figures(self.archive, self.clock()))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


@dataclass(frozen=True)
class _Figures:
    """What Prometheus collects, read from the archive as it is."""

    archive: Archive
    now: datetime

    def collect(self) -> Iterable[Metric]:
        """The metrics."""
        info = GaugeMetricFamily("monitor_info", "The program.", labels=("version",))
        info.add_metric((__version__,), 1)
        yield info
        try:
            with self.archive.reading(SECONDS) as tables:
                counters, beats = tables.counters.all(self.now), tables.pulses.all()
        except MonitorError:
            yield GaugeMetricFamily("monitor_up", "Whether the archive answers.", value=0)
            return
        yield GaugeMetricFamily("monitor_up", "Whether the archive answers.", value=1)
        silent = GaugeMetricFamily("monitor_job_silent_seconds", "Since a job last ran.", labels=("job",))
        for job, beat in beats.items():
            silent.add_metric((job.value,), (self.now - beat).total_seconds())
        yield silent
        yield from _counted(counters)


def _counted(counters: Counters) -> Iterable[Metric]:
    yield CounterMetricFamily("monitor_articles", "Articles stored.", value=counters.articles)
    yield CounterMetricFamily("monitor_claims", "Claims about deals read.", value=counters.claims)
    polls = GaugeMetricFamily("monitor_polls", "Polls of sources on record, 90 days.", labels=("outcome",))
    for outcome, number in counters.polls.items():
        polls.add_metric((outcome,), number)
    yield polls
    alerts = GaugeMetricFamily("monitor_alerts", "Alerts by state.", labels=("state",))
    for state, number in counters.alerts.items():
        alerts.add_metric((state,), number)
    yield alerts
    if counters.jobs:
        jobs = GaugeMetricFamily("monitor_visits", "Visits that wait for workers (todo) or go on.", labels=("state",))
        for state, number in counters.jobs.items():
            jobs.add_metric((state,), number)
        yield jobs
        yield GaugeMetricFamily("monitor_workers", "Workers that gave a sign of life of late.", value=counters.workers)
    for name, said, value in (
        ("monitor_sources_failing", "Sources whose last poll failed.", counters.failing),
        ("monitor_sources_troubled", "Sources with a problem that the operator was told.", counters.troubled),
        ("monitor_entries_pending", "Entries whose page is to be fetched.", counters.pending),
        ("monitor_entries_retried", "Entries whose page could not be had or read yet.", counters.retried),
        ("monitor_alert_overdue_seconds", "How long the alert due first waits.", counters.overdue.total_seconds()),
    ):
        yield GaugeMetricFamily(name, said, value=value)
    lag = HistogramMetricFamily("monitor_alert_lag_seconds", "From publication to alert, alerts of the last day.")
    buckets = [(str(float(bound)), number) for bound, number in counters.lags]
    lag.add_metric((), [*buckets, ("+Inf", counters.lag_number)], counters.lag_sum)
    yield lag
