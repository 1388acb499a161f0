"""One article into the archive with its mentions, claims, deals and alerts: one transaction, or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.alerting.rules import Subject, deal_subjects, decide
from monitor.archive import Archive, Tables
from monitor.archive.articles import Stored
from monitor.detection import Detector
from monitor.detection.grouping import RUMOUR, choose, merge
from monitor.detection.stream import open_deal
from monitor.models import Article, Claim, Detection, RawPage
from monitor.settings import Route


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one article; `alerts` counts those that will be sent."""

    article_id: int
    stored: Stored
    alerts: int = 0


class Ingest:
    """Stores articles. `max_age` None alerts on articles of any age."""

    def __init__(
        self,
        archive: Archive,
        detector: Detector,
        routes: Sequence[Route],
        clock: Callable[[], datetime],
        max_age: timedelta | None,
    ) -> None:
        self._archive = archive
        self._detector = detector
        self._routes = routes
        self._clock = clock
        self._max_age = max_age

    def store(
        self, article: Article, *, baseline: bool = False, entry_url: str | None = None, raw: RawPage | None = None
    ) -> Ingested:
        """Store an article and decide who hears of it; an unchanged one is left alone.

        `baseline` says that its source is visited for the first time. `entry_url` is the entry it came from, which is
        marked as done in the same transaction; `raw` is the page it was read from, if that is to be kept.
        """
        detection = self._detector.detect(article.title, article.text, published=article.published)
        now = self._clock()
        with self._archive.writing() as tables:
            if detection.claims:
                tables.deals.lock()  # before anything else, so that two processes never wait for each other
            article_id, stored = tables.articles.put(article, now)
            alerts = 0
            if stored is not Stored.UNCHANGED:
                new = stored is Stored.NEW
                alerts = self._record(tables, article, article_id, detection, now=now, baseline=baseline, new=new)
            if raw is not None:
                tables.raw_pages.put(article_id, raw, now)
            if entry_url is not None:
                tables.entries.done(article.source, entry_url)
        return Ingested(article_id, stored, alerts)

    def _record(
        self,
        tables: Tables,
        article: Article,
        article_id: int,
        found: Detection,
        *,
        now: datetime,
        baseline: bool,
        new: bool,
    ) -> int:
        """Replace what an article says; returns the number of alerts that will be sent."""
        tables.articles.set_mentions(article_id, found.mentions, new=new)
        former = set() if new else tables.deals.remove_claims(article_id)
        subjects, claim_ids = self._claims(tables, article_id, found.claims, min(article.published or now, now))
        if former:
            _settle(tables, article_id, former, subjects)
        for key, claim_id in claim_ids.items():
            tables.alerts.relink(article_id, key, claim_id)
        for match in found.matches:
            key = f"topic:{match.topic}:{match.company}:{article_id}"
            subjects.append(Subject(key, match.company, match.topic, match.evidence))
        drafts = decide(
            subjects,
            self._routes,
            published=article.published,
            now=now,
            max_age=self._max_age,
            baseline=baseline,
        )
        return sum(tables.alerts.offer(draft, article_id, claim_ids.get(draft.subject), now) for draft in drafts)

    def _claims(
        self, tables: Tables, article_id: int, found: Sequence[Claim], at: datetime
    ) -> tuple[list[Subject], dict[str, int]]:
        """Store claims and group them; returns what they are news of, and the claim for each such subject."""
        subjects: list[Subject] = []
        claim_ids: dict[str, int] = {}
        for claim in found:
            deal_id = self._group(tables, claim, at) if claim.news else None
            claim_id = tables.deals.add_claim(article_id, deal_id, claim)
            if deal_id is not None:
                for subject in deal_subjects(claim, deal_id):
                    subjects.append(subject)
                    claim_ids.setdefault(subject.key, claim_id)
        return subjects, claim_ids

    def _group(self, tables: Tables, claim: Claim, at: datetime) -> int:
        """The deal the claim tells of: one that is known, with what the claim adds to it, or a new one."""
        known = choose(claim, at, tables.deals.alike(claim.company, at - RUMOUR))
        if known is not None:
            tables.deals.update(merge(known, claim, at))
            return known.id
        return tables.deals.open(open_deal(claim, at))


def _settle(tables: Tables, article_id: int, former: set[int], subjects: Sequence[Subject]) -> None:
    """After an edit: deals that nobody tells any more go, and their alerts are about what the article tells now."""
    for gone in sorted(tables.deals.remove_untold(former)):
        for subject in subjects:
            if subject.role == "raiser":
                tables.alerts.rename(article_id, subject.company, f"deal:{gone}", subject.key)
