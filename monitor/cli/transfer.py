"""`monitor export`, `monitor import`: the archive and files of other programs."""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from monitor.archive.articles import Stored
from monitor.archive.deals import DealFilter
from monitor.bootstrap import application, environment, utc_now
from monitor.cli.output import err, print_json, tracked
from monitor.cli.questions import After, AsJson, Before, canonical_name, open_archive, resolved, to_utc
from monitor.errors import ConfigError
from monitor.exporting import Format, Kind, articles, deals, write
from monitor.searching.nodes import All, Within, all_of
from monitor.searching.query import parse


def export(
    kind: Annotated[Kind, typer.Argument(metavar="articles|deals", help="What.")],
    query: Annotated[str, typer.Argument(help="Articles that fit this query only (docs/searching.md).")] = "",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File; else standard output.")] = None,
    written: Annotated[
        Format | None, typer.Option("--format", help="Else by the file's ending, or JSON lines.")
    ] = None,
    company: Annotated[str | None, typer.Option(help="Deals of this company.")] = None,
    after: After = None,
    before: Before = None,
) -> None:
    """Write articles or deals as JSON lines, CSV or Parquet, newest first, as they are read: an archive of any size."""
    asked = all_of([resolved(parse(query, utc_now().date())), Within(to_utc(after), to_utc(before))])
    if kind is Kind.DEALS and query.strip():
        raise ConfigError(["a query is for articles; deals are chosen by --company, --after and --before"])
    wanted = DealFilter(canonical_name(company), after=to_utc(after), before=to_utc(before))
    form = written or (_by_ending(output) if output else Format.JSONL)
    quiet = output is None and sys.stdout.isatty()  # a bar would run into the lines
    with open_archive().reading() as tables:
        if kind is Kind.DEALS:
            found, total = deals(tables, wanted), None
        else:
            found = articles(tables, asked)
            total = tables.articles.count(None, None, None) if asked == All() else None
        number = write(tracked(found, total, "exporting", quiet=quiet), kind, form, output or sys.stdout)
    err.print(f"{number:,} {kind.value} written{f' to {output}' if output else ''}")


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="Lines with url, title, text, published_at …")],
    source: Annotated[str | None, typer.Option(help="The source of lines that name none.")] = None,
    as_json: AsJson = False,
) -> None:
    """Store articles from elsewhere: they are read for companies and deals and can be found; nobody is told of them."""
    from monitor.batch import count_lines
    from monitor.importing import import_articles

    program = application(environment())
    program.archive.upgrade()
    stored = import_articles(file, source, program.ingest(silent=True))
    done = Counter(tracked(stored, count_lines(file), "importing", quiet=as_json))
    counts = {state.value: done[state] for state in Stored}
    if as_json:
        print_json(counts)
    else:
        err.print(", ".join(f"{number:,} {state}" for state, number in counts.items()))


def _by_ending(output: Path) -> Format:
    endings = {".jsonl": Format.JSONL, ".ndjson": Format.JSONL, ".csv": Format.CSV, ".parquet": Format.PARQUET}
    found = endings.get(output.suffix.lower())
    if found is None:
        raise ConfigError(
            [f"{output}: the ending tells no format: name the file .jsonl, .csv or .parquet, or give --format"]
        )
    return found
