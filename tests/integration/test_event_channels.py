"""One deal in several roles and channels: investors, routes with other rules, a channel that was renamed."""

from datetime import timedelta

from monitor.alerting.rules import Routing
from monitor.alerting.slack import SlackBot
from monitor.archive import Archive
from monitor.detection.detector import Detector
from monitor.ingest import Ingest
from monitor.settings import Route
from tests.fakes.slack import FakeSlack, render_text
from tests.fakes.world import COMPANIES, World


def test_an_investor_on_the_watch_list_has_a_card_of_its_own(world: World) -> None:
    world.tell("one", "星河智能完成2亿元B轮融资，远山资本领投")
    world.deliver()
    assert [render_text(m).splitlines()[0] for m in world.slack.messages] == [
        "# 星河智能 · 完成融资",
        "# 远山资本 · 投资星河智能",
    ]


def test_a_channel_with_the_raisers_and_an_investors_card_is_told_of_a_change_once(world: World) -> None:
    world.tell("one", "消息称星河智能正在洽谈B轮融资，远山资本拟领投")
    world.tell("two", "星河智能洽谈B轮融资，远山资本领投")
    world.deliver()
    heads = [render_text(card).splitlines()[0] for card in world.cards]
    world.clock.advance(days=1)
    world.tell("three", "星河智能完成2亿元B轮融资，远山资本领投")
    world.deliver()
    assert len(heads) == 2
    (answer,) = world.answers
    assert answer.thread_ts == world.cards[0].ts


def test_after_the_configuration_names_another_channel_what_is_new_is_a_message_there(world: World) -> None:
    world.tell("one", "星河智能完成B轮融资")
    world.deliver()
    world.channels = {"deals": SlackBot(world.slack.token, "C0GENERAL", base_url=world.slack.api)}
    world.tell("two", "星河智能完成2亿元B轮融资")
    world.deliver()
    first, second = world.slack.messages
    assert (first.channel, first.edits) == ("C0DEALS00", 1)
    assert (second.channel, second.thread_ts) == ("C0GENERAL", None)


def test_an_investor_hears_what_becomes_of_its_deal_as_an_investor(archive: Archive, slack: FakeSlack) -> None:
    world = World(archive, slack)
    only = Routing(
        (Route(channels=("deals",), companies=("远山资本",), roles=("investor",)),), max_age=timedelta(days=3)
    )
    world.ingest = Ingest(archive, Detector(COMPANIES, ()), only, world.clock)
    world.tell("one", "消息称星河智能正在洽谈B轮融资，远山资本领投")
    world.deliver()
    world.clock.advance(days=1)
    world.tell("two", "星河智能完成2亿元B轮融资")
    world.deliver()
    (card,), (answer,) = world.cards, world.answers
    assert render_text(card).startswith("# 远山资本 · 投资星河智能")
    assert render_text(answer).startswith("# 远山资本 · 投资星河智能 · 完成融资")
