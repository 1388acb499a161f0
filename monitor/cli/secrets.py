"""What must never be written or sent: the secrets that the environment holds."""

import re
from collections.abc import Iterable, Mapping

_SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|WEBHOOK|APPRISE_URL|DATABASE_URL|DSN|OTLP_\w*HEADERS", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(?<=://)([^\s/:@]*):([^\s/@]+)@")


def secrets_of(variables: Mapping[str, str]) -> list[str]:
    """The values that must not be written, the longest first, as one may be part of another."""
    found = {word for name, value in variables.items() if _SECRET.search(name) for word in _parts(name, value)}
    return sorted((word for word in found if len(word) >= 8), key=len, reverse=True)


def _parts(name: str, value: str) -> Iterable[str]:
    if "DATABASE" in name.upper():  # its address is told, its password is not
        return [found[2] for found in _IN_ADDRESS.finditer(value)]
    return [value, *(word.rpartition(":")[2] for word in value.split())]


def redacted(text: str, secrets: Iterable[str]) -> str:
    """A text without them."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return text
