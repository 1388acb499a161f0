"""Near-duplicates: whether two articles are one text, so that independent sources can be counted.

A text is its shingles, pieces of `SHINGLE` characters. Of their hashes the smallest `KEPT` are a fair sample (a
bottom-k sketch, Cohen and Kaplan 2007), from which the share that two texts have in common is estimated. A library
for MinHash would save thirty lines and bring a binary package; articles are compared within one deal only, never all
with all.
"""

import hashlib
import re

from monitor.text import fold

SHINGLE = 5
"""Characters of a shingle: two or three Chinese words, one English word."""

KEPT = 128
"""Hashes kept of a text; the estimate of the share in common is then right within some 0.1."""

COMMON = 0.5
"""Share of shingles in common from which on two texts are one. An edit of 3 % of the characters leaves three quarters,
two reports by different writers of one deal have under a quarter."""

_MARKS = re.compile(r"[\W_]+")


def signature(text: str) -> tuple[int, ...]:
    """At most `KEPT` hashes of 64 bits, ascending; equal for texts that differ in punctuation, blanks, case and script.

    Empty for a text without letters or digits.
    """
    letters = _MARKS.sub("", fold(text))
    pieces = {letters[place : place + SHINGLE] for place in range(max(1, len(letters) - SHINGLE + 1))} - {""}
    hashes = {int.from_bytes(hashlib.blake2b(piece.encode(), digest_size=8).digest()) for piece in pieces}
    return tuple(sorted(hashes)[:KEPT])


def common(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The share of shingles, 0 to 1, that two texts with these signatures have in common (Jaccard index, estimated)."""
    sample = sorted({*one, *other})[: min(KEPT, max(len(one), len(other)))]
    shared = set(one) & set(other)
    return sum(value in shared for value in sample) / len(sample) if sample else 0.0


def reprint(text: str, other: str) -> bool:
    """True if one of two texts is a reprint of the other."""
    return common(signature(text), signature(other)) >= COMMON
