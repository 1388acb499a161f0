"""Amount, valuation, round and investors of a deal, read from a sentence about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from monitor.detection.lexicon import Language, Lexicon
from monitor.detection.line import INVESTOR, MONEY, ROUND, Line
from monitor.detection.names import Names
from monitor.models import Money

LEAST = 10_000
"""Units of a currency; what is less is a price or a number cut short, no round."""


@dataclass(frozen=True, slots=True)
class Slots:
    """What a sentence says of a deal.

    `rounds` are several if it names several together (C轮及C+轮); `investing` holds the watched companies that invest,
    `converted` pairs of an amount and what it is in another currency, 3.14万亿韩元(合22亿美元).
    """

    amount: Money | None = None
    valuation: Money | None = None
    rounds: tuple[str, ...] = ()
    investors: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    investing: tuple[str, ...] = ()
    converted: tuple[tuple[Money, Money], ...] = ()


class SlotReader:
    """Reads slots by the words around amounts, rounds and names."""

    def __init__(self, lexicons: Mapping[Language, Lexicon]) -> None:
        self._names = Names(lexicons)
        self._kinds = {language: words.pairs("amounts") for language, words in lexicons.items()}
        self._together = {language: words.pattern("together") for language, words in lexicons.items()}
        self._of_backer = {language: words.pattern("of_backer") for language, words in lexicons.items()}
        self._each = {language: words.pattern("each_round") for language, words in lexicons.items()}

    def parts(self, line: Line, start: int, end: int) -> list[tuple[int, int, int]]:
        """`start` to `end`, divided where a sentence tells of several rounds one after the other, and each one's place.

        The place is 0 where nothing is divided.
        """
        told = {
            line.round_names[found.start()]: found.start()
            for found in self._each[line.language].finditer(line.signs, start, end)
        }
        if len(told) < 2:
            return [(start, end, 0)]
        first, *others = told.values()
        cuts = {start: first}
        for place in others:
            cuts.setdefault(max(start, *(line.signs.rfind(mark, start, place) + 1 for mark in ",;")), place)
        return [(begin, stop, cuts[begin]) for begin, stop in pairwise((*sorted(cuts), end))]

    def read(self, line: Line, start: int, end: int, near: int) -> Slots:
        """The slots in `start` to `end` of a line; of several amounts or rounds the one nearest to `near` counts."""
        kinds = {place: self._kind(line, place) for place in _places(line, MONEY, start, end)}
        amounts = [place for place, kind in kinds.items() if kind == "amount"]
        valuations = [place for place, kind in kinds.items() if kind == "valuation"]
        investors, leads = self._names.investors(line, start, end)
        return Slots(
            amount=line.amounts[_nearest(amounts, near)] if amounts else None,
            valuation=line.amounts[_nearest(valuations, near)] if valuations else None,
            rounds=self._rounds(line, start, end, near),
            investors=investors,
            leads=leads,
            converted=tuple(
                (line.amounts[before[-1]], line.amounts[place])
                for place, kind in kinds.items()
                if kind == "conversion" and (before := [other for other in kinds if other < place])
            ),
            investing=tuple(dict.fromkeys(_watched_investors(line, start, end))),
        )

    def _kind(self, line: Line, place: int) -> str:
        money = line.amounts[place]
        if (money.high or money.low or LEAST) < LEAST:
            return "other"
        before = line.signs[max(0, place - 64) : place]
        after = line.signs[place + 1 : place + 40]
        for kind, left, right in self._kinds[line.language]:
            if left.search(before) or right.match(after):
                return kind
        return "amount"

    def _rounds(self, line: Line, start: int, end: int, near: int) -> tuple[str, ...]:
        for found in self._together[line.language].finditer(line.signs, start, end):
            if abs(found.start() - near) <= 12:
                return tuple(line.round_names[place] for place in _places(line, ROUND, *found.span()))
        earlier = {found.start() for found in self._of_backer[line.language].finditer(line.signs, start, end)}
        places = [place for place in _places(line, ROUND, start, end) if place not in earlier]
        # A letter says more than 战略: 完成战略轮A+轮融资 is an A+.
        lettered = [place for place in places if line.round_names[place] != "strategic"]
        return (line.round_names[_nearest(lettered or places, near)],) if places else ()


def _watched_investors(line: Line, start: int, end: int) -> Iterator[str]:
    for place in _places(line, INVESTOR, start, end):
        if place not in line.unwatched:
            yield from line.companies[place]


def _places(line: Line, sign: str, start: int, end: int) -> Iterator[int]:
    return (place for place in range(start, end) if line.signs[place] == sign)


def _nearest(places: list[int], near: int) -> int:
    return min(places, key=lambda place: (abs(place - near), place))
