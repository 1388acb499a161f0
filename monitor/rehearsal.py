"""What a configuration would tell whom, over articles as they came: alerts without an archive or a message."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from monitor.alerting.rules import Occasion, Routing, Subject, deal_subjects, decide, follow_ups
from monitor.archive.articles import ArchivedArticle
from monitor.detection.detector import Detector
from monitor.detection.differences import changes
from monitor.detection.stream import DealStream
from monitor.models import AlertDraft, Change, Claim, Deal, Heard, Report


@dataclass
class Rehearsal:
    """Goes through articles in the order of their publication; `drafts` gives what each would have told.

    A channel hears of a subject once, and of a company from one article once, as in the outbox.
    """

    detector: Detector
    routing: Routing
    _stream: DealStream = field(default_factory=DealStream)
    _reports: dict[int, list[Report]] = field(default_factory=lambda: defaultdict(list))
    _heard: dict[int, list[Heard]] = field(default_factory=lambda: defaultdict(list))
    _subjects: set[tuple[str, str]] = field(default_factory=set)

    def drafts(self, archived: ArchivedArticle, *, repeats: bool = False) -> Iterator[AlertDraft]:
        """The alerts that an article makes, those that are held back too, each with its reason.

        With `repeats` also those of which the channel has heard from another article.
        """
        article = archived.article
        found = self.detector.detect(article.title, article.text, published=article.published)
        told = [self._tell(archived, claim) for claim in found.claims if claim.news]
        subjects = [subject for report, deal, _ in told for subject in deal_subjects(report.claim, deal)]
        subjects += [
            Subject(f"topic:{m.topic}:{m.company}:{archived.id}", m.company, m.topic, m.evidence) for m in found.matches
        ]
        occasion = Occasion(article.published, archived.fetched, article.source, article.language)
        for report, deal, added in told:
            yield from follow_ups(report, added, self._heard[deal.id], archived.version, self.routing, occasion)
        companies: set[tuple[str, str]] = set()
        for draft in decide(subjects, self.routing, occasion):
            about = (draft.channel, draft.company)
            first = (draft.channel, draft.subject) not in self._subjects
            if about not in companies and (first or repeats):
                companies.add(about)
                if first:
                    self._remember(draft)
                yield draft

    def _tell(self, archived: ArchivedArticle, claim: Claim) -> tuple[Report, Deal, tuple[Change, ...]]:
        article = archived.article
        at = article.published or archived.fetched
        deal = self._stream.tell(claim, at)
        report = Report(claim, archived.id, article.title, article.url, article.source, "", article.author, at)
        known = self._reports[deal.id]
        added = changes(known, report)
        known.append(report)
        return report, deal, added

    def _remember(self, draft: AlertDraft) -> None:
        if not draft.wanted:
            return
        self._subjects.add((draft.channel, draft.subject))
        if draft.deal_id is not None:
            self._heard[draft.deal_id].append(
                Heard(0, draft.channel, draft.subject, draft.company, draft.topic, draft.deal_id, rendered=True)
            )
