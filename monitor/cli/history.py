"""`backfill` and `reextract`: the past of the sources, fetched or read again."""

import sys
from collections import Counter
from datetime import datetime
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from monitor.bootstrap import application, environment, utc_now
from monitor.cli.output import err, print_json
from monitor.cli.questions import AsJson, open_archive
from monitor.reextraction import reextract as read_again

_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


def backfill(
    source: Annotated[str, typer.Argument(help="Name of a configured source.")],
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Articles of this day or later (UTC).")],
    as_json: AsJson = False,
) -> None:
    """Fetch what a source published in the past, from its sitemaps and feed archives. Nothing alerts.

    Ctrl-C ends it; the same command goes on where it was.
    """
    from monitor.crawling.due import sync_sources
    from monitor.crawling.run import backfill as run_backfill

    program = application(environment(), console=sys.stderr)
    program.config.source(source)
    program.archive.upgrade()
    sync_sources(program)
    with Progress(*_COLUMNS, console=err, transient=True, disable=as_json or not err.is_terminal) as progress:
        task = progress.add_task(f"backfilling {source}", total=None)

        def tell(counts: Counter[str]) -> None:
            progress.update(task, total=counts["entries"] or None, completed=counts["new"] + counts["postponed"])

        report = run_backfill(source, since.date(), tell)
    with open_archive().reading() as tables:
        left = tables.backfills.left(source)
    if as_json:
        print_json({**report.counts, "left": left})
        return
    counts = report.counts
    err.print(
        f"{source}: {counts['new']} articles stored, {counts['edited']} edited, {counts['postponed']} failed, "
        f"{left} left" + ("; the same command goes on" if left else "")
    )


def reextract(
    source: Annotated[str | None, typer.Option(help="Only articles of this source.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read all kept pages again (crawl.raw_pages) with extraction as it is now. Nothing alerts."""
    program = application(environment(), console=sys.stderr)
    archive = open_archive()
    with archive.reading() as tables:
        total = tables.raw_pages.count(source)
    outcomes: Counter[str] = Counter()
    with Progress(*_COLUMNS, console=err, transient=True, disable=as_json or not err.is_terminal) as progress:
        again = read_again(archive, program.config, program.ingest(silent=True), source, utc_now())
        for outcome in progress.track(again, total=total, description="reading pages again"):
            outcomes[outcome] += 1
    if as_json:
        print_json({"pages": total, **outcomes})
        return
    err.print(
        f"{total} pages: {outcomes['edited']} articles changed, {outcomes['unchanged']} unchanged, "
        f"{outcomes['failed']} left as they were"
    )
