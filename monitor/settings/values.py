"""Durations, sizes, names: what configured values are made of, and their common base."""

import re
from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

_DURATION = re.compile(r"(\d+)\s*(s|m|h|d|w)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LONGEST = 10 * 365 * 86_400
_SIZE = re.compile(r"(\d+)\s*(KB|MB|GB)")
_LARGEST = 2_000_000_000
_BYTES = {"KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


def parse_duration(value: object) -> timedelta:
    """A duration such as `90s`, `10m`, `6h`, `3d`, `2w`.

    Raises:
        ValueError: when the value is anything else.
    """
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError("is no duration: write a number and a unit, as in 90s, 10m, 6h, 3d, 2w")
    seconds = int(found[1]) * _SECONDS[found[2]]
    if seconds > _LONGEST:
        raise ValueError("is longer than ten years")
    return timedelta(seconds=seconds)


def parse_size(value: object) -> int:
    """A size in bytes such as `500KB` or `64MB` (decimal units).

    Raises:
        ValueError: when the value is anything else.
    """
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError("is no size: write a number and a unit, as in 500KB or 64MB")
    size = int(found[1]) * _BYTES[found[2]]
    if not 0 < size <= _LARGEST:
        raise ValueError("must lie between 1KB and 2GB")
    return size


_Duration = Annotated[
    timedelta,
    BeforeValidator(lambda v: v if isinstance(v, timedelta) else parse_duration(v)),
    WithJsonSchema({"type": "string", "pattern": r"^\d+\s*(s|m|h|d|w)$", "examples": ["10m", "6h", "3d"]}),
]
Duration = Annotated[_Duration, Field(ge=timedelta(seconds=1))]
DurationOrNone = Annotated[_Duration, Field(ge=timedelta(0))]
Size = Annotated[
    int,
    BeforeValidator(lambda v: v if isinstance(v, int) else parse_size(v)),
    WithJsonSchema({"type": "string", "pattern": r"^\d+\s*(KB|MB|GB)$", "examples": ["500KB", "64MB"]}),
]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
Term = Annotated[str, Field(min_length=1, max_length=200)]
Language = Literal["zh", "en"]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError("is no time zone; write an IANA name such as Asia/Shanghai") from None
    return name


Zone = Annotated[str, AfterValidator(_zone)]


class Settings(BaseModel):
    """Base of all configured values: frozen, no unknown keys, no silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
