"""What a query means: a tree of conditions on one article."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from monitor.models import Status

LabelKind = Literal["source", "lang", "company", "round", "status", "tells"]


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase, folded (`text.fold`); a `prefix` may go on, `title` looks there alone."""

    text: str
    prefix: bool = False
    title: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """Something an article has: its source, language, a company that it names."""

    kind: LabelKind
    value: str


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount that is asked for: more (`above`) or less than `value`, or just as much (`equal`).

    In `currency` (ISO 4217), or without one in units of whatever currency the deal has.
    """

    value: float
    currency: str | None
    above: bool
    equal: bool


@dataclass(frozen=True, slots=True)
class Told:
    """The article reports a deal of which all of this is true; None and () take all."""

    rounds: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    sums: tuple[Sum, ...] = ()
    companies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Within:
    """Published at `after` or later, before `before`."""

    after: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class All:
    """Every part is true; without parts everything fits."""

    parts: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Some:
    """One part or more is true."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Lacks:
    """The part is not true."""

    part: "Node"


Node = Term | Label | Told | Within | All | Some | Lacks


def all_of(parts: Iterable[Node]) -> Node:
    """One node for what must be true together.

    What is asked of deals must be true of one deal of that company, not of two: round:B amount>1亿 is one round.
    """
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, All) else (part,))]
    flat = [part for part in flat if part != Within()]
    told = [part for part in flat if isinstance(part, Told)]
    if told:
        named = tuple(part.value for part in flat if isinstance(part, Label) and part.kind == "company")
        together = Told(
            rounds=tuple(value for one in told for value in one.rounds),
            statuses=tuple(value for one in told for value in one.statuses),
            sums=tuple(value for one in told for value in one.sums),
            companies=tuple(dict.fromkeys((*named, *(value for one in told for value in one.companies)))),
        )
        flat = [*(part for part in flat if not isinstance(part, Told)), together]
    return flat[0] if len(flat) == 1 else All(tuple(flat))


def walk(node: Node) -> Iterator[Node]:
    """The node and all within it."""
    yield node
    if isinstance(node, All | Some):
        for part in node.parts:
            yield from walk(part)
    elif isinstance(node, Lacks):
        yield from walk(node.part)


def wanted_terms(node: Node) -> Iterator[Term]:
    """The terms that an article may be shown for: not those that it must lack."""
    if isinstance(node, Term):
        yield node
    elif isinstance(node, All | Some):
        for part in node.parts:
            yield from wanted_terms(part)


def renamed(node: Node, name: Callable[[str], str]) -> Node:
    """The node with each company under another name."""
    match node:
        case Label(kind="company"):
            return Label("company", name(node.value))
        case Told():
            return replace(node, companies=tuple(name(value) for value in node.companies))
        case All():
            return All(tuple(renamed(part, name) for part in node.parts))
        case Some():
            return Some(tuple(renamed(part, name) for part in node.parts))
        case Lacks():
            return Lacks(renamed(node.part, name))
    return node


def bounds(node: Node) -> Within:
    """The time within which everything lies that fits."""
    parts = node.parts if isinstance(node, All) else (node,)
    spans = [part for part in parts if isinstance(part, Within)]
    return Within(
        after=max((span.after for span in spans if span.after), default=None),
        before=min((span.before for span in spans if span.before), default=None),
    )
