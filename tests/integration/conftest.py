"""A made-up site and the program that watches it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.alerting.delivery import ChannelClient
from monitor.alerting.slack import SlackBot
from monitor.archive import Archive
from tests.fakes import feeds
from tests.fakes.archived import ArchivedOutbox
from tests.fakes.feeds import Story
from tests.fakes.outbox import Clock
from tests.fakes.program import Program
from tests.fakes.site import Site
from tests.fakes.slack import FakeSlack, go_direct
from tests.fakes.world import World

FILLER = """公司成立于2021年，总部位于杭州，为制造企业提供质检模型，目前服务客户超过三百家。
公司表示将继续投入研发，团队规模计划在年内扩大一倍，并在苏州设立第二个研发中心，首批二十名工程师已经到岗。
创始人毕业后先在一家家电企业做了六年质检，他说行业的问题从来不是算法，而是数据从哪里来、由谁来标、出了错由谁来改。
分析人士指出，工业质检的门槛在于交付，一条产线往往要调三个月，谁能把这个时间压到两周，谁就能拿下大部分的订单。"""

Publish = Callable[..., Story]


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on loopback."""
    with Site() as served:
        yield served


@pytest.fixture
def publish(site: Site) -> Publish:
    """Puts a story on the site: its page, and its entry in `/feed`. The newest comes first."""
    stories: list[Story] = []

    def add(slug: str, title: str, body: str = "详见下文。", *, hours: float = 1, page: bool = True) -> Story:
        published = datetime.now(UTC) - timedelta(hours=hours)
        story = Story(f"{site.url}/{slug}", title, f"{body}\n{FILLER}", published)
        stories[:] = [story, *(other for other in stories if other.url != story.url)]
        if page:
            site.put(f"/{slug}", feeds.page("示例站", story))
        site.put("/feed", feeds.rss("示例站", stories), content_type="application/rss+xml")
        return story

    return add


@pytest.fixture
def program(tmp_path: Path, site: Site, database_url: str) -> Program:
    """The program, watching 星河智能 on the site, alerts on the console; on SQLite and on Postgres."""
    found = Program(tmp_path, {"DATABASE_URL": database_url})
    found.configure(
        companies=[{"name": "星河智能", "aliases": ["Galaxy AI"]}],
        sources=[{"name": "site", "url": f"{site.url}/feed"}],
    )
    return found


@pytest.fixture
def outbox(archive: Archive) -> ArchivedOutbox:
    """The archive's outbox, on SQLite and on Postgres."""
    return ArchivedOutbox(archive)


@pytest.fixture
def clock() -> Clock:
    """Time that passes only when a test says so."""
    return Clock()


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[FakeSlack]:
    """A stand-in for Slack by that clock."""
    go_direct(monkeypatch)
    with FakeSlack(clock=lambda: clock().timestamp()) as server:
        yield server


@pytest.fixture
def bot(slack: FakeSlack) -> dict[str, ChannelClient]:
    """One channel, by bot token."""
    return {"deals": SlackBot(slack.token, "#deals", base_url=slack.api)}


@pytest.fixture
def world(archive: Archive, slack: FakeSlack) -> World:
    """Outlets, an archive, a channel in Slack, and a clock of its own."""
    return World(archive, slack)
