"""`monitor feedback`: what people say of alerts, by rule and source, and as cases for backtests."""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from monitor.archive.feedback import precision
from monitor.cli.output import err, print_json, print_table
from monitor.cli.questions import After, AsJson, open_archive, to_utc


def feedback(
    after: After = None,
    channel: Annotated[str | None, typer.Option(help="Only alerts of this channel.")] = None,
    cases: Annotated[
        bool, typer.Option("--cases", help="Write the judged articles as labelled cases, a line of JSON each.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show how many alerts people found relevant: precision by rule of detection and by source.

    An alert counts as most of its judges say; one on which they are even does not count.
    """
    from monitor.cases import cases as labelled

    with open_archive().reading() as tables:
        if cases:
            for case in labelled(tables, tables.feedback.judged(to_utc(after), channel)):
                sys.stdout.write(json.dumps(case, ensure_ascii=False) + "\n")
            return
        found = precision(tables.feedback.judged(to_utc(after), channel))
    if as_json:
        print_json([{**asdict(one), "precision": round(one.share, 4)} for one in found])
        return
    print_table(
        ("by", "name", "relevant", "judged", "precision"),
        ((one.kind, one.name, str(one.relevant), str(one.judged), f"{one.share:.0%}") for one in found),
        empty="nobody has judged an alert yet: buttons of the cards in Slack do it",
    )
    if found:
        err.print("monitor feedback --cases > cases.jsonl; monitor backtest --cases cases.jsonl tries rules on them")
