"""Text as Chinese and English news need it: cleaning, folding with positions, sentences, search tokens."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

import opencc

MAX_TITLE = 500
"""Characters kept of a title; longer ones are attacks or whole texts in the wrong field."""

MAX_TEXT = 100_000
"""Characters kept of a text; also keeps an article's search terms under the 1 MB of a Postgres tsvector."""

# Controls (not tab, line feed), surrogates, bidi marks and overrides, zero-width, byte order mark, noncharacters.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_BLANKS = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_LINES = re.compile(r" ?\n[ \n]*")  # after _BLANKS; a \s* before the line feed would cost the square of a run of blanks


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """Text without what has no place in it: controls, bidi overrides, runs of blanks, empty lines; NFC, cut at `limit`.

    Lines (paragraphs) are kept, each stripped.
    """
    text = text[: limit * 4].replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = unicodedata.normalize("NFC", _UNWANTED.sub("", text))
    text = _LINES.sub("\n", _BLANKS.sub(" ", text)).strip()
    return text[:limit].rstrip()


def clean_line(text: str, limit: int = MAX_TITLE) -> str:
    """Like `clean`, on one line: for titles and names."""
    return " ".join(clean(text, limit).split())


_HYPHENS = dict.fromkeys((0x2010, 0x2011, 0x2212, 0xFE63), "-")
"""Hyphen, non-breaking hyphen, minus and small hyphen: Pre‑A is Pre-A."""


class _FoldTable(dict[int, str]):
    """Maps a character to its folded form, made when first asked for: NFKC, simplified Chinese, folded case."""

    def __missing__(self, codepoint: int) -> str:
        folded = _HYPHENS.get(codepoint) or unicodedata.normalize("NFKC", chr(codepoint)).casefold()
        if 0xD800 <= codepoint <= 0xDFFF:  # a lone surrogate: no converter takes it
            folded = "\ufffd"
        elif not folded.isascii():
            folded = _simplifier().convert(folded)
        self[codepoint] = folded
        return folded


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


_FOLD = _FoldTable()


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text that knows where each of its characters came from.

    `offsets` is None where folding kept the length, else the folded start of each original character.
    """

    text: str
    offsets: tuple[int, ...] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that covers `start` to `end` (exclusive, end > start) of the folded text."""
        if self.offsets is None:
            return start, end
        return bisect_right(self.offsets, start) - 1, bisect_right(self.offsets, end - 1)


def fold(text: str) -> str:
    """Text in the form in which words are compared: NFKC, simplified Chinese, folded case, by character."""
    return text.translate(_FOLD)


def fold_with_positions(text: str) -> Folded:
    """Like `fold`, with the way back to positions in `text`."""
    folded = text.translate(_FOLD)
    if len(folded) == len(text) and all(len(_FOLD[ord(c)]) == 1 for c in set(text)):
        return Folded(folded)
    lengths = (len(_FOLD[ord(c)]) for c in text[:-1])
    return Folded(folded, tuple(accumulate(lengths, initial=0)))


_BULLETS = "·•▪●"
# A sentence ends at Chinese or Latin closing marks (with the quotes and brackets after them), or at a line's end. A
# full stop ends one only before a blank and a capital, quote, digit or CJK character, and not after an initial or
# abbreviation. A bullet between blanks parts two.
_ABBREVIATION = re.compile(
    r"(?:\b(?:Inc|Corp|Ltd|Co|LLC|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|No|U\.S|U\.K|E\.U|e\.g|i\.e|approx|est|Jan|Feb|Mar|Apr|Jun"
    r"|Jul|Aug|Sep|Sept|Oct|Nov|Dec)|(?<!eries )\b[A-Z])\.$"  # a Series A. ends a sentence
)
# Possessive, so that a long run of dots or quotes is read once and not again from each of its characters.
_BREAK = re.compile(
    r"[。！？!?；;]++[”’」』）)\]\"']*+|(?:\.|(?<!…)…++)[”’」』）)\]\"']*+(?=\s)|\n|(?<=\s)[·•▪●](?=\s)"
)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences of `text`, without blanks at the ends; none is empty and none crosses a line."""
    start = 0
    for found in _BREAK.finditer(text):
        if found[0].startswith(".") and not _full_stop(text, found):
            continue
        yield from trimmed(text, start, found.start() if found[0] in _BULLETS else found.end())
        start = found.end()
    yield from trimmed(text, start, len(text))


def _full_stop(text: str, found: re.Match[str]) -> bool:
    rest = text[found.end() : found.end() + 3].lstrip(" ")
    if rest and rest[0].islower():
        return False
    return not _ABBREVIATION.search(text[max(0, found.start() - 8) : found.start() + 1])


def trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """`start` to `end` without the blanks at both ends; nothing if there is nothing else."""
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        start += len(piece) - len(piece.lstrip())
        yield start, start + len(stripped)


CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f\u3040-\u30ff\uac00-\ud7af々〇"
"""Characters that are written without blanks between words, as a range for a character class."""

_LONGEST_WORD = 64
"""Longer runs of letters and digits are keys or code; Postgres refuses lexemes of more than 2,046 bytes."""

_RUNS = re.compile(f"([{CJK}]+)|([^\\W_{CJK}]+)")


def search_tokens(text: str) -> Iterator[str]:
    """The terms under which `text` is indexed: words, and for CJK runs every two characters and each run's last one.

    A query of two characters is then one term, a longer one several, and a single character a prefix.
    """
    for cjk, word in _RUNS.findall(fold(text)):
        if word:
            yield word[:_LONGEST_WORD]
        else:
            for i in range(len(cjk) - 1):
                yield cjk[i : i + 2]
            yield cjk[-1]


def language_of(text: str) -> str | None:
    """`zh`, `ja`, `ko` or `en` by script and the commonest words of English; None where that does not tell."""
    sample = text[:4000]
    letters = sum(c.isalpha() for c in sample)
    if not letters:
        return None
    kana = len(re.findall("[\u3040-\u30ff]", sample))
    hangul = len(re.findall("[\uac00-\ud7af]", sample))
    han = len(re.findall("[\u3400-\u9fff]", sample))
    if kana > 0.05 * letters:
        return "ja"
    if hangul > 0.2 * letters:
        return "ko"
    if han > 0.1 * letters:
        return "zh"
    common = len(re.findall(r"\b(?:the|of|and|to|in|for|with|is|on|its|by|from|as)\b", sample, re.IGNORECASE))
    return "en" if common >= max(1, len(sample.split()) // 25) else None
