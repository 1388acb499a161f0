"""What of a query an index of terms can answer. It proposes: all that fits, and perhaps more."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.searching.labels import TITLE, label
from monitor.searching.nodes import All, Label, Lacks, Node, Some, Term, Told, Within
from monitor.text import CJK, search_tokens


@dataclass(frozen=True, slots=True)
class Posting:
    """Articles under a term of the index, or under all that begin with it."""

    token: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """Articles in all `parts` and in none of `without`."""

    parts: tuple["Lookup", ...]
    without: tuple["Lookup", ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """Articles in one of the parts or more."""

    parts: tuple["Lookup", ...]


Lookup = Posting | Every | Either


def lookup(node: Node, *, in_title: bool = False) -> Lookup | None:
    """How the index finds what fits; None where it cannot narrow. `in_title` looks for every term there alone."""
    match node:
        case Term():
            return _every([Posting(token, prefix) for token, prefix in _tokens(node, in_title=in_title)])
        case Label():
            return Posting(label(node.kind, node.value))
        case Told():
            return _every([Posting(token) for token in _told(node)])
        case All():
            found = [lookup(part, in_title=in_title) for part in node.parts if not isinstance(part, Lacks)]
            lacking = [lookup(part.part) for part in node.parts if isinstance(part, Lacks) and _exact(part.part)]
            return _every([part for part in found if part], [part for part in lacking if part])
        case Some():
            parts = [lookup(part, in_title=in_title) for part in node.parts]
            known = [part for part in parts if part is not None]
            return Either(tuple(known)) if len(known) == len(parts) else None
        case _:
            return None


def broad(found: Lookup) -> bool:
    """True if it is dear to look up: a prefix stands for all the terms that begin so, of a character thousands."""
    if isinstance(found, Posting):
        return found.prefix
    return any(broad(part) for part in found.parts)


def exact(node: Node) -> bool:
    """True if the index finds just what fits, within `nodes.bounds`, so that no text need be looked at."""
    parts = node.parts if isinstance(node, All) else (node,)
    timeless = tuple(part for part in parts if not isinstance(part, Within))
    return not timeless or _exact(All(timeless))


def _exact(node: Node) -> bool:
    match node:
        case Term():
            tokens = list(_tokens(node, in_title=False))
            return len(tokens) == 1 and tokens[0][0].removeprefix(TITLE) == node.text
        case Label():
            return True
        case Told():
            return not node.sums and not node.companies and len(node.rounds) + len(node.statuses) <= 1
        case All():
            lacking = [part.part for part in node.parts if isinstance(part, Lacks)]
            rest = [part for part in node.parts if not isinstance(part, Lacks)]
            return bool(rest) and all(_exact(part) for part in (*rest, *lacking))
        case Some():
            return all(_exact(part) for part in node.parts)
        case _:  # what lacks something is most of the archive, and time is no term
            return False


def _every(parts: list[Lookup], without: list[Lookup] | None = None) -> Lookup | None:
    if not parts:
        return None
    return parts[0] if len(parts) == 1 and not without else Every(tuple(parts), tuple(without or ()))


def _tokens(term: Term, *, in_title: bool) -> Iterator[tuple[str, bool]]:
    """The terms of the index under which a term is found, and whether each is a prefix.

    A Chinese run's last character is a term only where the run ends in the article too, so of a longer run it is left
    out, and a single character is a prefix.
    """
    mark = TITLE if term.title or in_title else ""
    runs = re.findall(f"[{CJK}]+|[^\\W_{CJK}]+", term.text)
    for position, run in enumerate(runs):
        tokens = list(search_tokens(run))
        if not re.match(f"[{CJK}]", run):
            ends = term.prefix and position == len(runs) - 1 and term.text.endswith(run)
            yield mark + tokens[0], ends
        elif len(run) == 1:
            yield mark + run, True
        else:
            yield from ((mark + token, False) for token in tokens[:-1])


def _told(node: Told) -> Iterator[str]:
    yield label("tells", "deal")
    yield from (label("round", value) for value in node.rounds)
    yield from (label("status", value.value) for value in node.statuses)
    yield from (label("company", value) for value in node.companies)
