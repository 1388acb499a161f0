"""Cursors: where the next page begins, written so that nobody builds one by hand."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any


class BadCursorError(ValueError):
    """What was given is no cursor of this list."""


def written_cursor(*values: datetime | int | str) -> str:
    """The values as a cursor."""
    plain = [value.timestamp() if isinstance(value, datetime) else value for value in values]
    return urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def read_cursor(text: str, *kinds: type) -> Any:
    """The values of a cursor as a tuple, of these kinds (one alone as it is); None for an empty text.

    Raises:
        BadCursorError: when it is none, or of another list.
    """
    if not text:
        return None
    try:
        values = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(values, list) or len(values) != len(kinds):
            raise BadCursorError(text)
        read = tuple(_read(value, kind) for value, kind in zip(values, kinds, strict=True))
    except (ValueError, OverflowError, OSError, RecursionError) as error:
        raise BadCursorError(f"{text[:50]!r} is no cursor of this list: take one from `next`") from error
    return read if len(kinds) > 1 else read[0]


def _read(value: Any, kind: type) -> Any:
    if kind is datetime and isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    if kind is int and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return value
    if kind is str and isinstance(value, str):
        return value
    raise BadCursorError("of another list")
