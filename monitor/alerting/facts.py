"""The facts of a deal in words: what all agree on, and side by side where they do not, with who says what."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from monitor.alerting.outlets import independent, outlets
from monitor.alerting.plaintext import cut, plain
from monitor.alerting.wording import money_words, round_words, say, status_words
from monitor.detection.differences import Version, amounts, names, standing, versions
from monitor.detection.grouping import same_company
from monitor.models import Change, Report, Status
from monitor.settings import Language

Value = TypeVar("Value")

_NAMES_SHOWN, _TELLERS_SHOWN, _VERSIONS_SHOWN = 12, 3, 4
_MAX_TELLER = 30


def facts(
    reports: Sequence[Report], language: Language, only: Iterable[Change] | None = None
) -> Iterator[tuple[str, str]]:
    """Pairs of a fact's name (a key of the wording) and its value in words; of some changes `only`, if given."""
    wanted = set(Change) if only is None else set(only)
    lead = names(reports, lambda claim: claim.lead_investors)
    everyone = names(reports, lambda claim: claim.investors)
    others = tuple(name for name in everyone if not any(same_company(name, leader) for leader in lead))
    states = standing(reports)
    if Change.STATUS in wanted and len(states) > 1:
        yield "status", _versions(states, lambda status: status_words(status, language), language)
    if Change.ROUND in wanted:
        rounds = versions(reports, lambda claim: claim.round, lambda one, other: one == other)
        yield "round", _versions(rounds, lambda name: round_words(name, language), language)
    if Change.AMOUNT in wanted:
        found = amounts(reports, lambda claim: claim.amount)
        yield "amount", _versions(found, lambda money: money_words(money, language), language)
    if Change.VALUATION in wanted:
        found = amounts(reports, lambda claim: claim.valuation)
        yield "valuation", _versions(found, lambda money: money_words(money, language), language)
    if Change.LEAD in wanted:
        yield "lead_investors", _names(lead, language)
    if only is None:
        yield "other_investors" if lead else "investors", _names(others, language)


def latest_status(reports: Sequence[Report]) -> Status:
    """How far the deal has come, by what was published last."""
    return standing(reports)[0].value


def confidence_words(reports: Sequence[Report], language: Language) -> str:
    """How sure one may be of the deal: what its reports say, and how many of them are independent."""
    number = independent(reports)
    status = latest_status(reports)
    if len(standing(reports)) > 1:
        level = "contested"
    elif status is Status.IN_TALKS:
        level = "medium" if number > 1 else "low"
    else:
        level = "high" if number > 1 else "medium"
    ground = "one" if number < 2 else "several"
    words = say(f"ground.{ground}", language).format(number)
    return say("confidence", language).format(say(f"confidence.{level}", language), words)


def _versions(found: Sequence[Version[Value]], words: Callable[[Value], str], language: Language) -> str:
    if len(found) < 2:
        return "".join(words(version.value) for version in found)
    told = (
        say("told_by", language).format(words(version.value), _tellers(version.reports, language))
        for version in found[:_VERSIONS_SHOWN]
    )
    return say("versions", language).join(told)


def _tellers(reports: Sequence[Report], language: Language) -> str:
    found = [cut(plain(outlet.name), _MAX_TELLER) for outlet in outlets(reports)]
    more = f" +{len(found) - _TELLERS_SHOWN}" if len(found) > _TELLERS_SHOWN else ""
    return say("separator", language).join(found[:_TELLERS_SHOWN]) + more


def _names(found: Sequence[str], language: Language) -> str:
    listed = [name for name in (plain(n) for n in found) if name]
    more = f" +{len(listed) - _NAMES_SHOWN}" if len(listed) > _NAMES_SHOWN else ""
    return say("separator", language).join(listed[:_NAMES_SHOWN]) + more
