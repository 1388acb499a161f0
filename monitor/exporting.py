"""Articles and deals into files of other programs, one record at a time: JSON lines, CSV, Parquet."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

from monitor.archive import Tables
from monitor.archive.deals import DealFilter
from monitor.errors import MonitorError
from monitor.records import ARTICLE_COLUMNS, DEAL_COLUMNS, article_record, cells, deal_record
from monitor.searching.nodes import Node

ROWS = 1_000
"""Records of a row group in Parquet, which is what is held in memory."""

Record = Mapping[str, Any]


class Kind(StrEnum):
    """What is exported."""

    ARTICLES = "articles"
    DEALS = "deals"


class Format(StrEnum):
    """How it is written."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


def articles(tables: Tables, query: Node) -> Iterator[Record]:
    """The articles that fit, newest first, with the companies in them and what they say of deals."""
    for article_id in tables.search.walk(query):
        found = tables.articles.get(article_id)
        if found is not None:
            yield article_record(found.id, found.article, found.fetched, found.version, found.mentions,
                                 tables.deals.claims_of(found.id))  # fmt: skip


def deals(tables: Tables, wanted: DealFilter) -> Iterator[Record]:
    """The deals that fit, newest first."""
    return map(deal_record, tables.deals.walk(wanted))


def write(records: Iterable[Record], kind: Kind, written: Format, to: TextIO | Path) -> int:
    """Write records to a file, which appears when it is whole, or a stream; returns how many there were.

    Raises:
        MonitorError: for Parquet on a stream, or without pyarrow.
    """
    if written is Format.PARQUET:
        if not isinstance(to, Path):
            raise MonitorError("Parquet is written to a file: name one with --output")
        with _whole(to) as place:
            return _parquet(records, kind, place)
    if not isinstance(to, Path):
        return _lines(records, kind, written, to)
    with _whole(to) as place, place.open("w", encoding="utf-8", newline="") as stream:
        return _lines(records, kind, written, stream)


@contextmanager
def _whole(to: Path) -> Iterator[Path]:
    """A file beside the one that is wanted, which takes its place when all is written, and is removed otherwise."""
    place = to.with_name(f".{to.name}.part")
    try:
        yield place
        place.replace(to)
    finally:
        place.unlink(missing_ok=True)


def _lines(records: Iterable[Record], kind: Kind, written: Format, stream: TextIO) -> int:
    number = 0
    if written is Format.JSONL:
        for record in records:
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")
            number += 1
        return number
    columns = _columns(kind)
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(columns)
    for record in records:
        writer.writerow(cells(_flat(record[column]) for column in columns))
        number += 1
    return number


def _columns(kind: Kind) -> tuple[str, ...]:
    return ARTICLE_COLUMNS if kind is Kind.ARTICLES else DEAL_COLUMNS


def _flat(value: object) -> object:
    """Names between semicolons, where a list has no place."""
    return "; ".join(map(str, value)) if isinstance(value, list) else value


def _parquet(records: Iterable[Record], kind: Kind, place: Path) -> int:
    try:
        import pyarrow as pa  # noqa: PLC0415
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise MonitorError(
            "Parquet needs pyarrow: make parquet, or pip install 'funding-news-monitor[parquet]'"
        ) from error
    whole_numbers, numbers, lists = (
        {"id", "version", "articles"},
        {"amount_low", "amount_high", "amount_usd", "valuation_low", "valuation_high"},
        {"companies", "investors", "lead_investors", "corrected"},
    )
    times = {"published_at", "fetched_at", "opened_at", "seen_at"}

    def of(column: str) -> Any:
        if column in whole_numbers:
            return pa.int64()
        if column in numbers:
            return pa.float64()
        if column in times:
            return pa.timestamp("us", tz="UTC")
        return pa.list_(pa.string()) if column in lists else pa.string()

    columns = _columns(kind)
    schema = pa.schema([(column, of(column)) for column in columns])
    number = 0
    with parquet.ParquetWriter(place, schema) as writer:
        group: list[Record] = []
        for record in records:
            group.append({c: _time(record[c]) if c in times else record[c] for c in columns})
            number += 1
            if len(group) == ROWS:
                writer.write_table(pa.Table.from_pylist(group, schema=schema))
                group = []
        writer.write_table(pa.Table.from_pylist(group, schema=schema))
    return number


def _time(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
