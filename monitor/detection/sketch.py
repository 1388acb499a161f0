"""A sentence on its way to a line of signs, as the finders of names see it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

PRONOUN = ""
"""Name of a raiser that the sentence calls `the company`, 该公司 or nothing at all; the article says which."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """`signs` as in `line.Line`; `cased` is the same with the letters as they were written.

    `quoted` tells for the end of each quotation where it begins; `title` that the sentence is part of the title.
    """

    signs: str
    cased: str
    quoted: Mapping[int, int] = field(default_factory=dict)
    title: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name at `start` to `end` (exclusive) of the signs, or a `PRONOUN`, which may have no width."""

    start: int
    end: int
    name: str


class Finder(Protocol):
    """Reads the names of one language."""

    def find(self, sketch: Sketch) -> Iterator[Candidate]:
        """Who may raise in a sentence, in no set order."""
