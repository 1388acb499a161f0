"""What an alert says, before any channel's syntax: plain text in pieces, cleaned and cut."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from monitor.alerting.wording import money_words, round_words, say, status_words, topic_words, verdict_words
from monitor.models import Alert, Claim, Evidence, Verdict
from monitor.settings import Language

MAX_HEADER = 150
"""The smallest limit a channel sets: https://docs.slack.dev/reference/block-kit/blocks/header-block"""

MAX_TITLE = 300
MAX_QUOTE = 700
MAX_FACT = 300
MAX_NOTE = 200
MAX_URL = 3000
"""As for a button: https://docs.slack.dev/reference/block-kit/block-elements/button-element"""

_NAMES_SHOWN = 12


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
    address. `source` and `why` are for the small print; `warning` is empty but for a possible repeat.
    """

    header: str
    title: str
    url: str
    facts: tuple[Fact, ...]
    quote: tuple[Run, ...]
    source: str
    published: datetime | None
    why: str
    warning: str
    language: Language


def compose(alert: Alert, language: Language) -> Content:
    """The words for one alert, safe whatever a site wrote into its title, text or address."""
    what = _what(alert, language)
    company = cut(plain(alert.company), MAX_HEADER // 2)
    header = cut(f"{company} · {plain(what)}", MAX_HEADER)
    url = _web_address(alert.url)
    return Content(
        header=header,
        title=cut(plain(alert.title) or url or header, MAX_TITLE),
        url=url,
        facts=() if alert.claim is None else _facts(alert.claim, language),
        quote=_quote(alert.evidence),
        source=cut(plain(alert.source), MAX_NOTE),
        published=alert.published,
        why=cut(plain(_why(alert, language)), MAX_NOTE),
        warning=say("repeat", language) if alert.doubtful else "",
        language=language,
    )


def _what(alert: Alert, language: Language) -> str:
    if alert.claim is None:
        return topic_words(alert.topic, language)
    if alert.company != alert.claim.company:  # an investor's alert tells of another company's deal
        return say("invests", language).format(alert.claim.company)
    return status_words(alert.claim.status, language)


def _why(alert: Alert, language: Language) -> str:
    if alert.claim is not None:
        return verdict_words(alert.verdict, alert.claim.rule, language)
    words = verdict_words(alert.verdict, None, language)
    topic = topic_words(alert.topic, language)
    return say("aside", language).format(words, topic) if alert.verdict is Verdict.TOPIC_MATCH else words


def _facts(claim: Claim, language: Language) -> tuple[Fact, ...]:
    others = tuple(name for name in claim.investors if name not in claim.lead_investors)
    found = {
        "round": round_words(claim.round, language) if claim.round else "",
        "amount": money_words(claim.amount, language) if claim.amount else "",
        "valuation": money_words(claim.valuation, language) if claim.valuation else "",
        "lead_investors": _names(claim.lead_investors, language),
        "other_investors" if claim.lead_investors else "investors": _names(others, language),
    }
    shown = ((say(label, language), cut(plain(value), MAX_FACT)) for label, value in found.items())
    return tuple(Fact(label, value) for label, value in shown if value)


def _names(names: tuple[str, ...], language: Language) -> str:
    listed = [name for name in (plain(n) for n in names) if name]
    more = f" +{len(listed) - _NAMES_SHOWN}" if len(listed) > _NAMES_SHOWN else ""
    return say("separator", language).join(listed[:_NAMES_SHOWN]) + more


def _quote(evidence: Evidence) -> tuple[Run, ...]:
    """The sentence in runs; of one too long, the part that begins shortly before its first mark."""
    first = min((begin for begin, _ in evidence.marks), default=0)
    start = max(0, first - MAX_QUOTE // 4) if first > MAX_QUOTE // 2 else 0
    window = evidence.sentence[start : start + MAX_QUOTE + 1]
    pieces, left = [], MAX_QUOTE
    for run in _runs(window, [(begin - start, end - start) for begin, end in evidence.marks]):
        shown = cut(_cleaned(run.text), left)
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


def _web_address(url: str) -> str:
    """`url` if it is an http(s) address with a host, else nothing; what could end a link early is percent-encoded."""
    try:
        encoded = quote(url, safe="%/:?#[]@!$&'()*+,;=~")
        parts = urlsplit(encoded)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and len(encoded) <= MAX_URL
    except ValueError:  # also a lone surrogate, which nothing encodes
        return ""
    return encoded if fits else ""


def plain(text: str) -> str:
    """`text` on one line, without characters that steer a terminal, turn the reading direction or show nothing."""
    return " ".join(_cleaned(text[:10_000]).split())


def _cleaned(text: str) -> str:
    return "".join(" " if c.isspace() else c for c in text if c.isspace() or not _steers(c))


def _steers(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co")


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units: what counts as a character in JavaScript and Java."""
    return len(text) + sum(c > "\uffff" for c in text)


def cut(text: str, limit: int) -> str:
    """`text`, or as much of it as fits into `limit` UTF-16 units with an ellipsis at its end."""
    if utf16_length(text) <= limit:
        return text
    length, kept = 1, []
    for character in text:
        length += utf16_length(character)
        if length > limit:
            break
        kept.append(character)
    return ("".join(kept).rstrip() + "…") if limit > 0 else ""
