"""Texts of strangers made safe to show: one line, no steering characters, cut to a length."""

import unicodedata
from urllib.parse import quote, urlsplit

MAX_URL = 3000
"""As for a button: https://docs.slack.dev/reference/block-kit/block-elements/button-element"""


def plain(text: str) -> str:
    """`text` on one line, without characters that steer a terminal, turn the reading direction or show nothing."""
    return " ".join(cleaned(text[:10_000]).split())


def cleaned(text: str) -> str:
    """`text` without those characters, its blanks as they are; line ends become blanks."""
    return "".join(" " if c.isspace() else c for c in text if c.isspace() or not _steers(c))


def _steers(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co")


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units: what counts as a character in JavaScript and Java."""
    return len(text) + sum(c > "\uffff" for c in text)


def cut(text: str, limit: int) -> str:
    """`text`, or as much of it as fits into `limit` UTF-16 units with an ellipsis at its end."""
    if utf16_length(text) <= limit:
        return text
    length, kept = 1, []
    for character in text:
        length += utf16_length(character)
        if length > limit:
            break
        kept.append(character)
    return ("".join(kept).rstrip() + "…") if limit > 0 else ""


def web_address(url: str, limit: int = MAX_URL) -> str:
    """`url` if it is an http(s) address with a host, else nothing; what could end a link early is percent-encoded."""
    try:
        encoded = quote(url, safe="%/:?#[]@!$&'()*+,;=~")
        parts = urlsplit(encoded)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and len(encoded) <= limit
    except ValueError:  # also a lone surrogate, which nothing encodes
        return ""
    return encoded if fits else ""
