"""Extraction over saved pages: an index of files in, an article a line out. Nothing touches the archive."""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from monitor.errors import ParseError
from monitor.models import Page
from monitor.parsing.markup import decode, html_to_text
from monitor.parsing.pages import parse_page
from monitor.text import language_of

_LARGEST = 50_000_000
_ZONES = {"zh": "Asia/Shanghai"}
"""Zone of dates without one, by the language of a page: saved pages belong to no source that would name it."""


class Saved(BaseModel):
    """One entry of the index: `file` is relative to it, may be gzip; other keys are left alone."""

    model_config = ConfigDict(extra="ignore")

    file: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Extracted:
    """One line of the output; `problem` says why a page gave nothing."""

    file: str
    page: Page
    problem: str = ""

    def line(self) -> str:
        """The line as JSON: file, title, author, published (ISO 8601, or null), text, language."""
        page = self.page
        return (
            json.dumps(
                {
                    "file": self.file,
                    "title": page.title,
                    "author": page.author,
                    "published": page.published and page.published.isoformat(),
                    "text": page.text,
                    "language": page.language,
                },
                ensure_ascii=False,
            )
            + "\n"
        )


def read_index(path: Path) -> list[Saved]:
    """The entries of an index: a JSON array of {"file", "url"}.

    Raises:
        ParseError: naming file, entry and field, when it is none.
    """
    try:
        return TypeAdapter(list[Saved]).validate_json(path.read_bytes())
    except OSError as error:
        raise ParseError(f"{path}: this file cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"])
        raise ParseError(f'{path}: {place or "the file"}: {first["msg"]}; [{{"file": …, "url": …}}] is read') from error


def extract(index: Path, now: datetime) -> Iterator[Extracted]:
    """The articles on the pages that an index names, in its order; a page that cannot be read has a `problem`."""
    for saved in read_index(index):
        try:
            yield Extracted(saved.file, _read(index.parent / saved.file, saved.url, now))
        except (ParseError, OSError, EOFError, zlib.error) as error:
            reason = (isinstance(error, OSError) and error.strerror) or str(error)
            yield Extracted(saved.file, Page("", ""), f"{saved.file}: {reason}")


def _read(path: Path, url: str, now: datetime) -> Page:
    body = path.read_bytes()
    if body[:2] == b"\x1f\x8b":
        body = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, _LARGEST)
    zone = _ZONES.get(language_of(html_to_text(decode(body))[:5_000]) or "", "UTC")
    return parse_page(body, url, timezone=zone, now=now)
