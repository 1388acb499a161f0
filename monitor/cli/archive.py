"""`monitor db`: the archive's schema, backups, and an archive on another database."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from monitor import retention
from monitor.archive import Archive
from monitor.archive.soundness import Finding
from monitor.bootstrap import application, environment, utc_now
from monitor.cli.output import err, out, print_json, safe, tracked
from monitor.errors import ArchiveError

app = typer.Typer(no_args_is_help=True, help="Look after the archive.")


@app.command()
def upgrade() -> None:
    """Bring the archive to the newest schema version; `run` and `crawl` do so by themselves."""
    archive = Archive(environment().database_url)
    archive.upgrade()
    err.print(f"{archive.address}: at the newest version")


@app.command()
def reindex() -> None:
    """Make the search index anew, in one transaction: searches find what they found before until it is done."""
    archive = Archive(environment().database_url)
    archive.check_version()
    with archive.writing() as tables:
        tables.index.clear()
        missing = tables.index.missing()
        for article_id in tracked(missing, len(missing), "indexing", quiet=False):
            tables.index.refresh(article_id)
    err.print(f"{archive.address}: {len(missing):,} articles indexed")


@app.command()
def check(as_json: Annotated[bool, typer.Option("--json", help="Result as JSON.")] = False) -> None:
    """Say whether the archive is sound: its tables, its pages, and whether what it holds fits together.

    It reads every article, while the program runs. Exit code 3 if anything is wrong.
    """
    archive = Archive(environment().database_url)
    archive.check_version()
    drift = tuple(str(difference) for difference in archive.drift())
    advice = "tables were changed by hand, or an upgrade did not end: restore a backup" if drift else ""
    found = [Finding("the tables are those of this program", len(drift), drift[:5], advice)]
    with archive.reading() as tables:
        found += tracked(tables.soundness.all(), None, "checking", quiet=as_json)
    if as_json:
        print_json([asdict(finding) for finding in found])
    else:
        for finding in found:
            _print(finding)
    wrong = [finding for finding in found if finding.wrong]
    if wrong:
        raise ArchiveError(f"{archive.address}: not sound: {len(wrong)} of {len(found)} checks found something")
    if not as_json:
        out.print(f"{archive.address}: all right")


def _print(finding: Finding) -> None:
    told = f": {finding.wrong:,} are not: {safe(', '.join(finding.first))}" if finding.wrong else ""
    out.print(Text(f"{'✗' if finding.wrong else '✓'} {finding.what}{told}"))
    if finding.advice:
        out.print(Text(f"    → {finding.advice}"))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where it goes; must not be there yet.")],
) -> None:
    """Write the archive as it is now to a file, while the program runs: SQLite itself, or a dump of Postgres."""
    archive = Archive(environment().database_url)
    archive.check_version()
    archive.backup(file)
    err.print(f"{file}: {file.stat().st_size:,} bytes, sound")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `monitor db backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the archive that is there.")] = False,
) -> None:
    """Let the archive be what a backup holds, brought to the newest version. Nothing else may run on it."""
    archive = Archive(environment().database_url)
    leadership = archive.leadership()
    if archive.exists and not leadership.take():
        raise ArchiveError(f"{archive.address}: a scheduler runs on it; end `monitor run` first")
    try:
        archive.restore(file, force=force)
    finally:
        leadership.release()
    err.print(f"{archive.address}: restored from {file}")


@app.command()
def copy(
    target: Annotated[str, typer.Argument(help="Where to: sqlite:///file.db or postgresql://user@host/database.")],
    index: Annotated[bool, typer.Option(help="Make the search index there too.")] = True,
    verify: Annotated[bool, typer.Option(help="Hold every value against the source afterwards.")] = True,
) -> None:
    """Copy the archive to another database, as from SQLite to Postgres. Nothing else may write meanwhile.

    Ctrl-C ends it; the same command goes on where it stopped.
    """
    source, other = Archive(environment().database_url), Archive(target)
    source.check_version()
    other.upgrade()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as progress:
        task = progress.add_task("")
        for step in source.copy_to(other):
            progress.update(task, description=step.table, completed=step.done, total=step.total)
    if verify:
        _verify(source, other)
    if index:
        _index(other)
    err.print(f"{other.address}: holds what {source.address} holds")


def _index(archive: Archive) -> None:
    """Index what is missing, some at a time, so that it goes on where it was ended."""
    with archive.reading() as tables:
        missing = tables.index.missing()
    parts = [missing[start : start + _INDEXED] for start in range(0, len(missing), _INDEXED)]
    for part in tracked(parts, len(parts), "indexing", quiet=False):
        with archive.writing() as tables:
            for article_id in part:
                tables.index.refresh(article_id)


_INDEXED = 500
"""Articles that are indexed in one transaction."""


def _verify(source: Archive, other: Archive) -> None:
    different = [
        f"{compared.table}: {compared.rows[0]:,} rows there, {compared.rows[1]:,} here"
        for compared in source.compared_with(other)
        if not compared.same
    ]
    if different:
        raise ArchiveError("the copy differs from the source: " + "; ".join(different))


@app.command()
def forget(as_json: Annotated[bool, typer.Option("--json", help="Result as JSON.")] = False) -> None:
    """Forget what `retention` in monitor.yaml says, now; `run` does so every six hours."""
    program = application(environment())
    program.archive.check_version()
    done = retention.forget(program.archive, program.config.retention, utc_now())
    if as_json:
        print_json(done)
        return
    if not done:
        err.print("monitor.yaml says nothing of `retention`: everything is kept")
    for rule, number in done.items():
        err.print(f"{rule}: {number:,} forgotten")
