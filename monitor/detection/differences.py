"""What several reports say of one deal: what each adds, and where they disagree."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from monitor.detection.grouping import ROUNDING, compatible_amounts, more_exact, same_company
from monitor.models import Change, Claim, Money, Report, Status

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Version(Generic[Value]):
    """A value of a fact and the reports that tell it, in the order of `versions`' reports."""

    value: Value
    reports: tuple[Report, ...]


def changes(known: Sequence[Report], told: Report) -> tuple[Change, ...]:
    """What a report says of a deal that none of those `known` has said, the change of status first.

    An amount is new if no other agrees with it, or if it is exact where the others give a range.
    """
    claims, claim = [report.claim for report in known], told.claim
    found = {
        Change.STATUS: _status_changes(known, told),
        Change.ROUND: claim.round is not None and claim.round not in {c.round for c in claims},
        Change.AMOUNT: _adds(claim.amount, [c.amount for c in claims]),
        Change.VALUATION: _adds(claim.valuation, [c.valuation for c in claims]),
        Change.LEAD: _new_names(claim, claims),
    }
    return tuple(change for change, seen in found.items() if seen)


def _status_changes(known: Sequence[Report], told: Report) -> bool:
    """True if the deal is completed, denied or talked about again: the first report of it, and not of yesterday.

    A rumour that comes after the completion is late; a denial counts if it was published after what it denies.
    """
    status = told.claim.status
    before = {report.claim.status for report in known}
    if not known or status in before:
        return False
    if status is Status.COMPLETED:
        return True
    if status is Status.IN_TALKS:
        return Status.COMPLETED not in before and told.at >= max(r.at for r in known)
    return told.at >= max(report.at for report in known)


def _adds(told: Money | None, known: Iterable[Money | None]) -> bool:
    if told is None:
        return False
    return not any(_tells_as_much(money, told) for money in known if money is not None)


def _tells_as_much(known: Money, told: Money) -> bool:
    if not agree(known, told):
        return False
    if not _exact(told) or _exact(known):
        return True
    # 超35亿 and then 35亿: a bound that is the sum
    return any(end is not None and abs(end - (told.low or 0)) <= ROUNDING * end for end in (known.low, known.high))


def agree(one: Money, other: Money) -> bool:
    """True if two amounts can be the same one, rounded at most."""
    return compatible_amounts(one, other, ROUNDING)


def _exact(money: Money) -> bool:
    return money.low is not None and money.low == money.high


def _new_names(claim: Claim, known: Iterable[Claim]) -> bool:
    heard = list(islice(dict.fromkeys(name for other in known for name in other.lead_investors), _MOST_NAMES))
    return any(not any(same_company(name, other) for other in heard) for name in claim.lead_investors)


def versions(
    reports: Iterable[Report], fact: Callable[[Claim], Value | None], same: Callable[[Value, Value], bool]
) -> tuple[Version[Value], ...]:
    """The values that reports give to a fact, the first told first; those that are the `same` stand together."""
    found: list[tuple[list[Value], list[Report]]] = []
    for report in reports:
        value = fact(report.claim)
        if value is None:
            continue
        group = next((g for g in found if any(same(v, value) for v in g[0])), None)
        if group is None:
            found.append(([value], [report]))
        else:
            group[0].append(value)
            group[1].append(report)
    return tuple(Version(values[0], tuple(told)) for values, told in found)


def amounts(reports: Iterable[Report], fact: Callable[[Claim], Money | None]) -> tuple[Version[Money], ...]:
    """`versions` of an amount, each with its most exact wording."""
    return tuple(Version(_best(version, fact), version.reports) for version in versions(reports, fact, agree))


def _best(version: Version[Money], fact: Callable[[Claim], Money | None]) -> Money:
    best = version.value
    for report in version.reports:
        best = more_exact(best, fact(report.claim)) or best
    return best


def names(reports: Iterable[Report], fact: Callable[[Claim], Sequence[str]]) -> tuple[str, ...]:
    """The names that reports give, the same company once, in the order told."""
    found: list[str] = []
    for name in islice(dict.fromkeys(_all(reports, fact)), _MOST_NAMES):
        if not any(same_company(name, other) for other in found):
            found.append(name)
    return tuple(found)


_MOST_NAMES = 200
"""Different names that are compared with each other: bounds the time for what hostile texts may list."""


def _all(reports: Iterable[Report], fact: Callable[[Claim], Sequence[str]]) -> Iterator[str]:
    for report in reports:
        yield from fact(report.claim)


def standing(reports: Sequence[Report]) -> tuple[Version[Status], ...]:
    """How far the deal has come by the latest report, and before it what others say that does not lead there.

    That talks came first is no contradiction: they lead to a completion as well as to a denial. A completion and a
    denial stand side by side.
    """
    told = versions(reports, lambda claim: claim.status, lambda one, other: one is other)
    final = [version for version in told if version.value is not Status.IN_TALKS]
    latest = sorted(final or told, key=lambda version: max(report.at for report in version.reports), reverse=True)
    return tuple(latest)
