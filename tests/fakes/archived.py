"""The archive's outbox, filled and looked into as tests of delivery need it."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from types import MappingProxyType

from monitor.alerting.delivery import ChannelClient, Delivered, deliver
from monitor.archive import Archive
from monitor.archive.alerts import AlertFilter
from monitor.archive.outbox import Outbox
from monitor.models import Alert, AlertDraft, Article
from monitor.text import clean
from tests.fakes.outbox import Clock


class ArchivedOutbox(Outbox):
    """The outbox of an archive, with ways to fill it and to look into it."""

    def __init__(self, archive: Archive) -> None:
        super().__init__(*archive.transactions)
        self.archive = archive
        self._numbers = count(1)

    def put(self, alert: Alert, /) -> int:
        """Adds a row with the values of `alert` but an ID of its own, higher than all before; returns the ID."""
        number = next(self._numbers)
        # Parsing has cleaned all texts before they come here; names are as long as the configuration lets them be.
        company, title, source = clean(alert.company, 200), clean(alert.title), clean(alert.source, 64)
        evidence = replace(alert.evidence, sentence=clean(alert.evidence.sentence))
        claim = alert.claim and replace(alert.claim, company=company, evidence=evidence)
        article = Article(f"{alert.url[:2000]}?{number}", source, title, "", published=alert.published)
        draft = AlertDraft(
            alert.channel, f"deal:{number}", company, alert.topic, alert.verdict, evidence,
            due=alert.due or alert.created_at, held=alert.held, claim=claim,
        )  # fmt: skip
        with self.archive.writing() as tables:
            article_id, _ = tables.articles.put(article, alert.created_at)
            claim_id = tables.deals.add_claim(article_id, None, claim) if claim else None
            assert tables.alerts.offer(draft, article_id, claim_id, alert.created_at)
            (row,) = tables.alerts.find(AlertFilter(article_id=article_id))
            if alert.doubtful:
                tables.queue.retry(row.id, "", alert.created_at, doubtful=True)
        return row.id

    def get(self, alert_id: int, /) -> Alert:
        """The row as it stands."""
        with self.archive.reading() as tables:
            found = tables.alerts.get(alert_id)
        assert found is not None
        return found


def drain(
    outbox: ArchivedOutbox,
    channels: Mapping[str, ChannelClient],
    clock: Clock,
    seconds: int,
    *,
    step: int = 1,
    per_hour: Mapping[str, int] = MappingProxyType({}),
) -> Delivered:
    """Delivery runs for so many seconds, with a pass every `step` seconds."""
    total = Delivered()
    for _ in range(0, seconds, step):
        total += deliver(outbox, channels, clock, per_hour)
        clock.advance(seconds=step)
    return total
