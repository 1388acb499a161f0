"""Labelled cases: articles with what people said of their alerts, and what today's detection makes of them.

A line of JSON each: `id`, `title`, `text`, `url`, `published_at` as `monitor detect` reads them, `company` and `topic`
of the alert, `relevant`, and `deals` with what the alert said where it was right, empty where it was not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from monitor.archive import Tables
from monitor.archive.articles import ArchivedArticle
from monitor.archive.feedback import Judged
from monitor.batch import Item, deal_fields
from monitor.detection.detector import Detector
from monitor.parsing.dates import parse_date
from monitor.settings import FUNDING


class Case(Item):
    """One labelled case."""

    company: str
    topic: str
    relevant: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What today's detection makes of a case: whether it would alert of this company and topic."""

    case: Case
    alerts: bool

    @property
    def right(self) -> bool:
        """True if it agrees with what people said."""
        return self.alerts == self.case.relevant


def cases(tables: Tables, judged: Iterator[Judged]) -> Iterator[dict[str, Any]]:
    """The cases that follow from judged alerts; those on which people are even give none."""
    for alert in judged:
        archived = tables.articles.get(alert.article_id)
        if alert.good is not None and archived is not None:
            yield _case(alert, archived, relevant=alert.good)


def _case(alert: Judged, archived: ArchivedArticle, *, relevant: bool) -> dict[str, Any]:
    article = archived.article
    return {
        "id": f"alert-{alert.alert_id}",
        "title": article.title,
        "text": article.text,
        "url": article.url,
        "published_at": article.published.isoformat() if article.published else None,
        "company": alert.company,
        "topic": alert.topic,
        "relevant": relevant,
        "deals": [deal_fields(alert.claim)] if relevant and alert.claim else [],
    }


def try_out(detector: Detector, case: Case) -> Outcome:
    """What detection says of a case today."""
    published = parse_date(case.published_at, "UTC") if case.published_at else None
    found = detector.detect(case.title, case.text, published=published)
    told = {(claim.company, FUNDING) for claim in found.claims if claim.news}
    told |= {(company, FUNDING) for claim in found.claims if claim.news for company in claim.investing}
    told |= {(match.company, match.topic) for match in found.matches}
    return Outcome(case, (case.company, case.topic) in told)
