"""A site tried offline: what is read of a saved answer against what is expected of it.

A folder for each site holds `source.yaml`, saved answers, and beside each `NAME` a `NAME.json` with what is expected:
{"url": …, "title": …, "author": …, "published": "2024-06-07", "text_starts": …, "text_ends": …, "text_contains": […],
"text_lacks": […]} for a page, and {"url": …, "entries": [{"url": …, "title": …}], "least": 10} for a feed, listing, …
"""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from monitor.models import Entry, Page


class ExpectedEntry(BaseModel):
    """An entry that must be found."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    title: str | None = None
    published: str | None = None


class Expected(BaseModel):
    """What is expected of one saved answer; what is left out is not looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    content_type: str = ""
    title: str | None = None
    author: str | None = None
    published: str | None = None
    text_starts: str | None = None
    text_ends: str | None = None
    text_contains: tuple[str, ...] = ()
    text_lacks: tuple[str, ...] = ()
    entries: tuple[ExpectedEntry, ...] | None = None
    least: int | None = None

    @property
    def is_listing(self) -> bool:
        """True if entries are expected, not an article."""
        return self.entries is not None or self.least is not None


def page_differences(page: Page, expected: Expected) -> Iterator[str]:
    """What of a page is not as expected, in words."""
    for name in ("title", "author"):
        yield from _differs(name, getattr(expected, name), getattr(page, name))
    if expected.published is not None:
        found = page.published.isoformat() if page.published else ""
        if not found.startswith(expected.published):
            yield from _differs("published", expected.published, found or None)
    if expected.text_starts is not None and not page.text.startswith(expected.text_starts):
        yield f"text begins with {page.text[:60]!r}, not with {expected.text_starts!r}"
    if expected.text_ends is not None and not page.text.endswith(expected.text_ends):
        yield f"text ends with {page.text[-60:]!r}, not with {expected.text_ends!r}"
    yield from (f"text lacks {part!r}" for part in expected.text_contains if part not in page.text)
    yield from (f"text has {part!r}" for part in expected.text_lacks if part in page.text)


def entry_differences(entries: Sequence[Entry], expected: Expected) -> Iterator[str]:
    """What of the entries is not as expected, in words."""
    if expected.least is not None and len(entries) < expected.least:
        yield f"{len(entries)} entries, at least {expected.least} are expected"
    found = {entry.url: entry for entry in entries}
    for wanted in expected.entries or ():
        entry = found.get(wanted.url)
        if entry is None:
            yield f"no entry {wanted.url}"
            continue
        yield from _differs(f"title of {wanted.url}", wanted.title, entry.title)
        if wanted.published is not None:
            said = entry.published.isoformat() if entry.published else ""
            if not said.startswith(wanted.published):
                yield from _differs(f"published of {wanted.url}", wanted.published, said or None)


def _differs(name: str, expected: Any, found: Any) -> Iterator[str]:
    if expected is not None and expected != found:
        yield f"{name} is {found!r}, {expected!r} is expected"
