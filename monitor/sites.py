"""Trying a site offline: a folder of saved answers with what is expected of each (see `parsing.expectations`)."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from monitor.config.explain import validated
from monitor.config.yamlfile import read_yaml
from monitor.errors import ConfigError, ParseError
from monitor.models import Entry
from monitor.parsing.api import parse_api
from monitor.parsing.expectations import Expected, entry_differences, page_differences
from monitor.parsing.feeds import parse_feed
from monitor.parsing.listings import parse_listing
from monitor.parsing.pages import parse_page
from monitor.parsing.sitemaps import parse_sitemap
from monitor.settings import Source


def try_site(folder: Path, now: datetime) -> Iterator[str]:
    """What of a site's saved answers is not read as expected, a line each: `file: what`.

    Raises:
        ConfigError: when source.yaml or an expectation cannot be used, or nothing is expected at all.
    """
    source = _source(folder / "source.yaml")
    expectations = sorted(folder.glob("*.json"))
    if not expectations:
        raise ConfigError([f"{folder}: nothing is expected: write NAME.json beside a saved NAME"])
    for file in expectations:
        saved = file.with_suffix("")
        expected = _expected(file)
        try:
            yield from (f"{saved}: {line}" for line in _differences(source, saved.read_bytes(), expected, now))
        except (OSError, ParseError) as error:
            yield f"{saved}: {error}"


def _differences(source: Source, body: bytes, expected: Expected, now: datetime) -> Iterator[str]:
    if expected.is_listing:
        return entry_differences(entries_in(source, body, expected, now), expected)
    page = parse_page(
        body,
        expected.url,
        content_type=expected.content_type,
        timezone=source.timezone,
        now=now,
        rule=source.page,
    )
    return page_differences(page, expected)


def entries_in(source: Source, body: bytes, expected: Expected, now: datetime) -> tuple[Entry, ...]:
    """The entries in a saved answer of the source's first way."""
    zone = source.timezone
    if source.kind == "sitemap":
        return parse_sitemap(body, expected.url, source, timezone=zone, now=now).entries
    if source.kind == "api":
        return parse_api(body, expected.url, source, timezone=zone, now=now).entries
    if source.kind == "listing":
        return parse_listing(
            body, expected.url, source, content_type=expected.content_type, timezone=zone, now=now
        ).entries
    return parse_feed(body, expected.url, expected.content_type, rules=source.links, timezone=zone, now=now).entries


def _source(path: Path) -> Source:
    try:
        return validated(Source, read_yaml(path.read_text(encoding="utf-8"), str(path)))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: this file cannot be read: {error}"]) from error


def _expected(path: Path) -> Expected:
    try:
        return Expected.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise ConfigError([f"{path}: {field}{': ' if field else ''}{first['msg']}"]) from error
