"""The commands that do the work: run, crawl; and the groups that ask and look after things."""

import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from monitor import __version__
from monitor.bootstrap import Application, application, environment, unconfigured, utc_now
from monitor.cli import (
    alerts,
    archive,
    configuration,
    corrections,
    detection,
    extraction,
    feedback,
    history,
    logs,
    questions,
    sources,
    telemetry,
    transfer,
)
from monitor.cli.doctor import doctor
from monitor.cli.health import health
from monitor.cli.output import err, print_json
from monitor.cli.setup import init
from monitor.cli.web import shown, web
from monitor.cli.worker import deferring, worker
from monitor.config import Config
from monitor.errors import DeliveryError

if TYPE_CHECKING:
    from monitor.alerting.delivery import Delivered

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
app.add_typer(configuration.app, name="config")
app.add_typer(archive.app, name="db")
app.add_typer(sources.app, name="sources")
app.add_typer(alerts.app, name="alerts")
app.add_typer(questions.articles, name="articles")
app.command("search")(questions.search)
app.add_typer(corrections.app, name="deals")
app.command("companies")(questions.companies)
app.command("stats")(questions.stats)
app.command("export")(transfer.export)
app.command("import")(transfer.import_)
app.command("web")(web)
app.command("worker")(worker)
app.command("init")(init)
app.command("health")(health)
app.command("doctor")(doctor)
app.command("detect")(detection.detect)
app.command("explain")(detection.explain)
app.command("extract")(extraction.extract)
app.command("backfill")(history.backfill)
app.command("reextract")(history.reextract)
app.command("backtest")(detection.backtest)
app.command("feedback")(feedback.feedback)

EXIT_ALL_FAILED = 4
_SHUTDOWN = 1.5
_DELIVERY_LIMIT = timedelta(minutes=1)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def common(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Watches Chinese and English tech news and reports each funding deal of a watched company once.

    MONITOR_CONFIG names the configuration (monitor.yaml), DATABASE_URL the archive (sqlite:///monitor.db).
    """
    logs.set_up(os.environ, verbose=verbose)
    telemetry.set_up(os.environ)


@app.command()
def run(
    workers: Annotated[
        bool, typer.Option("--workers", help="Leave the visits to `monitor worker`, on this machine or others.")
    ] = False,
) -> None:
    """Watch the news until stopped: poll what is due, deliver alerts, keep house."""
    from monitor.scheduler import Scheduler

    program = application(environment())
    polling = deferring(program) if workers else None
    _open(program)
    _greet(program)
    scheduler = Scheduler(program, polling)
    scheduler.stop_on_signals()
    with _health(program, lambda: scheduler.config, lambda: scheduler.leading):
        scheduler.run(_answering(program, lambda: scheduler.config))
    _leave(program)


@contextmanager
def _answering(program: Application, current: Callable[[], Config]) -> Iterator[None]:
    """What answers over HTTP, if anything is to."""
    with _callback(program, current), _archive(program, current):
        yield


def _callback(program: Application, current: Callable[[], Config]) -> AbstractContextManager[None]:
    """The address where hubs tell of what is new, if there is one."""
    websub = program.config.websub
    if websub is None:
        return nullcontext()
    from monitor.web.callback import Callback
    from monitor.web.serving import serving

    app = Callback(program.archive, current, utc_now).app()
    return serving(app, websub.listen, f"{program.config.path}: websub.listen")


def _archive(program: Application, current: Callable[[], Config]) -> AbstractContextManager[None]:
    """The archive in a browser, if it is to be shown."""
    settings = program.config.web
    if settings is None:
        return nullcontext()
    return shown(program.archive, settings, current, program.env.variables, scheduled=True)


def _health(
    program: Application, current: Callable[[], Config], leads: Callable[[], bool]
) -> AbstractContextManager[None]:
    """Answers for probes, if there are to be any; while this scheduler waits for another one too."""
    settings = program.config.health
    if settings is None:
        return nullcontext()
    from monitor.web.health import Probes
    from monitor.web.serving import serving

    app = Probes(program.archive, utc_now, lambda: current().schedule.deadline, leads=leads).app()
    return serving(app, settings.listen, f"{program.config.path}: health.listen")


def _open(program: Application) -> None:
    if not program.archive.exists:
        err.print(f"A new archive is begun: {program.archive.address}")
    program.archive.upgrade()


def _greet(program: Application) -> None:
    from monitor.alerting.delivery import Checkable
    from monitor.web.access import access

    config = program.config
    _ = program.channels  # a malformed secret is told now, not at the first alert
    if config.web is not None:
        _ = access(config.web, program.env.variables)
    err.print(
        f"Watching {len(config.companies)} companies in {len(config.sources)} sources; "
        f"archive {program.archive.address}; Ctrl-C ends it."
    )
    if config.web is not None:
        err.print(f"The archive in a browser: {config.web.url or f'http://{config.web.listen}'}")
    for channel, variable in unconfigured(config, program.env):
        err.print(f"Channel {channel}: {variable} is not set, its alerts appear here.")
    for name, client in program.channels.items():
        if isinstance(client, Checkable):
            try:
                err.print(f"Channel {name}: {client.check()}")
            except DeliveryError as error:
                err.print(f"Channel {name}: {error}")


def _leave(program: Application) -> None:
    """End now, even if a delivery still waits for an answer: its row comes back as doubtful, and is looked up."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(_SHUTDOWN)
    program.archive.close()  # the last connection brings SQLite's log into its file
    telemetry.flush()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


@app.command()
def crawl(
    source: Annotated[list[str] | None, typer.Option(help="Visit this source; may be given several times.")] = None,
    due: Annotated[bool, typer.Option("--due", help="Visit only sources whose time has come.")] = False,
    alert_old: Annotated[
        bool, typer.Option("--alert-old", help="Alert on articles of any age too, as on a first run over an archive.")
    ] = False,
    deliver: Annotated[bool, typer.Option(help="Deliver waiting alerts afterwards.")] = True,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="No progress, no summary, no delivery: for the scheduler.")
    ] = False,
    errands: Annotated[bool, typer.Option(hidden=True, help="Visit what a worker says through a pipe.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Summary as JSON.")] = False,
) -> None:
    """Do one round and exit: for cron or a Kubernetes CronJob.

    Exit codes: 0 done, 2 configuration, 3 archive, 4 every polled source failed.
    """
    from monitor.crawling.due import sync_sources, what_is_due
    from monitor.crawling.run import crawl as run_crawl
    from monitor.crawling.run import run_errands

    if errands:
        run_errands(sys.stdin, sys.stdout)
        return
    program = application(environment(), console=sys.stderr if as_json else sys.stdout)
    for name in source or ():
        program.config.source(name)
    if not quiet:
        _ = program.channels
    _open(program)
    sync_sources(program)
    counts: Counter[str] = Counter()
    failed = False
    if not due or what_is_due(program):
        with _progress(shown=not quiet and not as_json) as progress:
            report = run_crawl(source or (), due=due, alert_old=alert_old, with_parent=quiet, progress=progress)
        counts, failed = report.counts, report.all_failed
        if report.interrupted:
            deliver = False
    if deliver and not quiet:
        done = _deliver_all(program)
        program.tell_notices()
        counts.update(sent=done.sent + done.found, undelivered=done.dead)
    if as_json:
        print_json(dict(counts))
    elif not quiet:
        err.print(_summary(counts))
    if failed:
        raise typer.Exit(EXIT_ALL_FAILED)


@contextmanager
def _progress(*, shown: bool) -> Iterator[Callable[[Counter[str]], None]]:
    """A line that tells of the run while it goes on; nothing in a pipe."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not (shown and err.is_terminal)) as progress:
        task = progress.add_task("polling sources")
        yield lambda counts: progress.update(task, description=_summary(counts))


def _summary(counts: Counter[str]) -> str:
    refused = f", {counts['undelivered']} refused (monitor alerts list --dead)" if counts["undelivered"] else ""
    return (
        f"{counts['polls']} sources polled ({counts['failed']} failed), {counts['new']} new articles, "
        f"{counts['edited']} edited, {counts['postponed']} to be tried again, {counts['alerts']} alerts{refused}"
    )


def _deliver_all(program: Application) -> "Delivered":
    """Deliver until nothing is left that can be sent within a minute."""
    from monitor.alerting.delivery import Delivered
    from monitor.alerting.delivery import deliver as deliver_pass

    limit = utc_now() + _DELIVERY_LIMIT
    outbox, total = program.archive.outbox, Delivered()
    while True:
        total += deliver_pass(outbox, program.channels, utc_now, program.per_hour)
        waits = [outbox.due_at(channel) for channel in outbox.waiting(limit)]
        now = utc_now()
        soonest = min((wait for wait in waits if wait), default=limit)
        if soonest >= limit or now >= limit:
            return total
        time.sleep(max(0.1, (soonest - now).total_seconds()))
