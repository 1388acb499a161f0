"""`monitor db`: the archive's schema."""

import typer

from monitor.archive import Archive
from monitor.bootstrap import environment
from monitor.cli.output import err, out, tracked
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
        number = tables.index.missing()
        for _ in tracked(tables.index.complete(), number, "indexing", quiet=False):
            pass
    err.print(f"{archive.address}: {number:,} articles indexed")


@app.command()
def check() -> None:
    """Say whether the archive has the tables that this program works with (exit code 3 if not)."""
    archive = Archive(environment().database_url)
    archive.check_version()
    differences = archive.drift()
    if differences:
        raise ArchiveError(f"{archive.address}: differs from what is expected: {differences}")
    out.print(f"{archive.address}: all right")
