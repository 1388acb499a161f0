"""Detection over files: one JSON object a line in, one out. Nothing is read from or written to the archive."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from monitor.detection.detector import Detector
from monitor.detection.stream import DealStream
from monitor.errors import ParseError
from monitor.models import Claim, Money
from monitor.parsing.dates import parse_date
from monitor.text import clean, clean_line


class Item(BaseModel):
    """One line of the input; keys that are not known are left alone."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    id: str
    title: str = ""
    text: str = ""
    url: str = ""
    published_at: str | None = Field(None)


Kind = TypeVar("Kind", bound=Item)


def read_items(path: Path, kind: type[Kind]) -> Iterator[Kind]:
    """The items of a kind in a file of JSON lines; empty lines are passed over.

    Raises:
        ParseError: naming file, line and field, at the first line that is none.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _item(line, f"{path}:{number}", kind)
    except (OSError, UnicodeDecodeError) as error:
        raise ParseError(f"{path}: this file cannot be read: {error}") from error


def count_lines(path: Path) -> int:
    """The lines of a file, for a bar that shows how far a batch has come; 0 where it cannot be read."""
    try:
        with path.open("rb") as lines:
            return sum(1 for _ in lines)
    except OSError:
        return 0


def _item(line: str, place: str, kind: type[Kind]) -> Kind:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise ParseError(f"{place}: {field}{': ' if field else ''}{first['msg']}") from error


class Batch:
    """Detects item by item; reports of one deal get one `event` over the whole input, a stream in its order."""

    def __init__(self, detector: Detector, *, everyone: bool) -> None:
        self._detector = detector
        self._everyone = everyone
        self._stream = DealStream()
        self._events: dict[int, str] = {}
        self._opened: Counter[str] = Counter()
        self._at = datetime.fromtimestamp(0, UTC)

    def detect(self, item: Item) -> dict[str, Any]:
        """The line of the output for an item: {"id", "deals": [...]}."""
        published = parse_date(item.published_at, "UTC") if item.published_at else None
        self._at = published or self._at
        found = self._detector.detect(clean_line(item.title), clean(item.text), published=published)
        wanted = [claim for claim in found.claims if self._everyone or claim.watched]
        return {"id": item.id, "deals": [self._deal(claim, item.id) for claim in wanted]}

    def _event(self, claim: Claim, item: str) -> str:
        """The name of the deal told: the item that told it first, and which of that item's deals it is.

        So outputs of several inputs can be put together without two deals of one name.
        """
        number = self._stream.tell(claim, self._at).id
        if number not in self._events:
            self._opened[item] += 1
            self._events[number] = f"{item}#{self._opened[item]}"
        return self._events[number]

    def _deal(self, claim: Claim, item: str) -> dict[str, Any]:
        event = self._event(claim, item) if claim.news else None
        return {**deal_fields(claim), "event": event, "evidence": claim.evidence.sentence, "rule": claim.rule}


def deal_fields(claim: Claim) -> dict[str, Any]:
    """A claim in the fields of labelled deals."""
    amount, valuation = claim.amount, claim.valuation
    return {
        "company": claim.company,
        "watched": claim.company if claim.watched else None,
        "news": claim.news,
        "status": claim.status.value,
        "round": claim.round,
        "amount_text": amount.text if amount else None,
        "amount_low": amount.low if amount else None,
        "amount_high": amount.high if amount else None,
        "currency": amount.currency if amount else None,
        "valuation_text": valuation.text if valuation else None,
        "valuation": _one(valuation),
        "valuation_currency": valuation.currency if valuation else None,
        "lead_investors": list(claim.lead_investors),
        "investors": list(claim.investors),
    }


def _one(money: Money | None) -> float | None:
    """A valuation is one number: the exact one, else the end that is stated."""
    if money is None:
        return None
    return money.low if money.low is not None else money.high


def names_in(path: Path) -> Sequence[str]:
    """The names in a plain text file, one a line; empty lines and those beginning with # are passed over."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def dump(line: dict[str, Any]) -> str:
    """A line of the output, with its end."""
    return json.dumps(line, ensure_ascii=False) + "\n"
