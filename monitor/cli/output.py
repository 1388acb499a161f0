"""How the command line shows things: tables for people, JSON for scripts, colours only on a terminal."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

from rich.cells import cell_len
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from monitor.models import Money

Item = TypeVar("Item")

_NEVER_WRAPPED = 16
"""Cells as wide as a time or a status stay on one line."""


class Printer(Console):
    """Texts come from web pages: nothing in them is markup, a number to colour or an emoji code."""

    def __init__(self, *, stderr: bool, soft_wrap: bool) -> None:
        super().__init__(stderr=stderr, markup=False, highlight=False, emoji=False, soft_wrap=soft_wrap)

    def on_broken_pipe(self) -> None:
        """Leave the error to `monitor.cli.main`; rich would end the process with code 1."""
        raise  # noqa: PLE0704 - called while the error is handled


out = Printer(stderr=False, soft_wrap=not sys.stdout.isatty())
err = Printer(stderr=True, soft_wrap=True)


def print_json(value: object) -> None:
    """Print a value as JSON: dataclasses as objects, times in ISO 8601, spans in seconds."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")


def plain(value: object) -> Any:
    """The value in the types of JSON."""
    if is_dataclass(value) and not isinstance(value, type):
        return {key: plain(inner) for key, inner in asdict(value).items()}
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.value if isinstance(value, Enum) else value


def tracked(items: Iterable[Item], number: int | None, what: str, *, quiet: bool) -> Iterator[Item]:
    """The items, with a bar on a terminal that shows how far they have come, unless it is to be `quiet`.

    `number` is how many there are, if that is known. What is written to standard output meanwhile is left alone.
    """
    disable = quiet or not err.is_terminal
    with Progress(console=err, transient=True, redirect_stdout=False, disable=disable) as progress:
        yield from progress.track(items, total=number, description=what)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str | Text]], *, empty: str) -> None:
    """Print rows under headings; `empty` where there are none. In a pipe: values between tabs, one row a line.

    On a terminal, columns without any value are left out, and narrow ones are not wrapped.
    """
    listed = list(rows)
    if not listed:
        err.print(empty)
        return
    if not out.is_terminal:
        for row in listed:
            out.print("\t".join(" ".join(str(cell).split()) for cell in row))
        return
    shown = [i for i in range(len(columns)) if any(str(row[i]) not in ("", "-") for row in listed)]
    table = Table(box=None, header_style="bold", pad_edge=False)
    for i in shown:
        short = max(cell_len(str(row[i])) for row in listed) <= _NEVER_WRAPPED
        table.add_column(columns[i], overflow="fold", no_wrap=short)
    for row in listed:
        cells = (row[i] for i in shown)
        table.add_row(*(cell if isinstance(cell, Text) else Text(safe(cell)) for cell in cells))
    out.print(table)


def safe(text: str) -> str:
    """Text without characters that a terminal would obey."""
    return "".join(c for c in text if c in "\n\t" or (c >= " " and not "\x7f" <= c <= "\x9f"))


@contextmanager
def paged() -> Iterator[None]:
    """On a terminal, output that is longer than it goes through the pager (PAGER, less), with its colours."""
    if not out.is_terminal or os.environ.get("TERM") == "dumb":
        yield
        return
    os.environ.setdefault("LESS", "FRX")
    with out.pager(styles=True):
        yield


def marked(text: str, marks: Iterable[tuple[int, int]], style: str = "") -> Text:
    """Text with places in bold."""
    shown = Text(safe(text), style=style)
    if len(shown) == len(text):
        for start, end in marks:
            shown.stylize("bold yellow", start, end)
    return shown


def pointed(text: str, start: int, end: int) -> str:
    """A line with a second one under it that points at characters `start` to `end`; a Chinese one is two cells wide."""
    line = safe(" ".join(text.splitlines()) or " ")
    return f"  {line}\n  {' ' * cell_len(safe(text[:start]))}{'^' * max(1, cell_len(safe(text[start:end])))}"


def when(moment: datetime | None) -> str:
    """A time for people, in UTC."""
    return moment.strftime("%Y-%m-%d %H:%M") if moment else "-"


def amount(money: Money | None) -> str:
    """An amount as it was written, with its currency."""
    return f"{money.text} ({money.currency})" if money else "-"
