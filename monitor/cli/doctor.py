"""`monitor doctor`: what is wrong with an installation, and what to do about it."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from monitor.bootstrap import application, environment, utc_now
from monitor.cli.alerts import send_test
from monitor.cli.health import print_check
from monitor.cli.output import print_json
from monitor.cli.questions import AsJson


def doctor(
    send: Annotated[bool, typer.Option("--send", help="Send a made-up alert to each channel too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look at configuration, archive, disk, clock, network, Slack and sources, and say what to do.

    Exit code 1 if something is wrong.
    """
    from monitor.doctor import examine

    program = application(environment(), console=sys.stderr if as_json else sys.stdout)
    found = []
    for check in examine(program, utc_now):
        found.append(check)
        if not as_json:
            print_check(check)
    if as_json:
        print_json([asdict(check) for check in found])
    if send:
        send_test(None)
    if not all(check.well for check in found):
        raise typer.Exit(1)
