"""`extract`: the articles on saved pages."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from monitor.bootstrap import utc_now
from monitor.cli.output import err


def extract(
    index: Annotated[Path, typer.Argument(metavar="INDEX.json", help='An array of {"file", "url"}, relative to it.')],
) -> None:
    """Extract the articles of saved pages: a line of JSON for each: title, author, published, text, language."""
    from monitor import extraction  # what reads pages is loaded by those who do

    quiet = not err.is_terminal or sys.stdout.isatty()  # a bar would run into the lines
    total = len(extraction.read_index(index))
    with Progress(console=err, transient=True, redirect_stdout=False, disable=quiet) as progress:
        for found in progress.track(extraction.extract(index, utc_now()), total=total, description="reading pages"):
            sys.stdout.write(found.line())
            if found.problem:
                err.print(f"warning: {found.problem}")
