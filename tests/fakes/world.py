"""An archive that outlets feed, a channel in Slack, a clock: what tests of one message for one deal need."""

from datetime import timedelta

from monitor.alerting.content import Style
from monitor.alerting.delivery import ChannelClient, deliver
from monitor.alerting.rules import Routing
from monitor.alerting.slack import SlackBot
from monitor.archive import Archive
from monitor.archive.sources import SourceRow
from monitor.detection.detector import Detector
from monitor.ingest import Ingest
from monitor.models import Article
from monitor.settings import Channel, Company, Route
from tests.conftest import NOW
from tests.fakes.outbox import Clock
from tests.fakes.slack import FakeSlack, Message

COMPANIES = (Company(name="星河智能", aliases=("Galaxy AI",)), Company(name="远山资本"))
OWN_WORDS = {
    "one": "记者从多个渠道了解到这一消息，公司方面随后予以证实，并表示资金将主要用于模型训练与海外市场的拓展。",
    "two": "据知情人士介绍，谈判持续了三个月，最终条款在上周敲定；老股东全部跟投，董事会席位没有变化。",
    "three": "这是该公司成立以来的第三次募资，此前两次均未披露细节，创始团队来自一所高校的视觉实验室。",
    "four": "业内分析认为，在当前环境下能够完成这样规模的募集并不容易，同类公司今年大多选择了推迟计划。",
}


class World:
    """An archive, who feeds it, Slack, and a clock."""

    def __init__(self, archive: Archive, slack: FakeSlack, channels: tuple[Channel, ...] = ()) -> None:
        self.archive, self.slack, self.clock = archive, slack, Clock(NOW)
        slack.clock = lambda: self.clock().timestamp()
        routing = Routing(
            (Route(channels=("deals",), roles=("raiser", "investor")),),
            channels={channel.name: channel for channel in channels},
            max_age=timedelta(days=3),
        )
        self.ingest = Ingest(archive, Detector(COMPANIES, ()), routing, self.clock)
        self.channels: dict[str, ChannelClient] = {
            "deals": SlackBot(slack.token, "#deals", base_url=slack.api, style=Style("zh"))
        }
        with archive.writing() as tables:
            tables.sources.sync(
                [SourceRow(name, f"{name.title()} News", "", "", f"https://{name}.example/feed") for name in OWN_WORDS],
                NOW,
            )

    def tell(self, source: str, title: str, *, text: str | None = None, hours_ago: float = 0, slug: str = "a") -> int:
        """An outlet publishes an article, with words of its own unless `text` is given; returns the article's ID."""
        body = f"{title}。{OWN_WORDS[source]}" if text is None else text
        article = Article(
            f"https://{source}.example/{slug}", source, title, body, language="zh",
            published=self.clock() - timedelta(hours=hours_ago),
        )  # fmt: skip
        return self.ingest.store(article).article_id

    def deliver(self, seconds: int = 20) -> None:
        """Delivery runs for a while."""
        for _ in range(seconds):
            deliver(self.archive.outbox, self.channels, self.clock)
            self.clock.advance(seconds=1)

    @property
    def cards(self) -> list[Message]:
        return [m for m in self.slack.messages if m.thread_ts is None]

    @property
    def answers(self) -> list[Message]:
        return [m for m in self.slack.messages if m.thread_ts is not None]
