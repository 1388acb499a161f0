"""A made-up press: deals of made-up companies, told by outlets in their own words, reprinted by others."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.models import Article
from monitor.settings import Company

_FIRST = "星海云山风林松石竹青蓝赤金银玄曜宸启微瀚澜沐岚泓"
_SECOND = "河川驰图维脉衡序芒域源拓迅锐弘泰恒远达通盛航舟"
_KINDS = ("智能", "科技", "机器人", "医疗", "半导体", "能源")
_TITLES = (
    "{name}完成{amount}{round}轮融资",
    "{name}获{amount}{round}轮融资",
    "{name}宣布完成{round}轮融资，金额{amount}",
    "{name}完成{round}轮融资，融资额{amount}",
)
_SENTENCES = (
    "公司表示资金将用于研发与市场拓展", "产品已经在三十多个城市落地", "团队规模计划在年内扩大一倍",
    "创始人曾在一家制造企业工作多年", "下一步将进入海外市场", "客户覆盖汽车与家电行业",
    "工厂二期预计明年投产", "行业人士认为竞争会更加激烈", "去年的营收同比增长两倍",
    "新的总部已经启用", "供应链的成本正在下降", "老股东继续跟投",
    "管理层没有变化", "技术路线与同行不同", "订单排到了明年上半年",
    "交付周期缩短到两周", "海外收入占比超过三成", "专利数量居于前列",
    "合作伙伴包括多家高校", "生产线实现了自动化",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One deal: who raises, and the articles that tell it. `outlets` and `independent` are the counts to be shown."""

    company: Company
    articles: tuple[Article, ...]
    outlets: frozenset[str]
    independent: int


@dataclass
class Press:
    """Makes events from a seed; the same seed makes the same."""

    seed: int
    now: datetime
    outlets: int = 40
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def events(self, deals: int, articles: int) -> list[Event]:
        """So many deals, told by so many articles in all, at least one each."""
        names = self._names(deals)
        counts = [1] * deals
        for _ in range(articles - deals):
            counts[self._chance.randrange(deals)] += 1
        return [self._event(name, i, count) for i, (name, count) in enumerate(zip(names, counts, strict=True))]

    def _names(self, number: int) -> list[str]:
        pairs = [a + b for a in _FIRST for b in _SECOND]
        return [pair + self._chance.choice(_KINDS) for pair in self._chance.sample(pairs, number)]

    def _event(self, name: str, index: int, count: int) -> Event:
        facts = {
            "name": name,
            "amount": f"{self._chance.randint(2, 98)}000万元",
            "round": self._chance.choice("ABCD"),
        }
        articles: list[Article] = []
        own: dict[str, set[str]] = defaultdict(set)
        for number in range(count):
            outlet = f"outlet{self._chance.randrange(self.outlets)}"
            title = self._chance.choice(_TITLES).format(**facts)
            copied = self._chance.choice(articles) if articles and self._chance.random() < 0.3 else None
            text = copied.text if copied else f"{title}。{self._words()}"
            own[text].add(outlet)
            articles.append(
                Article(
                    url=f"https://{outlet}.example/{index}/{number}",
                    source=outlet,
                    title=f"{copied.title if copied else title}",
                    text=text,
                    language="zh",
                    published=self.now - timedelta(minutes=self._chance.randrange(600)),
                )
            )
        told = frozenset(article.source for article in articles)
        return Event(Company(name=name), tuple(articles), told, _independent(articles))

    def _words(self) -> str:
        return "。".join(self._chance.sample(_SENTENCES, 9)) + "。"


def _independent(articles: Sequence[Article]) -> int:
    """Outlets with a text of their own, in the order of publication: not what they or another had before."""
    outlets: set[str] = set()
    texts: set[str] = set()
    number = 0
    for article in sorted(articles, key=lambda a: a.published or datetime.min):  # noqa: DTZ901 - all are dated
        if article.source not in outlets and article.text not in texts:
            number += 1
            outlets.add(article.source)
            texts.add(article.text)
    return number
