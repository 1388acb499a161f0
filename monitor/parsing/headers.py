"""What HTTP headers say of when to come again. Nothing is believed that would keep a source silent for months."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_RETRY_AFTER = timedelta(days=30)
"""A longer Retry-After is a mistake of the server's."""

LONGEST_FRESHNESS = timedelta(days=7)
"""A longer max-age is meant for files that never change, not for news."""

# Possessive throughout: no header takes more than one pass.
_VALUE = r'(?:"(?:[^"\\]|\\.)*+"|[^\s";,<>]*+)'
_PARAMETER = re.compile(rf';\s*+([^\s"=;,<>]*+)\s*+(?:=\s*+({_VALUE})\s*+)?+', re.DOTALL)
_LINK = re.compile(rf'<([^<>]*+)>\s*+((?:;\s*+[^\s"=;,<>]*+\s*+(?:=\s*+{_VALUE}\s*+)?+)*+)', re.DOTALL)

_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,10})\"?\s*(?=,|$)", re.IGNORECASE)
_UNCACHED = re.compile(r"(?:^|,)\s*(?:no-cache|no-store)\b", re.IGNORECASE)


def retry_after(header: str, now: datetime, date: str = "") -> timedelta | None:
    """The wait that a Retry-After header asks for, as seconds or as an HTTP date; None where it says nothing usable.

    A date counts from the server's own `date` header if it has one, since its clock may be off (RFC 9110, 10.2.3).
    """
    text = header.strip()
    if text.isascii() and text.isdigit() and len(text) <= 10:
        return min(timedelta(seconds=int(text)), LONGEST_RETRY_AFTER)
    moment = http_date(text)
    if moment is None:
        return None
    return max(timedelta(0), min(moment - (http_date(date) or now), LONGEST_RETRY_AFTER))


def fresh_for(cache_control: str, expires: str = "", date: str = "", age: str = "") -> timedelta | None:
    """How much longer an answer stays good: max-age less the age it came with, else Expires after Date (RFC 9111, 4.2).

    None where the server says nothing, forbids keeping it, or where it is stale already.
    """
    if _UNCACHED.search(cache_control):
        return None
    if found := _MAX_AGE.search(cache_control):
        old = int(age) if age.strip().isascii() and age.strip().isdigit() and len(age) <= 10 else 0
        left = timedelta(seconds=max(0, int(found[1]) - old))
    else:
        until, since = http_date(expires), http_date(date)
        left = until - since if until and since else timedelta(0)
    return min(left, LONGEST_FRESHNESS) if left > timedelta(0) else None


def http_date(text: str) -> datetime | None:
    """An HTTP date, aware; None where it is none."""
    try:
        moment = parsedate_to_datetime(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None


def links(header: str) -> dict[str, list[str]]:
    """The targets in a Link header by relation, in lower case, in the order they stand (RFC 8288, 3).

    Links that speak of another page than the one answered with (`anchor`) are left out, as section 3.2 allows.
    """
    found: dict[str, list[str]] = {}
    for target, text in _LINK.findall(header[:20_000]):
        parameters: dict[str, str] = {}
        for name, value in _PARAMETER.findall(text):
            parameters.setdefault(name.lower(), value.strip('"'))  # of several the first counts (3.3)
        if "anchor" not in parameters:
            for relation in parameters.get("rel", "").lower().split():
                found.setdefault(relation, []).append(target.strip())
    return found
