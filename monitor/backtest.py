"""Today's configuration over the archive: what it would have told, against what was recorded."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.alerting.rules import Subject, deal_subjects, decide
from monitor.archive import Archive
from monitor.archive.articles import ArchivedArticle
from monitor.detection import Detector
from monitor.detection.stream import DealStream
from monitor.models import Alert, AlertState
from monitor.settings import Route


@dataclass(frozen=True, slots=True)
class Told:
    """An alert, recorded or as it would be: what one channel hears of a company from an article, and by which rule."""

    channel: str
    company: str
    topic: str
    article_id: int
    title: str
    rule: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Alerts that today's configuration would send and were not recorded, the reverse, and those of both."""

    gained: tuple[Told, ...]
    lost: tuple[Told, ...]
    unchanged: tuple[Told, ...]


class Backtest:
    """Reads the archive, writes nothing. Articles are taken in the order in which they were published."""

    def __init__(
        self, archive: Archive, detector: Detector, routes: Sequence[Route], max_age: timedelta | None
    ) -> None:
        self._archive = archive
        self._detector = detector
        self._routes = routes
        self._max_age = max_age

    def count(self, after: datetime | None, before: datetime | None, source: str | None) -> int:
        """How many articles `articles` gives."""
        with self._archive.reading() as tables:
            return tables.articles.count(after, before, source)

    def articles(
        self, after: datetime | None, before: datetime | None, source: str | None
    ) -> Iterator[ArchivedArticle]:
        """The articles of a time and source, oldest first."""
        with self._archive.reading() as tables:
            yield from tables.articles.walk(after, before, source)

    def compare(self, articles: Iterable[ArchivedArticle]) -> Comparison:
        """The difference, over these articles."""
        stream, seen = DealStream(), set[int]()
        would: dict[tuple[str, str], tuple[Told, set[int]]] = {}
        for archived in articles:
            seen.add(archived.id)
            for key, told in self._told(archived, stream):
                would.setdefault(key, (told, set()))[1].add(archived.id)
        return _difference(would, self._recorded(seen))

    def _told(self, archived: ArchivedArticle, stream: DealStream) -> Iterator[tuple[tuple[str, str], Told]]:
        """What the configuration says of an article: (channel, subject) and the alert."""
        article = archived.article
        found = self._detector.detect(article.title, article.text, published=article.published)
        at = article.published or archived.fetched
        subjects = [
            subject
            for claim in found.claims
            if claim.news
            for subject in deal_subjects(claim, stream.tell(claim, at).id)
        ]
        subjects += [
            Subject(f"topic:{m.topic}:{m.company}:{archived.id}", m.company, m.topic, m.evidence) for m in found.matches
        ]
        drafts = decide(
            subjects,
            self._routes,
            published=article.published,
            now=archived.fetched,
            max_age=self._max_age,
            baseline=False,
        )
        for draft in drafts:
            if draft.wanted:
                rule = draft.claim.rule if draft.claim else draft.topic
                told = Told(draft.channel, draft.company, draft.topic, archived.id, article.title, rule)
                yield (draft.channel, draft.subject), told

    def _recorded(self, articles: set[int]) -> list[Alert]:
        with self._archive.reading() as tables:
            return [a for a in tables.alerts.all() if a.article_id in articles and a.state is not AlertState.SUPPRESSED]


def _difference(would: dict[tuple[str, str], tuple[Told, set[int]]], recorded: Iterable[Alert]) -> Comparison:
    """Two alerts are the same if one channel hears of one company by articles about one deal."""
    left = dict(would)
    lost, unchanged = [], []
    for alert in recorded:
        told = Told(
            alert.channel,
            alert.company,
            alert.topic,
            alert.article_id,
            alert.title,
            alert.claim.rule if alert.claim else alert.topic,
        )
        same = next(
            (
                key
                for key, (new, ids) in left.items()
                if (new.channel, new.company) == (told.channel, told.company) and told.article_id in ids
            ),
            None,
        )
        if same is None:
            lost.append(told)
        else:
            unchanged.append(left.pop(same)[0])
    return Comparison(tuple(told for told, _ in left.values()), tuple(lost), tuple(unchanged))
