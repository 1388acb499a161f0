"""Today's configuration over the archive: what it would have told, against what was recorded."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from monitor.alerting.rules import Routing
from monitor.archive import Archive
from monitor.archive.articles import ArchivedArticle
from monitor.detection.detector import Detector
from monitor.models import Alert, AlertDraft, AlertKind, AlertState
from monitor.rehearsal import Rehearsal


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

    def __init__(self, archive: Archive, detector: Detector, routing: Routing) -> None:
        self._archive = archive
        self._detector = detector
        self._routing = routing

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

    def preview(self, articles: Iterable[ArchivedArticle]) -> Iterator[tuple[ArchivedArticle, AlertDraft]]:
        """What the configuration would have sent, article by article: cards and what would have followed them."""
        rehearsal = Rehearsal(self._detector, self._routing)
        for archived in articles:
            for draft in rehearsal.drafts(archived):
                if draft.wanted:
                    yield archived, draft

    def compare(self, articles: Iterable[ArchivedArticle]) -> Comparison:
        """The difference in cards, over these articles."""
        seen = set[int]()
        # What a channel hears of only once may be told by several articles: any of them makes it the same alert.
        rehearsal = Rehearsal(self._detector, self._routing)
        would: dict[tuple[str, str], tuple[Told, set[int]]] = {}
        for archived in articles:
            seen.add(archived.id)
            for draft in rehearsal.drafts(archived, repeats=True):
                self._add(would, archived, draft)
        return _difference(would, self._recorded(seen))

    @staticmethod
    def _add(would: dict[tuple[str, str], tuple[Told, set[int]]], archived: ArchivedArticle, draft: AlertDraft) -> None:
        if draft.wanted and draft.kind is AlertKind.CARD:
            rule = draft.claim.rule if draft.claim else draft.topic
            told = Told(draft.channel, draft.company, draft.topic, archived.id, archived.article.title, rule)
            would.setdefault((draft.channel, draft.subject), (told, set()))[1].add(archived.id)

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
