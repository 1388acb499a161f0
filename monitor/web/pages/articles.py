"""One article: what it says of deals, marked in its text, who else reports them, and its former wordings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.alerting.outlets import outlets
from monitor.archive.articles import ArchivedArticle
from monitor.models import Claim, Part
from monitor.web.forms import number
from monitor.web.site import SECONDS, site_of

COMPARED = 2_000
"""Paragraphs of which two wordings are compared; what is beyond is left out."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text; `kind` is evidence (of claim `number`, from 1), company, or nothing."""

    text: str
    kind: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Edit:
    """What one edit took from an article and added to it, by paragraph."""

    version: int
    changes: tuple[tuple[str, str], ...]


def shown(request: Request) -> Response:
    """One article."""
    site = site_of(request)
    with site.archive.reading(SECONDS) as tables:
        found = tables.articles.get(number(request.path_params["number"]))
        if found is None:
            raise HTTPException(404)
        claims = tables.deals.claims_of(found.id)
        deals = tables.deals.deals_of(found.id)
        others = [outlet for outlet in outlets(tables.deals.told_with(found.id)) if outlet.article_id != found.id]
        former = tables.articles.versions(found.id)
    wordings = [*((number_, f"{title}\n{text}") for number_, _, title, text in former)]
    wordings.append((found.version, f"{found.article.title}\n{found.article.text}"))
    edits = [Edit(after[0], tuple(_changes(before[1], after[1]))) for before, after in pairwise(wordings)]
    return site.render(
        request,
        "article.html",
        found=found,
        claims=claims,
        deals=deals,
        others=others,
        title=next(iter(paragraphs(found, claims, "title")), []),
        paragraphs=list(paragraphs(found, claims, "text")),
        edits=edits[::-1],
        former=former[::-1],
    )


def paragraphs(found: ArchivedArticle, claims: Sequence[Claim], part: Part) -> Iterator[list[Piece]]:
    """The lines of the title or text, cut at what is marked: sentences of evidence, then companies."""
    text = found.article.title if part == "title" else found.article.text
    spans = [(claim.evidence.span, "evidence", i) for i, claim in enumerate(claims, 1)]
    spans += [(mention.span, "company", 0) for mention in found.mentions]
    marked: list[tuple[int, int, str, int]] = []
    for span, kind, i in spans:
        if span.part == part and not any(start < span.end and span.start < end for start, end, *_ in marked):
            marked.append((span.start, span.end, kind, i))
    marked.sort()
    begin = 0
    for line in text.splitlines(keepends=True):
        end = begin + len(line)
        pieces = list(_pieces(text, begin, end, marked))
        if any(piece.text.strip() for piece in pieces):
            yield pieces
        begin = end


def _pieces(text: str, begin: int, end: int, marked: Sequence[tuple[int, int, str, int]]) -> Iterator[Piece]:
    at = begin
    for start, stop, kind, i in marked:
        start, stop = max(start, at), min(stop, end)  # noqa: PLW2901 - what lies outside the line is not of it
        if start < stop:
            yield Piece(text[at:start])
            yield Piece(text[start:stop], kind, i)
            at = stop
    yield Piece(text[at:end])


def _changes(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Pairs of "del" or "ins" and a paragraph."""
    old, new = before.splitlines()[:COMPARED], after.splitlines()[:COMPARED]
    for tag, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from (("del", line) for line in old[a:b] if line.strip())
            yield from (("ins", line) for line in new[c:d] if line.strip())


routes = [Route("/articles/{number:int}", shown, methods=["GET"])]
