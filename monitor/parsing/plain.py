"""Text and Markdown files as pages."""

import re

import yaml

from monitor.models import Page
from monitor.parsing.dates import parse_date
from monitor.text import clean, clean_line

_FRONT_MATTER = re.compile(r"---\n(?P<head>(?:.*\n){1,40}?)---(?:\n|$)")


def parse_plain(body: bytes, zone: str = "UTC") -> Page:
    """A page from UTF-8 text.

    Title and date are those of a Markdown head between lines of `---`; without one the first line is the title.
    """
    text = clean(body.decode("utf-8", errors="replace"))
    found = _FRONT_MATTER.match(text)
    head = _head(found["head"]) if found else {}
    if found and head.get("title"):
        published = parse_date(head["date"], zone) if head.get("date") else None
        return Page(clean_line(head["title"]), text[found.end() :], published=published)
    title, _, rest = text.partition("\n")
    return Page(clean_line(title), rest)


def _head(head: str) -> dict[str, str]:
    """The keys of a head with their values as text; nothing where it is no YAML."""
    try:
        read = yaml.load(head, Loader=yaml.BaseLoader)  # noqa: S506 - makes texts, lists and mappings only
    except yaml.YAMLError:
        return {}
    return {key: value for key, value in read.items() if isinstance(value, str)} if isinstance(read, dict) else {}
