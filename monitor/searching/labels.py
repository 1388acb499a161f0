"""Labels: what is searched for of an article that is not in its text, as terms of the index."""

import hashlib
from collections.abc import Iterable, Iterator

from monitor.models import Claim
from monitor.searching.nodes import LabelKind
from monitor.text import fold, search_tokens

LABEL, TITLE = "ᛚ", "ᛏ"
"""What such terms begin with: runes, which are letters to every tokeniser and in no news."""


def label(kind: LabelKind, value: str) -> str:
    """The term for a label: of fixed length, whatever the name holds."""
    digest = hashlib.blake2s(f"{kind}:{fold(value)}".encode("utf-8", "surrogatepass"), digest_size=8)
    return LABEL + digest.hexdigest()


def labels(source: str, language: str | None, companies: Iterable[str], claims: Iterable[Claim]) -> Iterator[str]:
    """All labels of an article; `companies` are those found in it."""
    yield label("source", source)
    if language:
        yield label("lang", language)
    for company in companies:
        yield label("company", company)
    for claim in claims:
        for company in (claim.company, *claim.investing):
            yield label("company", company)
        if claim.news:
            yield label("tells", "deal")
            yield label("status", claim.status.value)
            if claim.round:
                yield label("round", claim.round)


def text_terms(title: str, body: str) -> Iterator[str]:
    """The terms of an article's text; those of its title a second time, as the title's."""
    yield from search_tokens(f"{title}\n{body}")
    for token in search_tokens(title):
        yield TITLE + token
