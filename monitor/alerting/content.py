"""What an alert says, before any channel's syntax: plain text in pieces, cleaned and cut."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.alerting.facts import confidence_words, facts, latest_status
from monitor.alerting.outlets import Outlet, independent, outlets
from monitor.alerting.plaintext import cleaned, cut, plain, utf16_length, web_address
from monitor.alerting.wording import say, status_words, topic_words, verdict_words
from monitor.models import Alert, AlertKind, Change, Evidence, Report, Verdict
from monitor.settings import Language

MAX_HEADER = 150
"""The smallest limit a channel sets: https://docs.slack.dev/reference/block-kit/blocks/header-block"""

MAX_TITLE = 300
MAX_QUOTE = 700
MAX_FACT = 300
MAX_NOTE = 200
MAX_OUTLET, OUTLETS_SHOWN = 60, 10


@dataclass(frozen=True, slots=True)
class Style:
    """How a channel's messages look: language, where the archive can be opened, whether buttons are answered."""

    language: Language = "en"
    archive_url: str | None = None
    interactive: bool = False


PLAIN = Style()
"""English, without archive and buttons that need an answer."""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a sentence; `bold` where it made the match."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value, such as an amount."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Content:
    """An alert in words: single lines without control, bidi or zero-width characters, each within its limit.

    Lengths count UTF-16 units, the strictest reading of a limit in characters. `url` is empty if it is no plain http(s)
    address, `archive` if there is none. `reported` says by how many outlets, of which `outlets` are the first; both are
    empty while there is one. `source` and `notes` are for the small print; `warning` says that it may be a repeat.
    """

    header: str
    title: str
    url: str
    archive: str
    facts: tuple[Fact, ...]
    quote: tuple[Run, ...]
    reported: str
    outlets: tuple[Outlet, ...]
    source: str
    published: datetime | None
    notes: tuple[str, ...]
    warning: str
    language: Language


def compose(alert: Alert, style: Style) -> Content:
    """The words for one alert, a card or a follow-up, safe whatever a site wrote into its title, text or address."""
    language = style.language
    alert = _as_it_stands(alert)
    company = cut(plain(alert.company), MAX_HEADER // 2)
    header = cut(f"{company} · {plain(_what(alert, language))}", MAX_HEADER)
    url = web_address(alert.url)
    reports = _reports(alert)
    found = outlets(reports)
    follow_up = alert.kind is AlertKind.FOLLOW_UP
    return Content(
        header=header,
        title=cut(plain(alert.title) or url or header, MAX_TITLE),
        url=url,
        archive=_in_archive(alert, style),
        facts=_facts(reports, language, alert.changes if follow_up else None),
        quote=quoted(alert.evidence),
        reported="" if len(found) < 2 or follow_up else _reported(len(found), independent(reports), language),
        outlets=() if len(found) < 2 or follow_up else _shown(found),
        source=cut(plain(alert.source), MAX_NOTE),
        published=alert.published,
        notes=_notes(alert, reports, language),
        warning=say("repeat", language) if alert.doubtful else "",
        language=language,
    )


def _as_it_stands(alert: Alert) -> Alert:
    """A card whose article was edited or whose deal has moved on: with the first article that tells how it stands."""
    if alert.kind is not AlertKind.CARD or not alert.reports:
        return alert
    status = latest_status(alert.reports)
    if alert.claim is not None and status is alert.claim.status:
        return alert
    teller = next(report for report in alert.reports if report.claim.status is status)
    return replace(
        alert,
        claim=teller.claim if alert.claim is None else replace(teller.claim, rule=alert.claim.rule),
        evidence=teller.claim.evidence,
        article_id=teller.article_id,
        title=teller.title,
        url=teller.url,
        source=teller.source,
        published=teller.at,
    )


def _reports(alert: Alert) -> tuple[Report, ...]:
    """What is known of the alert's deal: at least what its own article says."""
    if alert.claim is None:
        return ()
    own = Report(
        alert.claim, alert.article_id, alert.title, alert.url, alert.source, "", "", alert.published or alert.created_at
    )
    return alert.reports or (own,)


def _what(alert: Alert, language: Language) -> str:
    claim = alert.claim
    if alert.withdrawn is not None:
        return say(f"withdrawn.{alert.withdrawn}", language)
    if claim is None:
        return topic_words(alert.topic, language)
    if alert.kind is AlertKind.FOLLOW_UP and Change.STATUS not in alert.changes:
        return say("news_of_deal", language).format(_changed(alert.changes, language))
    status = claim.status if alert.kind is AlertKind.FOLLOW_UP else latest_status(_reports(alert))
    raisers = [report.claim.company for report in _reports(alert)]
    if alert.company not in raisers:  # an investor's alert tells of another company's deal
        words = say("invests", language).format(raisers[0])
        return words if alert.kind is AlertKind.CARD else f"{words} · {status_words(status, language)}"
    return status_words(status, language)


def _changed(changes: Iterable[Change], language: Language) -> str:
    return say("separator", language).join(say(f"change.{change}", language) for change in changes)


def _facts(reports: tuple[Report, ...], language: Language, only: tuple[Change, ...] | None) -> tuple[Fact, ...]:
    shown = ((say(key, language), cut(plain(value), MAX_FACT)) for key, value in facts(reports, language, only))
    return tuple(Fact(label, value) for label, value in shown if value)


def _notes(alert: Alert, reports: tuple[Report, ...], language: Language) -> tuple[str, ...]:
    if alert.claim is None:
        words = verdict_words(alert.verdict, None, language)
        topic = topic_words(alert.topic, language)
        why = say("aside", language).format(words, topic) if alert.verdict is Verdict.TOPIC_MATCH else words
        return (cut(plain(why), MAX_NOTE),)
    why = verdict_words(alert.verdict, alert.claim.rule, language)
    sure = () if alert.kind is AlertKind.FOLLOW_UP else (confidence_words(reports, language),)
    return tuple(cut(plain(note), MAX_NOTE) for note in (*sure, why))


def _reported(number: int, own: int, language: Language) -> str:
    return say("reported", language).format(number, own)


def _shown(found: tuple[Outlet, ...]) -> tuple[Outlet, ...]:
    return tuple(
        Outlet(cut(plain(outlet.name), MAX_OUTLET) or "…", web_address(outlet.url, 500), outlet.article_id)
        for outlet in found[:OUTLETS_SHOWN]
    )


def _in_archive(alert: Alert, style: Style) -> str:
    if style.archive_url is None or not alert.article_id:
        return ""
    return web_address(f"{style.archive_url.rstrip('/')}/articles/{alert.article_id}")


def quoted(evidence: Evidence, limit: int = MAX_QUOTE) -> tuple[Run, ...]:
    """The sentence in runs; of one too long, the part that begins shortly before its first mark."""
    first = min((begin for begin, _ in evidence.marks), default=0)
    start = max(0, first - limit // 4) if first > limit // 2 else 0
    window = evidence.sentence[start : start + limit + 1]
    pieces, left = [], limit
    for run in _runs(window, [(begin - start, end - start) for begin, end in evidence.marks]):
        shown = cut(cleaned(run.text), left)
        left -= utf16_length(shown)
        if shown:
            pieces.append(Run(shown, run.bold))
    if not any(run.text.strip() for run in pieces):
        return ()
    return (Run("…"), *pieces) if start else tuple(pieces)


def _runs(sentence: str, marks: Iterable[tuple[int, int]]) -> Iterator[Run]:
    """The sentence cut at its marks, which may overlap or reach beyond its ends."""
    at = 0
    for mark in sorted(marks):
        begin, end = max(mark[0], at), min(mark[1], len(sentence))
        if begin < end:
            yield Run(sentence[at:begin])
            yield Run(sentence[begin:end], bold=True)
            at = end
    yield Run(sentence[at:])
