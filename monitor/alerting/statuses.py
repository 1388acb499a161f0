"""What an HTTP status says of a message: whether it may have arrived, and whether to try again."""

import re
from collections.abc import Mapping
from typing import Any

from monitor.errors import DeliveryError, DeliveryUncertainError


def passing(who: str, status: int, headers: Mapping[str, Any]) -> DeliveryError | None:
    """The error for a status that may pass; None for one that is for good.

    408, 425, 429 and 503 say that the request was not worked off (RFC 9110, RFC 8470), other 5xx say nothing of it.
    """
    said = f"{who} answered HTTP {status}"
    if status in (408, 425, 429, 503):
        return DeliveryError(said, retry_after=retry_after(headers))
    return DeliveryUncertainError(said, retry_after=retry_after(headers)) if status >= 500 else None


def retry_after(headers: Mapping[str, Any]) -> float | None:
    """Retry-After in seconds; None where it is missing or no number of seconds."""
    value = next((str(v) for name, v in headers.items() if name.lower() == "retry-after"), "")
    return float(value) if re.fullmatch(r"\d{1,9}", value) else None
