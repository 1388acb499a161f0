"""`monitor health`: whether the program does its work, for a container's health check and for people."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from monitor import config
from monitor.archive import Archive
from monitor.bootstrap import environment, utc_now
from monitor.cli.output import out, print_json, safe
from monitor.cli.questions import AsJson
from monitor.readiness import Check, readiness
from monitor.settings import Schedule


def health(
    scheduled: Annotated[
        bool, typer.Option("--scheduler/--no-scheduler", help="Whether `monitor run` is to be at work on this archive.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Say whether the archive answers, the scheduler's jobs go on and alerts go out. Exit code 1 if not."""
    env = environment()
    schedule = config.load(env.config_path).schedule if env.config_path.exists() else Schedule()
    checks = readiness(Archive(env.database_url), utc_now(), schedule.deadline, scheduled=scheduled)
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        for check in checks:
            print_check(check)
    if not all(check.well for check in checks):
        raise typer.Exit(1)


def print_check(check: Check) -> None:
    """A line with a tick or a cross, and one with what to do."""
    out.print(Text(f"{'✓' if check.well else '✗'} {check.name}: {safe(check.seen)}"))
    if check.advice:
        out.print(Text(f"    → {check.advice}"))
