"""Names of financing rounds in Chinese and English text, normalised.

`pre-seed`, `seed`, `seed+`, `angel`, `angel+`, `pre-A`, `pre-A+`, `A`, `A+`, `A1`, … `H`, `strategic`, `pre-IPO`. 首轮,
新一轮, growth and bridge rounds have no name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.text import fold_with_positions

_LETTERED = tuple(
    re.compile("(?<![a-z0-9])" + pattern)
    for pattern in (
        r"(?P<pre>pre[- ]?)?(?:series[ -])?(?P<letter>[a-h])[ -]?(?P<more>\d{1,2}|\+{1,3})?\s?(?:轮|(?<=\+)(?=新|融))",
        r"(?P<pre>pre)-?(?P<letter>[a-h])(?P<more>\+{0,3}|\d)(?![a-z0-9])",
        # The first of 天使轮/A/A+轮: only the last has its 轮.
        r"(?P<pre>pre-)?(?P<letter>[a-h])(?P<more>\d|\+{1,3})?(?=(?:[/、及和&]|以及)[a-h](?:\d|\+{1,3})?轮)",
        r"(?P<pre>(?!))?(?<=\s)(?P<letter>[b-h])(?P<more>(?!))?(?= extension(?: round)?(?![a-z]))",
        r"(?P<pre>pre[- ]?)?series (?P<letter>[a-h])(?:-?(?P<more>[1-9]\b)|(?P<plus>\+{1,3}))?(?![a-z0-9])",
    )
)
_NAMED = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("pre-IPO", r"pre[- ]?ipo(?:轮|\sround)?"),
        ("angel", r"天使(?P<plus>\+{0,3})(?:轮系列(?=融资)|轮|系列(?=融资)|(?=融资|投资(?!人|机构|者)))"),
        ("angel", r"(?<![a-z])angel(?=\s(?:round|funding|financing))"),
        ("pre-seed", r"种子前轮|pre-?\s?种子轮|(?<![a-z])pre[- ]?seed(?![a-z])"),
        ("seed", r"(?<!pre)(?<!pre-)种子(?P<plus>\+{0,3})(?:轮(?![播式])|(?=融资|投资))"),
        (
            "seed",
            (
                r"(?<=[0-9mbkn] )seed(?![a-z-])|(?<![a-z])(?<!pre[- ])(?:series )?seed"
                r"(?= (?:round|fund|financ|invest|rais|capital|money|extension|equity|led)|[ .,]{0,3}$)"
            ),
        ),
        (
            "strategic",
            r"战略(?:性)?(?:股权)?(?:轮|融资|投资(?!者|人|方|协议|部|机构|合作|意向|框架|伙伴|布局|业务|委员|基金|公司|集团)|注资|入股|增资)",
        ),
        (
            "strategic",
            r"(?<![a-z])strategic(?=\s(?:round|funding|financing|investment(?! (?:bank|firm))))",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Round:
    """A round's normalised name at `start` to `end` (exclusive) of the text that was searched."""

    start: int
    end: int
    name: str


def find(folded: str) -> Iterator[Round]:
    """The rounds named in a text already folded (`text.fold`), in order; C轮及C+轮 are two."""
    last = 0
    for round_ in sorted(_all(folded), key=lambda r: (r.start, -r.end)):
        if round_.start >= last:
            last = round_.end
            yield round_


def _all(folded: str) -> Iterator[Round]:
    for pattern in _LETTERED:
        for found in pattern.finditer(folded):
            more = found["more"] or found.groupdict().get("plus") or ""
            yield Round(*found.span(), ("pre-" if found["pre"] else "") + found["letter"].upper() + more)
    for name, pattern in _NAMED:
        for found in pattern.finditer(folded):
            yield Round(*found.span(), name + (found.groupdict().get("plus") or ""))


def names(text: str) -> list[str]:
    """The rounds named in any text, in order."""
    return [found.name for found in find(fold_with_positions(text).text)]


def named(written: str) -> str | None:
    """The round that somebody means who writes its name alone: B, b轮, 天使, Series B; None if it is none."""
    for text in (written, f"{written}轮", f"{written}融资", f"{written} round", f"series {written}"):
        found = names(text)
        if found:
            return found[0]
    return None


_NAME = re.compile(r"(?:(?:seed|angel|strategic)\+{0,3}|pre-seed|pre-IPO|(?:pre-)?[A-H](?:\d{1,2}|\+{1,3})?)")


def is_name(name: str) -> bool:
    """True for a round's normalised name."""
    return bool(_NAME.fullmatch(name))
