"""JSON answers of sites' own interfaces: bytes in, entries out, by JMESPath (https://jmespath.org)."""

import html
import json
import re
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import quote

import jmespath
from jmespath.exceptions import JMESPathError

from monitor.errors import ParseError, UrlError
from monitor.parsing.items import Item, Reading
from monitor.parsing.listings import Listing, listed
from monitor.settings import ApiRule, Way
from monitor.urls import canonical

_JSONP = re.compile(rb"\A\s*(?:/\*.*?\*/)?\s*[\w$.]{1,80}\s*\(\s*(.*\S)\s*\)\s*;?\s*\Z", re.DOTALL)
_PLACE = re.compile(r"\{([^{}]*)\}")
_TAG = re.compile(r"<[a-zA-Z/!]")


def parse_api(body: bytes, url: str, way: Way, *, timezone: str = "UTC", now: datetime | None = None) -> Listing:
    """Read a JSON answer (JSONP too) by the expressions of `way.api`.

    Numbers count as their digits; dates are seconds or milliseconds since 1970 or as parse_date reads them; texts may
    be HTML. Relative links start from `url`.

    Raises:
        ParseError: when it is no JSON, or `entries` finds no list in it.
    """
    rule = way.api
    if rule is None:
        raise ParseError(f"{url}: the source has no `api`: where the answer has its entries")
    answer = _json(body, url)
    found = _search(rule.entries, answer, url)
    if isinstance(found, str):
        found = _json(found.encode(), url)  # some interfaces wrap JSON in a text of JSON
    if not isinstance(found, list):
        raise ParseError(
            f"{url}: api.entries ({rule.entries}) finds no list, but {_shown(found)}; the answer has {_shown(answer)}"
        )
    items = [_item(value, rule, url) for value in found if isinstance(value, dict)]
    if found and not items:
        raise ParseError(f"{url}: api.entries ({rule.entries}) finds a list of {_shown(found[0])}, not of objects")
    return listed(items, Reading(url, way.links, timezone, now), url, _next(rule, answer, url))


def _json(body: bytes, url: str) -> Any:
    if wrapped := _JSONP.match(body):
        body = wrapped[1]
    try:
        return json.loads(body.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"{url}: is no valid JSON: {error}") from error


def _item(value: dict[str, Any], rule: ApiRule, url: str) -> Item:
    return Item(
        title=_text(rule.title, value, url),
        links=tuple(filter(None, (filled(rule.url, value, url),))),
        summary=_html(_text(rule.summary, value, url)),
        content=_html(_text(rule.content, value, url)),
        author=_text(rule.author, value, url),
        dates=(_text(rule.date, value, url),),
    )


def filled(template: str, value: Any, url: str) -> str:
    """An address from a template with expressions in braces, or from one expression; "" if one finds nothing."""
    if not template.startswith(("http://", "https://")):
        return _text(template, value, url)
    parts = {place: _text(place, value, url) for place in _PLACE.findall(template)}
    if not all(parts.values()):
        return ""
    return _PLACE.sub(lambda found: quote(parts[found[1]], safe="/-._~"), template)


def _next(rule: ApiRule, answer: Any, url: str) -> str:
    try:
        return canonical(filled(rule.next, answer, url), url) if rule.next else ""
    except UrlError:
        return ""


def _text(expression: str | None, value: Any, url: str) -> str:
    found = _search(expression, value, url) if expression else None
    if isinstance(found, list):
        found = ", ".join(str(one) for one in found if isinstance(one, str | int))
    return str(found).strip() if isinstance(found, str | int | float) and not isinstance(found, bool) else ""


def _search(expression: str, value: Any, url: str) -> Any:
    try:
        return _compiled(expression).search(value)
    except (JMESPathError, RecursionError, TypeError) as error:
        raise ParseError(f"{url}: {expression} cannot be applied to the answer: {error}") from error


@cache
def _compiled(expression: str) -> Any:
    return jmespath.compile(expression)


def _html(text: str) -> str:
    return text if _TAG.search(text) else html.escape(text, quote=False).replace("\n", "<br>")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return f"an object with {', '.join(list(value)[:8]) or 'nothing'}"
    return "nothing" if value is None else f"a {type(value).__name__}"
