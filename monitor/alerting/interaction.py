"""What people do with alerts in a chat: feedback, mutes, questions. Each is done in one transaction, then answered."""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from monitor.alerting.cards import IRRELEVANT, MUTE_COMPANY, MUTE_DEAL, RELEVANT, utc_words
from monitor.alerting.plaintext import cut, plain, web_address
from monitor.alerting.replies import Line, Place, tell
from monitor.alerting.wording import money_words, round_words, status_words
from monitor.archive import Archive, Tables
from monitor.archive.alerts import AlertFilter
from monitor.archive.deals import DealFilter
from monitor.archive.mutes import Mute
from monitor.errors import MonitorError
from monitor.models import Alert, AlertState, Deal, Opinion
from monitor.searching.nodes import renamed
from monitor.searching.query import QueryError, parse
from monitor.settings import Channel, Company, Language, SlackChannel, parse_duration
from monitor.text import fold

A_DAY = timedelta(days=1)
_HITS, _DEALS, _LONGEST = 8, 10, 1000
_PATIENCE = 10.0
"""Seconds that a search may take."""


class Interactions:
    """Answers buttons and commands. `channels` and `companies` are those of the configuration as it is now."""

    def __init__(
        self,
        archive: Archive,
        channels: Callable[[], Sequence[Channel]],
        companies: Callable[[], Sequence[Company]],
        clock: Callable[[], datetime],
    ) -> None:
        self._archive = archive
        self._channels = channels
        self._companies = companies
        self._clock = clock

    def press(self, action: str, value: str, person: str) -> str:
        """A button of a card was pressed; returns what its presser is told. Pressing it again changes nothing.

        Buttons that only open a page need no answer: then it is empty.
        """
        if action not in (RELEVANT, IRRELEVANT, MUTE_DEAL, MUTE_COMPANY):
            return ""
        number = _number(value)
        with self._archive.writing() as tables:
            alert = tables.alerts.get(number)
            if alert is None:
                return tell("no_alert", "en")
            language = self._language(alert.channel)
            if action in (RELEVANT, IRRELEVANT):
                tables.feedback.give(alert.id, person, Opinion(action), self._clock())
                return tell(f"noted_{action}", language)
            return self._mute_alert(tables, alert, action, person, language)

    def _mute_alert(self, tables: Tables, alert: Alert, action: str, person: str, language: Language) -> str:
        now = self._clock()
        if action == MUTE_DEAL and alert.deal_id is not None:
            _put(tables, Mute(alert.channel, "", alert.deal_id, None, person, now))
            return tell("deal_muted", language)
        until = now + A_DAY
        _put(tables, Mute(alert.channel, alert.company, 0, until, person, now))
        return tell("company_muted", language).format(plain(alert.company), utc_words(until))

    def command(self, text: str, place: Place) -> list[Line]:
        """`/monitor` was given with a text; returns the answer's lines."""
        channels = self._here(place)
        language = self._language(channels[0]) if channels else "en"
        name, _, said = text[:_LONGEST].strip().partition(" ")
        rest = _words(said)
        answers: Mapping[str, Callable[[], list[Line]]] = {
            "search": lambda: self._search(said, language),
            "deals": lambda: self._deals(rest, language),
            "mute": lambda: self._mute(rest, channels, place, language),
            "unmute": lambda: self._unmute(rest, channels, language),
            "status": lambda: self._status(channels, language),
        }
        answer = answers.get(name.lower())
        return answer() if answer else [Line(tell("help", language))]

    def _search(self, words: str, language: Language) -> list[Line]:
        if not words.strip():
            return [Line(tell("search_what", language))]
        try:
            query = renamed(parse(words, self._clock().date()), self._company)
            with self._archive.reading(_PATIENCE) as tables:
                found = tables.search.find(query, _HITS)
        except QueryError as error:
            return [Line(plain(error.told(language)))]
        except MonitorError as error:
            return [Line(str(error))]
        if not found:
            return [Line(tell("nothing_found", language))]
        return [_hit(hit.title, hit.url, hit.source, hit.published) for hit in found]

    def _deals(self, words: Sequence[str], language: Language) -> list[Line]:
        company = self._company(" ".join(words)) if words else None
        with self._archive.reading() as tables:
            found = tables.deals.find(DealFilter(company=company), _DEALS)
        return [Line(_deal(deal, language)) for deal in found] or [Line(tell("no_deals", language))]

    def _mute(self, words: Sequence[str], channels: Sequence[str], place: Place, language: Language) -> list[Line]:
        if not channels:
            return [Line(tell("no_channel", language).format(place.channel_name))]
        if not words:
            return self._muted(channels, language)
        span = A_DAY
        if len(words) > 1:
            try:
                span = parse_duration(words[-1])
                words = words[:-1]
            except ValueError:
                pass  # the last word is part of the name
        company, now = self._company(" ".join(words)), self._clock()
        with self._archive.writing() as tables:
            for channel in channels:
                _put(tables, Mute(channel, company, 0, now + span, place.person, now))
        return [Line(tell("company_muted", language).format(plain(company), utc_words(now + span)))]

    def _muted(self, channels: Sequence[str], language: Language) -> list[Line]:
        with self._archive.reading() as tables:
            current = [mute for mute in tables.mutes.current(self._clock()) if mute.channel in channels]
        lines = [
            Line(f"{mute.company or f'#{mute.deal_id}'} – {utc_words(mute.until) if mute.until else '∞'}")
            for mute in current
        ]
        return lines or [Line(tell("nothing_muted", language))]

    def _unmute(self, words: Sequence[str], channels: Sequence[str], language: Language) -> list[Line]:
        name = " ".join(words)
        number = _number(name[1:]) if name[:1] == "#" else 0
        company = "" if number else self._company(name)
        with self._archive.writing() as tables:
            lifted = [tables.mutes.lift(channel, company, number) for channel in channels]
        return [Line(tell("unmuted" if any(lifted) else "was_not_muted", language).format(plain(name)))]

    def _status(self, channels: Sequence[str], language: Language) -> list[Line]:
        with self._archive.reading() as tables:
            counts = tables.alerts.count()
            dead = tables.alerts.find(AlertFilter(state=AlertState.DEAD), 1)
            sources = list(tables.sources.all().values())
        troubled = [source for source in sources if source.problem]
        waiting = sum(counts.get(state, 0) for state in ("pending", "sending", "held"))
        lines = [
            Line(tell("status_alerts", language).format(counts.get("sent", 0), waiting, counts.get("dead", 0))),
            Line(tell("status_sources", language).format(len(sources), len(troubled))),
        ]
        lines += [Line(f"{source.name}: {source.problem}") for source in troubled[:5]]
        lines += [Line(cut(plain(alert.error or ""), 300)) for alert in dead]
        return lines + self._muted(channels, language)

    def _here(self, place: Place) -> list[str]:
        """The configured channels that post where the person is."""
        names = (place.channel_id, f"#{place.channel_name}")
        return [c.name for c in self._channels() if isinstance(c, SlackChannel) and c.channel in names]

    def _language(self, name: str) -> Language:
        return next((channel.language for channel in self._channels() if channel.name == name), "en")

    def _company(self, name: str) -> str:
        """The watched company of that name, else the name as it was given."""
        wanted = fold(name)
        for company in self._companies():
            if wanted in map(fold, (company.name, *company.aliases)):
                return company.name
        return name


def _put(tables: Tables, mute: Mute) -> None:
    tables.mutes.put(mute)
    tables.queue.silence(mute.channel, mute.company, mute.deal_id)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quotation without its end
        return text.split()


def _number(text: str) -> int:
    """The number of a row; 0, which none has, for what is none."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0


def _hit(title: str, url: str, source: str, published: datetime | None) -> Line:
    when = f" · {published:%Y-%m-%d}" if published else ""
    return Line(cut(f"{plain(title)} · {plain(source)}{when}", 300), web_address(url))


def _deal(deal: Deal, language: Language) -> str:
    facts = [
        plain(deal.company),
        status_words(deal.status, language),
        round_words(deal.round, language) if deal.round else "",
        money_words(deal.amount, language) if deal.amount else "",
        f"{deal.seen_at:%Y-%m-%d}",
    ]
    return cut(" · ".join(plain(fact) for fact in facts if fact), 300)
