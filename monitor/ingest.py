"""One article into the archive with its mentions, claims, deals and alerts: one transaction, or nothing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from monitor.alerting.rules import Mutes, Occasion, Routing, Subject, deal_subjects, decide, follow_ups
from monitor.archive import Archive, Tables
from monitor.archive.articles import Stored
from monitor.detection.differences import changes
from monitor.detection.grouping import RUMOUR, choose, compatible_rounds, merge, same_company
from monitor.detection.reprints import signature
from monitor.detection.stream import open_deal
from monitor.models import Article, Change, Claim, Deal, Detection, Heard, RawPage, Report
from monitor.tracing import span

if TYPE_CHECKING:
    from monitor.detection.detector import Detector


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one article; `alerts` counts those that will be sent."""

    article_id: int
    stored: Stored
    alerts: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """A claim of the article that is news of a deal, and what of it nobody has said before."""

    report: Report
    claim_id: int
    deal: Deal
    changes: tuple[Change, ...]


class Ingest:
    """Stores articles, and decides by `routing` who hears of them."""

    def __init__(self, archive: Archive, detector: "Detector", routing: Routing, clock: Callable[[], datetime]) -> None:
        self._archive = archive
        self._detector = detector
        self._routing = routing
        self._clock = clock

    def store(
        self, article: Article, *, baseline: bool = False, entry_url: str | None = None, raw: RawPage | None = None
    ) -> Ingested:
        """Store an article and decide who hears of it; an unchanged one is left alone.

        `baseline` says that its source is visited for the first time. `entry_url` is the entry it came from, which is
        marked as done in the same transaction; `raw` is the page it was read from, if that is to be kept.
        """
        with span("store", source=article.source):
            return self._store(article, baseline=baseline, entry_url=entry_url, raw=raw)

    def _store(self, article: Article, *, baseline: bool, entry_url: str | None, raw: RawPage | None) -> Ingested:
        detection = self._detector.detect(article.title, article.text, published=article.published)
        now = self._clock()
        with self._archive.writing() as tables:
            if detection.claims:
                tables.deals.lock()  # before anything else, so that two processes never wait for each other
            article_id, stored = tables.articles.put(article, now)
            alerts = 0
            if stored is not Stored.UNCHANGED:
                visit = _Visit(tables, self._routing, article, article_id, now, stored is Stored.NEW)
                alerts = visit.record(detection, baseline=baseline)
                tables.index.refresh(article_id)
            if raw is not None:
                tables.raw_pages.put(article_id, raw, now)
            if entry_url is not None:
                tables.entries.done(article.source, entry_url)
        return Ingested(article_id, stored, alerts)


@dataclass(frozen=True, slots=True)
class _Visit:
    """One article that is new or was edited, within the transaction that stores it."""

    tables: Tables
    routing: Routing
    article: Article
    article_id: int
    now: datetime
    new: bool

    def record(self, found: Detection, *, baseline: bool) -> int:
        """Replace what the article says; returns the number of alerts that will be sent."""
        tables, article = self.tables, self.article
        tables.articles.set_mentions(self.article_id, found.mentions, new=self.new)
        former = {} if self.new else tables.deals.remove_claims(self.article_id)
        told = self._claims(found.claims, former)
        subjects: list[Subject] = []
        claim_ids: dict[str, int] = {}
        for one in told:
            for subject in deal_subjects(one.report.claim, one.deal):
                subjects.append(subject)
                claim_ids.setdefault(subject.key, one.claim_id)
        if former:
            self._settle(former.keys(), subjects)
        for key, claim_id in claim_ids.items():
            tables.alerts.relink(self.article_id, key, claim_id)
        for match in found.matches:
            key = f"topic:{match.topic}:{match.company}:{self.article_id}"
            subjects.append(Subject(key, match.company, match.topic, match.evidence))
        for deal_id in sorted(former.keys() - {one.deal.id for one in told}):
            self._outdate(deal_id)  # after an edit: its cards are to show what is left of it
        if not subjects:
            return 0
        occasion = Occasion(article.published, self.now, article.source, article.language, baseline)
        mutes = self._mutes()
        number = self._follow_up(told, occasion, mutes)
        for draft in decide(subjects, self.routing, occasion, mutes):
            number += tables.alerts.offer(draft, self.article_id, claim_ids.get(draft.subject), self.now)
        return number

    def _claims(self, found: Sequence[Claim], former: Mapping[int, Sequence[Report]]) -> list[Told]:
        """Store claims and group them; returns those that are news."""
        at = min(self.article.published or self.now, self.now)
        told: list[Told] = []
        if any(claim.news for claim in found):
            self.tables.articles.sign(self.article_id, signature(self.article.text[:_MOST_SIGNED]))
        for claim in found:
            deal = self._group(claim, at) if claim.news else None
            added: tuple[Change, ...] = ()
            report = Report(
                claim, self.article_id, self.article.title, self.article.url, self.article.source, "",
                self.article.author, at,
            )  # fmt: skip
            if deal is not None:
                said = self.tables.corrections.said([deal.id]).get(deal.id, {})
                report = replace(report, claim=replace(claim, **said))
                known = (*self.tables.deals.reports([deal.id]).get(deal.id, ()), *former.get(deal.id, ()))
                added = changes(known, report)
            claim_id = self.tables.deals.add_claim(self.article_id, deal.id if deal else None, claim)
            if deal is not None and not deal.dismissed:
                told.append(Told(report, claim_id, deal, added))
        return told

    def _group(self, claim: Claim, at: datetime) -> Deal:
        """The deal the claim tells of: one that is known, with what the claim adds to it, or a new one."""
        deals = self.tables.deals
        fitting = self._pinned(claim) or choose(claim, at, deals.alike(claim.company, at - RUMOUR))
        known = fitting and deals.get(fitting.id)
        if known is not None:
            return deals.update(merge(known, claim, at))
        opened = open_deal(claim, at)
        return replace(opened, id=deals.open(opened))

    def _pinned(self, claim: Claim) -> Deal | None:
        """The deal to which a person has tied what this article says of the company."""
        if self.new:
            return None
        numbers = self.tables.corrections.pinned(self.article_id)
        found = [deal for deal in map(self.tables.deals.get, numbers) if deal is not None]
        mine = [deal for deal in found if same_company(deal.company, claim.company)]
        fitting = [deal for deal in mine if compatible_rounds(deal.round, claim.round)]
        return next(iter(fitting), mine[0] if len(mine) == 1 else None)

    def _follow_up(self, told: Sequence[Told], occasion: Occasion, mutes: Mutes) -> int:
        """Tell the channels that know of a deal what is new of it; their cards are to show it too."""
        number = 0
        version = 1 if self.new else self.tables.articles.version(self.article_id)
        for deal_id in dict.fromkeys(one.deal.id for one in told):
            mine = [one for one in told if one.deal.id == deal_id]
            heard = self._outdate(deal_id)
            added = tuple(dict.fromkeys(change for one in mine for change in one.changes))
            teller = next((one for one in mine if one.changes), mine[0])
            for draft in follow_ups(teller.report, added, heard, version, self.routing, occasion, mutes):
                number += self.tables.alerts.offer(draft, self.article_id, teller.claim_id, self.now)
        return number

    def _outdate(self, deal_id: int) -> list[Heard]:
        """Let the cards about a deal be edited that are written already; returns all there are, locked."""
        heard = self.tables.alerts.heard(deal_id)
        self.tables.alerts.outdate([card.alert_id for card in heard if card.rendered], self.now)
        return heard

    def _settle(self, former: Collection[int], subjects: Sequence[Subject]) -> None:
        """After an edit: deals that nobody tells any more go, and their alerts are about what the article tells now."""
        for gone in sorted(self.tables.deals.remove_untold(former)):
            for subject in subjects:
                if subject.role == "raiser":
                    self.tables.alerts.rename(
                        self.article_id, subject.company, f"deal:{gone}", subject.key, subject.deal_id
                    )

    def _mutes(self) -> Mutes:
        current = self.tables.mutes.current(self.now)
        return Mutes(
            companies={(mute.channel, mute.company) for mute in current if mute.company},
            deals={(mute.channel, mute.deal_id) for mute in current if mute.deal_id},
        )


_MOST_SIGNED = 20_000
"""Characters of a text that are looked at to tell reprints."""
