"""The language of queries: words, "phrases", AND, OR, minus, prefixes, fields; what is wrong is told with its place.

智谱 融资            both words                     智谱 OR 月之暗面      one of them
"Series B" -IPO      a phrase, and not the word     (A OR B) C           brackets
Anthrop*             a word that begins so          title:融资            in the title
company:智谱AI source:36kr lang:zh                  after:2026-01 before:2026-02-15 after:30d
round:B status:in_talks amount>1亿美元 amount<=500m
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches

from monitor.detection import money, rounds
from monitor.detection.grouping import says_currency
from monitor.errors import MonitorError
from monitor.searching.nodes import All, Label, Lacks, Node, Some, Sum, Term, Told, Within, all_of
from monitor.searching.wording import FIELDS, Complaint, named_status, told
from monitor.settings import Language
from monitor.text import fold, search_tokens

LONGEST, DEEPEST, MOST_TERMS = 1000, 20, 50
"""Characters, brackets within brackets, and words of a query: more is an accident or an attack."""

_OPEN, _CLOSE = "(（", ")）"
_QUOTES = {'"': '"', "“": "”", "”": "”", "「": "」", "『": "』", "＂": "＂"}
_FIELD = re.compile(r"(\w+)(:|：|>=|<=|≥|≤|[><=＞＜])")
_WORD = re.compile(r"[^\s|｜()（）\"“”「」『』＂]+")
_BLANKS = re.compile(r"\s+")
_COMPARED = {">": (True, False), "＞": (True, False), ">=": (True, True), "≥": (True, True), "<": (False, False),
             "＜": (False, False), "<=": (False, True), "≤": (False, True)}  # fmt: skip


class QueryError(MonitorError):
    """A query is not understood; the fault is at `start` to `end` (exclusive) of `query`."""

    def __init__(self, query: str, complaint: Complaint, start: int, end: int, detail: str = "") -> None:
        self.query, self.complaint, self.start, self.end, self.detail = query, complaint, start, end, detail
        super().__init__(self.told("en"))

    def told(self, language: Language) -> str:
        """What is wrong, and where."""
        return told(self.complaint, self.query, (self.start, self.end), self.detail, language)


@dataclass(frozen=True, slots=True)
class Piece:
    """One word of a query, as it was written at `start` to `end`.

    `kind` is `(`, `)`, `or`, `and`, `not`, `word`, `phrase` or the name of a field; `sign` is what stands between a
    field and its value.
    """

    kind: str
    text: str
    start: int
    end: int
    sign: str = ":"


def parse(query: str, today: date) -> Node:
    """What a query means; an empty one takes every article. `today` is what after:7d counts from, in UTC.

    Raises:
        QueryError: when it is not understood; `start` and `end` say where.
    """
    if len(query) > LONGEST:
        raise QueryError(query, Complaint.TOO_LONG, LONGEST, len(query), str(LONGEST))
    pieces = list(_pieces(query))
    if sum(piece.kind not in ("(", ")", "or", "and", "not") for piece in pieces) > MOST_TERMS:
        raise QueryError(query, Complaint.TOO_MANY, pieces[MOST_TERMS].start, len(query), str(MOST_TERMS))
    reader = _Reader(query, pieces, today)
    return reader.whole()


class _Reader:
    """Reads the pieces of a query by its grammar: OR binds least, then what stands beside each other, then minus."""

    def __init__(self, query: str, pieces: list[Piece], today: date) -> None:
        self._query = query
        self._pieces = pieces
        self._today = today
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        found = self._either() if self._pieces else All()
        left = self._next
        if left is not None:  # only a bracket ends an expression before the end
            raise self._error(Complaint.NOT_OPENED, left)
        if self._pieces and found == All() and self._query.strip():
            raise QueryError(self._query, Complaint.NOTHING, 0, len(self._query))
        return found

    @property
    def _next(self) -> Piece | None:
        return self._pieces[self._at] if self._at < len(self._pieces) else None

    def _error(self, complaint: Complaint, piece: Piece, detail: str = "") -> QueryError:
        return QueryError(self._query, complaint, piece.start, piece.end, detail)

    def _either(self) -> Node:
        parts = [self._together()]
        while (joint := self._next) is not None and joint.kind == "or":
            self._at += 1
            parts.append(self._together(after=joint))
        saying = [part for part in parts if part != All()]
        return Some(tuple(saying)) if len(saying) > 1 else all_of(saying)

    def _together(self, after: Piece | None = None) -> Node:
        parts: list[Node] = []
        first = self._next
        if first is None or first.kind in ("or", "and", ")"):
            at = first or after
            if at is not None and at.kind != ")":
                raise self._error(Complaint.NOTHING_BESIDE, at, at.text)
        read = 0
        while (piece := self._next) is not None and piece.kind not in ("or", ")"):
            self._at += 1
            if piece.kind == "and":
                follows = self._next
                if not read or follows is None or follows.kind in ("or", "and", ")"):
                    raise self._error(Complaint.NOTHING_BESIDE, piece, piece.text)
                continue
            found = self._one(piece)
            read += 1
            if found is not None:
                parts.append(found)
        return all_of(parts)

    def _one(self, piece: Piece) -> Node | None:
        """What one piece asks for; None for one that says nothing, as punctuation."""
        if piece.kind == "not":
            follows = self._next
            if follows is None or follows.kind in ("or", "and", "not", ")"):
                raise self._error(Complaint.NOTHING_AFTER, piece, piece.text)
            self._at += 1
            found = self._one(follows)
            return None if found is None else Lacks(found)
        if piece.kind == "(":
            return self._bracket(piece)
        if piece.kind == "phrase":
            return _term(piece.text, prefix=False)
        if piece.kind == "word":
            return _term(piece.text.rstrip("*＊"), prefix=piece.text.endswith(("*", "＊")))
        return self._field(piece)

    def _bracket(self, opening: Piece) -> Node | None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error(Complaint.TOO_DEEP, opening, str(DEEPEST))
        found = self._either()
        if self._next is None:
            raise self._error(Complaint.NOT_CLOSED, opening)
        self._at += 1
        self._depth -= 1
        return None if found == All() else found

    def _field(self, piece: Piece) -> Node:
        if not piece.text:
            raise self._error(Complaint.NO_VALUE, piece, piece.kind)
        if piece.sign not in (":", "：", "=") and piece.kind != "amount":
            raise self._error(Complaint.NOT_COMPARED, piece, piece.kind)
        return _FIELD_READERS[piece.kind](self, piece)

    def _title(self, piece: Piece) -> Node:
        found = _term(piece.text.rstrip("*"), prefix=piece.text.endswith("*"), title=True)
        if found is None:
            raise self._error(Complaint.NO_VALUE, piece, piece.kind)
        return found

    def _company(self, piece: Piece) -> Node:
        return Label("company", piece.text)

    def _source(self, piece: Piece) -> Node:
        return Label("source", piece.text)

    def _lang(self, piece: Piece) -> Node:
        return Label("lang", piece.text.lower())

    def _after(self, piece: Piece) -> Node:
        return Within(after=self._day(piece))

    def _before(self, piece: Piece) -> Node:
        return Within(before=self._day(piece))

    def _day(self, piece: Piece) -> datetime:
        days = re.fullmatch(r"(\d{1,5})\s?[d天日]", piece.text)
        written = re.fullmatch(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?)?年?", piece.text)
        try:
            if days:
                found = self._today - timedelta(days=int(days[1]))
            elif written:
                found = date(int(written[1]), int(written[2] or 1), int(written[3] or 1))
            else:
                raise ValueError(piece.text)
        except (ValueError, OverflowError) as error:
            raise self._error(Complaint.NO_DATE, piece, piece.text) from error
        return datetime.combine(found, time(), UTC)

    def _round(self, piece: Piece) -> Node:
        name = rounds.named(piece.text)
        if name:
            return Told(rounds=(name,))
        raise self._error(Complaint.NO_ROUND, piece, piece.text)

    def _status(self, piece: Piece) -> Node:
        status = named_status(piece.text)
        if status:
            return Told(statuses=(status,))
        raise self._error(Complaint.NO_STATUS, piece, piece.text)

    def _amount(self, piece: Piece) -> Node:
        """1亿美元, $100m; without a currency (1亿, 100m) any."""
        if piece.sign in (":", "：", "="):
            raise self._error(Complaint.NO_SIGN, piece, piece.kind)
        above, equal = _COMPARED[piece.sign]
        for written in (piece.text, f"{piece.text}元", f"${piece.text}"):
            found = money.amounts(written)
            if len(found) == 1 and found[0].text == written and found[0].low is not None:
                said = written == piece.text and says_currency(found[0])
                return Told(sums=(Sum(found[0].low, found[0].currency if said else None, above, equal),))
        raise self._error(Complaint.NO_AMOUNT, piece, piece.text)


_FIELD_READERS: Mapping[str, Callable[[_Reader, Piece], Node]] = {
    "title": _Reader._title,
    "company": _Reader._company,
    "source": _Reader._source,
    "lang": _Reader._lang,
    "after": _Reader._after,
    "before": _Reader._before,
    "round": _Reader._round,
    "status": _Reader._status,
    "amount": _Reader._amount,
}


def _term(text: str, *, prefix: bool, title: bool = False) -> Term | None:
    folded = fold(text).strip()
    return Term(folded, prefix, title) if any(search_tokens(folded)) else None


def _pieces(query: str) -> Iterator[Piece]:
    """The words of a query, in order."""
    at = 0
    while at < len(query):
        blanks = _BLANKS.match(query, at)
        if blanks:
            at = blanks.end()
            continue
        piece = _piece(query, at)
        yield piece
        at = piece.end


def _piece(query: str, at: int) -> Piece:
    character = query[at]
    if character in _OPEN + _CLOSE:
        return Piece("(" if character in _OPEN else ")", character, at, at + 1)
    if character in _QUOTES:
        text, end = _quoted(query, at)
        return Piece("phrase", text, at, end)
    if character in "-－−" and at + 1 < len(query) and not query[at + 1].isspace():
        return Piece("not", character, at, at + 1)
    if character in "|｜":
        return Piece("or", character, at, at + 1)
    field = _FIELD.match(query, at)
    if field:
        named = _field_piece(query, field)
        if named is not None:
            return named
    word = _WORD.match(query, at)
    end = word.end() if word else at + 1
    text = query[at:end]
    return Piece({"OR": "or", "AND": "and", "NOT": "not"}.get(text, "word"), text, at, end)


def _field_piece(query: str, field: re.Match[str]) -> Piece | None:
    """A field with its value; None for what is none, as 10:30 and https://."""
    name, sign, end = fold(field[1]), field[2], field.end()
    kind = FIELDS.get(name)
    if kind is None:
        if sign in (":", "：") and re.fullmatch("[a-z]+", name) and not query.startswith("//", end):
            near = get_close_matches(name, [key for key in FIELDS if key.isascii()], 1)
            raise QueryError(query, Complaint.NO_FIELD, field.start(), end, near[0] if near else name)
        return None
    if end < len(query) and query[end] in _QUOTES:
        text, end = _quoted(query, end)
    else:
        word = _WORD.match(query, end)
        text, end = (word[0], word.end()) if word else ("", end)
    return Piece(kind, text, field.start(), end, sign)


def _quoted(query: str, at: int) -> tuple[str, int]:
    """What stands in the quotation marks that open here, and where it ends."""
    end = query.find(_QUOTES[query[at]], at + 1)
    if end < 0:
        raise QueryError(query, Complaint.NO_END, at, len(query))
    return query[at + 1 : end], end + 1
