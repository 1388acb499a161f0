"""The archive's outbox, filled and looked into as tests of delivery need it."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from monitor.archive import Archive
from monitor.archive.alerts import AlertFilter
from monitor.models import Alert, AlertDraft, Article
from monitor.text import clean


@dataclass
class ArchivedOutbox:
    """Implements OutboxUnderTest on an archive."""

    archive: Archive
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def put(self, alert: Alert, /) -> int:
        number = next(self._numbers)
        # Parsing has cleaned all texts before they come here; names are as long as the configuration lets them be.
        company, title, source = clean(alert.company, 200), clean(alert.title), clean(alert.source, 64)
        evidence = replace(alert.evidence, sentence=clean(alert.evidence.sentence))
        claim = alert.claim and replace(alert.claim, company=company, evidence=evidence)
        article = Article(f"{alert.url[:2000]}?{number}", source, title, "", published=alert.published)
        draft = AlertDraft(alert.channel, f"deal:{number}", company, alert.topic, alert.verdict, evidence, claim)
        with self.archive.writing() as tables:
            article_id, _ = tables.articles.put(article, alert.created_at)
            claim_id = tables.deals.add_claim(article_id, None, claim) if claim else None
            assert tables.alerts.offer(draft, article_id, claim_id, alert.created_at)
            (row,) = tables.alerts.find(AlertFilter(article_id=article_id))
            if alert.doubtful:
                tables.alerts.retry(row.id, "", alert.created_at, doubtful=True)
        return row.id

    def get(self, alert_id: int, /) -> Alert:
        with self.archive.reading() as tables:
            found = tables.alerts.get(alert_id)
        assert found is not None
        return found

    def waiting(self) -> Collection[str]:
        return self.archive.outbox.waiting()

    def lease(self, channel: str, now: datetime, until: datetime, /) -> Alert | None:
        return self.archive.outbox.lease(channel, now, until)

    def sent(self, alert_id: int, message_id: str | None, at: datetime, /) -> None:
        self.archive.outbox.sent(alert_id, message_id, at)

    def retry(self, alert_id: int, error: str, at: datetime, /, *, doubtful: bool) -> None:
        self.archive.outbox.retry(alert_id, error, at, doubtful=doubtful)

    def dead(self, alert_id: int, error: str, /) -> None:
        self.archive.outbox.dead(alert_id, error)

    def paused_until(self, channel: str, /) -> datetime | None:
        return self.archive.outbox.paused_until(channel)

    def pause(self, channel: str, until: datetime, /) -> None:
        self.archive.outbox.pause(channel, until)
