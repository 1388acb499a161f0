"""Where on a page its headline stands: dates and bylines are near it."""

import re

from monitor.parsing.maintext import Layout, MainText
from monitor.text import clean_line

_SHORTEST = 5
_SHARED = 0.4
_WORD = re.compile("[\u4e00-\u9fff]|[^\\W\u4e00-\u9fff]+")
_COMMON = frozenset(
    """a an and are at best by for from how in is of on or the this to top what why with your 的 了 是 在""".split()  # noqa: SIM905
)


def headline_index(layout: Layout, title: str, found: MainText) -> int:
    """The index of the headline's block; that of the text's beginning where no block is the headline."""
    wanted = _squeezed(title)
    best = None
    for i, block in enumerate(layout.blocks):
        said = _squeezed(block.text)
        if len(said) < _SHORTEST or len(block.text) > 300:
            continue
        alike = wanted and (said == wanted or (said in wanted and 2 * len(said) > len(wanted)) or wanted in said)
        if alike and (block.tag in ("h1", "h2") or best is None):
            best = i
            if block.tag == "h1":
                break
    if best is not None and best < max(found.end, 1):
        return best
    firsts = [i for i, block in enumerate(layout.blocks[: found.end]) if block.tag == "h1"]
    return firsts[-1] if firsts and not found.start < firsts[0] else found.start


def shown_title(layout: Layout, title: str, found: MainText) -> str:
    """The headline that the page shows, if it has one over the article that is about what its metadata say.

    Metadata are often written for search engines, or left as they were when the headline was changed.
    """
    wanted = _words(title)
    shown = [b.text for b in layout.blocks[: found.end] if b.tag == "h1" and len(b.text) >= _SHORTEST]
    for text in reversed(shown):
        said = _words(text)
        if not wanted or (
            said and len(wanted & said) >= max(_SHARED * min(len(wanted), len(said)), min(2, len(wanted)))
        ):
            return clean_line(text)
    return title or (clean_line(shown[0]) if shown else "")


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.casefold()) if word not in _COMMON}


def _squeezed(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
