"""What a page carries for its scripts: state of Next, Nuxt and the like, in which article and date stand as JSON."""

import json
import re
from datetime import datetime

from lxml.html import HtmlElement

from monitor.parsing.dates import parse_date
from monitor.parsing.markup import html_to_text

_QUOTE = r'(?:\\*"|&quot;|&#34;)'
_DATE = re.compile(
    rf"{_QUOTE}(?:date_?published|published_?(?:at|date|time|on)|publish_?(?:date|time|at)|pub_?(?:date|time)|first_?published(?:_?at)?)"
    rf"{_QUOTE}\s*:\s*(?:{_QUOTE})?([^\"\\&,}}\]]{{8,40}})",
    re.IGNORECASE,
)
_TEXT = re.compile(
    r'"(?:article_?body|content|content_?html|body|body_?html|html|text|widgetContent|description)"\s*:\s*("(?:[^"\\]|\\.){300,400000}")',
    re.IGNORECASE,
)
_LARGEST = 3_000_000


def date_in_state(markup: str, zone: str, now: datetime | None) -> datetime | None:
    """The first date of publication in the page's embedded JSON, escaped or not."""
    for found in _DATE.finditer(markup, 0, _LARGEST):
        if moment := parse_date(found[1], zone, now):
            return moment
    return None


def text_in_state(tree: HtmlElement) -> str:
    """The longest text of an article in the page's embedded JSON, as plain text; "" where there is none."""
    best = ""
    for script in tree.xpath("//script[not(@src)]"):
        source = script.text or ""
        for found in _TEXT.finditer(source, 0, _LARGEST):
            if len(found[1]) > len(best):
                best = found[1]
    try:
        return html_to_text(json.loads(best, strict=False)) if best else ""
    except ValueError:
        return ""
