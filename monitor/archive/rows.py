"""Between values and columns that several tables share: facts of a deal, evidence, money."""

import struct
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Table
from sqlalchemy.dialects import postgresql, sqlite

from monitor.models import Claim, Deal, Evidence, Fact, Money, Span, Status


def facts_to_columns(facts: Claim | Deal) -> dict[str, Any]:
    """Columns of `tables._facts` for a claim or deal."""
    amount, valuation = facts.amount, facts.valuation
    return {
        "status": facts.status.value,
        "round": facts.round,
        "amount_text": amount and amount.text,
        "amount_low": amount and amount.low,
        "amount_high": amount and amount.high,
        "currency": amount and amount.currency,
        "valuation_text": valuation and valuation.text,
        "valuation_low": valuation and valuation.low,
        "valuation_high": valuation and valuation.high,
        "valuation_currency": valuation and valuation.currency,
        "investors": list(facts.investors),
        "lead_investors": list(facts.lead_investors),
    }


def facts_from_row(row: Row[Any]) -> dict[str, Any]:
    """The facts as keyword arguments of `Claim` and `Deal`."""
    return {
        "status": Status(row.status),
        "round": row.round,
        "amount": _money(row.amount_text, row.amount_low, row.amount_high, row.currency),
        "valuation": _money(row.valuation_text, row.valuation_low, row.valuation_high, row.valuation_currency),
        "investors": tuple(row.investors),
        "lead_investors": tuple(row.lead_investors),
    }


def said_to_json(said: Mapping[Fact, Any]) -> dict[str, Any]:
    """What a person says of facts (values as in `Deal`) for a column of JSON."""
    return {fact.value: _plain(value) for fact, value in said.items()}


def said_from_json(stored: Mapping[str, Any]) -> dict[Fact, Any]:
    """What `said_to_json` made of it."""
    return {Fact(name): _fact(Fact(name), value) for name, value in stored.items()}


def _plain(value: Any) -> Any:
    return asdict(value) if isinstance(value, Money) else value


def _fact(fact: Fact, value: Any) -> Any:
    if value is None:
        return None
    match fact:
        case Fact.STATUS:
            return Status(value)
        case Fact.AMOUNT | Fact.VALUATION:
            return Money(**value)
        case Fact.INVESTORS | Fact.LEAD_INVESTORS:
            return tuple(value)
    return value


def _money(text: str | None, low: float | None, high: float | None, currency: str | None) -> Money | None:
    return Money(text, low, high, currency) if text and currency else None


def span_to_columns(span: Span) -> dict[str, Any]:
    """Columns part, start, end."""
    return {"part": span.part, "start": span.start, "end": span.end}


def evidence_to_columns(evidence: Evidence) -> dict[str, Any]:
    """Columns of `tables._evidence`."""
    return {
        "sentence": evidence.sentence,
        "marks": [list(mark) for mark in evidence.marks],
        **span_to_columns(evidence.span),
    }


def evidence_from_row(row: Row[Any]) -> Evidence:
    """The evidence in a row of claims or alerts."""
    marks = tuple((start, end) for start, end in row.marks)
    return Evidence(row.sentence, Span(row.part, row.start, row.end), marks)


def insert_or_skip(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that leaves a row alone which another process wrote first (unique keys decide)."""
    return _insert_or_skip(connection.dialect.name, table)


@cache
def _insert_or_skip(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    made = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return made.on_conflict_do_nothing()


def signature_to_bytes(signature: tuple[int, ...]) -> bytes:
    """Hashes of 64 bits (`detection.reprints`), 8 bytes each."""
    return struct.pack(f">{len(signature)}Q", *signature)


def signature_from_bytes(stored: bytes | None) -> tuple[int, ...]:
    """The hashes; none for an article that was stored without."""
    return struct.unpack(f">{len(stored) // 8}Q", stored) if stored else ()
