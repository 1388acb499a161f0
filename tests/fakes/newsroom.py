"""Articles that come into an archive as they would from a crawl, with what becomes of them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.alerting.rules import Routing
from monitor.archive import Archive
from monitor.detection.detector import Detector
from monitor.ingest import Ingest
from monitor.models import Article
from monitor.settings import Company, Route
from tests.conftest import NOW

WATCHED = (Company(name="星河智能", aliases=("Galaxy AI",)), Company(name="砺原机器人"))
BY_DEFAULT = Routing((Route(channels=("deals",)),), max_age=timedelta(days=3))

A_ROUND, B_ROUND = "星河智能完成1亿元A轮融资", "星河智能完成2亿元B轮融资，蓝湖资本领投"


@dataclass
class Newsroom:
    """Stores articles of made-up outlets as they come in, `days` after (or before) today and `age` days old."""

    archive: Archive
    detector: Detector = field(default_factory=lambda: Detector(WATCHED, ()))
    number: int = 0

    def tell(
        self, title: str, text: str = "", *, url: str = "", days: float = 0, age: float = 0, source: str = "news"
    ) -> int:
        self.number += 1
        now: datetime = NOW + timedelta(days=days)
        address = url or f"https://{source}.example/{self.number}"
        published = now - timedelta(days=age)
        article = Article(address, source, title, text or f"{title}。", language="zh", published=published)
        return Ingest(self.archive, self.detector, BY_DEFAULT, lambda: now).store(article).article_id

    def deliver(self, minutes: float = 4) -> None:
        """Let everything that waits be sent so long after its article."""
        outbox, later = self.archive.outbox, NOW + timedelta(days=99)
        while (alert := outbox.lease("deals", later, later + timedelta(days=1))) is not None:
            outbox.sent(alert, f"m{alert.id}", (alert.published or NOW) + timedelta(minutes=minutes))

    def usual(self) -> None:
        """A little of everything: deals of two companies, talks, a denial, an edit, text that would be markup."""
        self.tell(A_ROUND, days=-35, age=5, source="one")
        self.tell(B_ROUND, f"{B_ROUND}，红杉中国跟投，投后估值约20亿元。\n人工智能的应用正在扩大。", source="one")
        self.tell("星河智能获2亿元B轮融资", source="two")
        self.tell("砺原机器人洽谈5000万美元A轮融资", days=-1, source="two")
        self.tell("<script>alert(1)</script>", "<img src=x onerror=y> 星河智能发布新品", days=-2, source="one")
        self.tell("砺原机器人完成数千万元天使轮融资", "旧的正文。", url="https://one.example/edited", days=-70)
        self.tell("砺原机器人完成数千万元天使轮融资", "新的正文。", url="https://one.example/edited", days=-70)
        self.deliver()
