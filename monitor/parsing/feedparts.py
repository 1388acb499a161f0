"""Large feeds in parts: each a small feed of its own, with the head of the whole and some of its items.

GPTNB's feed has every post of years in it, some 33 MB; read at once it would take several times as much memory.
"""

import re
from collections.abc import Iterator

LARGE = 2_000_000
"""Bytes from which a feed is read in parts."""

PART = 100_000
"""Bytes of items in a part, about."""

_MOST_HEAD = 200_000
_MARK = re.compile(rb"(?P<hidden><!\[CDATA\[|<!--)|<(?P<open>item|entry)[\s>]|</(?P<close>item|entry)\s*>")


def parts_of(body: bytes) -> Iterator[bytes]:
    """The parts of a feed in XML, in its order; the whole where it is small, or its items cannot be told apart.

    Items are told by their tags outside of CDATA and comments, so the encoding must be one that writes ASCII as ASCII.
    """
    found = list(_items(body)) if len(body) > LARGE else []
    if len(found) < 2 or found[0][0] > _MOST_HEAD or b"\0" in body[:200]:
        yield body
        return
    head, tail = body[: found[0][0]], body[found[-1][1] :]
    if len(tail) > _MOST_HEAD:
        yield body
        return
    start, end = found[0]
    for item_start, item_end in found[1:]:
        if item_end - start > PART:
            yield b"".join((head, body[start:end], tail))
            start = item_start
        end = item_end
    yield b"".join((head, body[start:end], tail))


def _items(body: bytes) -> Iterator[tuple[int, int]]:
    """Where items begin and end, by the name of the first; one that is not closed ends where the next begins."""
    start, at, name = -1, 0, b""
    while mark := _MARK.search(body, at):
        at = mark.end()
        if hidden := mark["hidden"]:
            at = body.find(b"-->" if hidden == b"<!--" else b"]]>", at)
            if at < 0:
                return
            continue
        name = name or mark["open"] or b""
        if mark["open"] == name:
            if start >= 0:
                yield start, mark.start()
            start = mark.start()
        elif mark["close"] == name and start >= 0:
            yield start, mark.end()
            start = -1
