"""Buttons and /monitor over Socket Mode, against the stand-in."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from monitor.alerting.content import Style
from monitor.alerting.delivery import ChannelClient, deliver
from monitor.alerting.interaction import Interactions
from monitor.alerting.rules import Routing
from monitor.alerting.slack import SlackBot, SocketListener
from monitor.archive import Archive
from monitor.detection.detector import Detector
from monitor.ingest import Ingest
from monitor.models import Article
from monitor.settings import Company, Language, Route, SlackChannel
from tests.conftest import NOW
from tests.fakes.blockkit import reach
from tests.fakes.outbox import Clock
from tests.fakes.slack import FakeSlack, Message
from tests.fakes.slacksocket import PATIENCE, FakeSocket

COMPANIES = (Company(name="星河智能", aliases=("Galaxy AI",)),)


@pytest.fixture
def socket(slack: FakeSlack) -> Iterator[FakeSocket]:
    with FakeSocket(slack) as server:
        yield server


class Desk:
    """A person in Slack, and the program that listens."""

    def __init__(self, archive: Archive, slack: FakeSlack, socket: FakeSocket, language: Language = "en") -> None:
        self.archive, self.slack, self.socket, self.clock = archive, slack, socket, Clock(NOW)
        slack.clock = lambda: self.clock().timestamp()
        channel = SlackChannel(name="deals", type="slack", channel="#deals", language=language)
        routing = Routing((Route(channels=("deals",)),), channels={"deals": channel}, max_age=timedelta(days=3))
        self.ingest = Ingest(archive, Detector(COMPANIES, ()), routing, self.clock)
        self.channels: dict[str, ChannelClient] = {
            "deals": SlackBot(slack.token, "#deals", base_url=slack.api, style=Style(language, None, interactive=True))
        }
        interactions = Interactions(archive, lambda: (channel,), lambda: COMPANIES, self.clock)
        self.listener = SocketListener(slack.app_token, interactions, base_url=slack.api)

    def publish(self, title: str, slug: str = "a") -> None:
        self.ingest.store(
            Article(f"https://one.example/{slug}", "one", title, f"{title}。", language="zh", published=self.clock())
        )
        for _ in range(5):
            deliver(self.archive.outbox, self.channels, self.clock)
            self.clock.advance(seconds=1)

    def card(self) -> Message:
        return self.slack.messages[-1]

    def press(self, label: str, user: str = "U0ANN") -> str:
        """Presses a button of the last card; returns what its presser is told."""
        card = self.card()
        buttons = [e for b in card.blocks if b["type"] == "actions" for e in b["elements"]]
        (button,) = [e for e in buttons if e["text"]["text"] == label]
        return self._told(lambda: self.socket.press(button["action_id"], button["value"], card, user))

    def command(self, text: str, **where: str) -> str:
        return self._told(lambda: self.socket.command(text, **where))

    def _told(self, act: Callable[[], str]) -> str:
        before = len(self.slack.answers)
        self.socket.wait_acknowledged(act())
        answer = self.slack.wait_answer(before, PATIENCE)
        assert answer["response_type"] == "ephemeral"
        assert answer["replace_original"] is False
        assert [what for kind, what in reach(answer["blocks"]) if kind == "ping"] == []
        return str(answer["text"])


@pytest.fixture
def desk(archive: Archive, slack: FakeSlack, socket: FakeSocket) -> Iterator[Desk]:
    desk = Desk(archive, slack, socket)
    desk.listener.start()
    socket.wait_connected()
    yield desk
    desk.listener.stop()
    assert socket.faults == []


def judged(archive: Archive) -> list[tuple[int, int]]:
    with archive.reading() as tables:
        return [(alert.relevant, alert.irrelevant) for alert in tables.feedback.judged()]


def test_buttons_write_what_people_think_and_a_change_of_mind_replaces_it(desk: Desk) -> None:
    desk.publish("星河智能完成2亿元B轮融资")
    assert desk.press("Relevant") == "Noted as relevant. Thank you."
    desk.press("Relevant")
    assert judged(desk.archive) == [(1, 0)]
    desk.press("Not relevant")
    desk.press("Not relevant", user="U0BOB")
    assert judged(desk.archive) == [(0, 2)]


def test_a_muted_deal_and_a_muted_company_are_not_heard_of(desk: Desk) -> None:
    desk.publish("星河智能完成B轮融资")
    assert "no more of this deal" in desk.press("Mute this deal")
    desk.publish("星河智能完成2亿元B轮融资", "b")
    assert len(desk.slack.messages) == 1
    until = "2026-03-03 08:00 UTC"
    assert desk.press("Mute company for a day") == f"星河智能 is muted in this channel until {until}."
    desk.publish("星河智能完成C轮融资", "c")
    assert len(desk.slack.messages) == 1
    desk.clock.advance(days=1)
    desk.publish("星河智能完成D轮融资", "d")
    assert len(desk.slack.messages) == 2


def test_what_waits_already_when_a_company_is_muted_is_not_sent(desk: Desk) -> None:
    desk.publish("星河智能完成B轮融资")
    desk.slack.fail_next("ratelimited", retry_after=60, method="chat.postMessage")
    desk.publish("星河智能完成C轮融资", "c")
    desk.press("Mute company for a day")
    desk.clock.advance(minutes=5)
    desk.publish("海豚出行完成C轮融资", "d")
    assert len(desk.slack.messages) == 1


def test_commands_search_list_deals_mute_and_tell_the_status(desk: Desk) -> None:
    desk.publish("星河智能完成2亿元B轮融资")
    assert desk.command("search 融资") == "星河智能完成2亿元B轮融资 · one · 2026-03-02"
    (found,) = [what for kind, what in reach(desk.slack.answers[-1]["blocks"]) if kind == "link"]
    assert found == "https://one.example/a"
    assert desk.command("search 收购") == "Nothing was found."
    assert desk.command('search "2亿元B轮"').startswith("星河智能完成2亿元B轮融资")
    assert desk.command('search "B轮 2亿元"') == "Nothing was found."
    assert desk.command('search company:"Galaxy AI" round:B').startswith("星河智能完成2亿元B轮融资")
    assert "is no round" in desk.command("search round:Q")
    assert "星河智能 · Funding round completed · Series B · 2亿元 (CNY 200M, about USD 28M)" in desk.command("deals")
    assert desk.command("deals Galaxy AI").startswith("星河智能 ·")
    assert desk.command("mute Galaxy AI 2d").startswith("星河智能 is muted in this channel until 2026-03-04")
    assert desk.command("mute").startswith("星河智能 – 2026-03-04")
    assert "Alerts: 1 sent, 0 waiting, 0 given up." in desk.command("status")
    assert desk.command("unmute galaxy ai") == "galaxy ai is heard of again."
    assert desk.command("mute") == "Nothing is muted in this channel."


@pytest.mark.parametrize(
    "text", ["", "help", "dance", "search", 'search "', "deals <!channel>", "mute <!here> 1d", "unmute #²"]
)
def test_whatever_is_asked_there_is_an_answer_that_pings_nobody(desk: Desk, text: str) -> None:
    assert desk.command(text)


def test_a_mute_where_no_alerts_go_is_refused_with_what_to_do(desk: Desk) -> None:
    assert "No alerts go to #general" in desk.command("mute 星河智能", channel="general", channel_id="C0GENERAL")


def test_answers_are_in_the_language_of_the_channel(archive: Archive, slack: FakeSlack, socket: FakeSocket) -> None:
    desk = Desk(archive, slack, socket, "zh")
    desk.listener.start()
    socket.wait_connected()
    desk.publish("星河智能完成2亿元B轮融资")
    assert desk.press("有用") == "已记录为有用，谢谢。"
    assert desk.command("mute 星河智能").startswith("星河智能在本频道屏蔽至")
    desk.listener.stop()


@pytest.mark.parametrize("value", ["", "x", "-1", "999", "9" * 40, "１"])
def test_a_button_of_an_alert_that_is_not_there_says_so(desk: Desk, value: str) -> None:
    assert "not in the archive" in desk._told(lambda: desk.socket.press("relevant", value))


def test_buttons_that_open_pages_and_unknown_ones_are_acknowledged_and_not_answered(desk: Desk) -> None:
    for action in ("open_article", "open_archive", "of_another_version"):
        desk.socket.wait_acknowledged(desk.socket.press(action, "1"))
    assert desk.slack.answers == []


def test_after_a_broken_connection_what_was_pressed_meanwhile_is_done(desk: Desk) -> None:
    desk.publish("星河智能完成2亿元B轮融资")
    desk.socket.ask_to_leave()
    desk.socket.wait_connected(2)
    desk.press("Relevant")
    assert judged(desk.archive) == [(1, 0)]


def test_a_wrong_app_token_is_told_once_and_nothing_else_changes(
    archive: Archive, slack: FakeSlack, socket: FakeSocket, caplog: pytest.LogCaptureFixture
) -> None:
    slack.app_token = "xapp-other"
    desk = Desk(archive, slack, socket)
    slack.app_token = "xapp-changed"
    desk.listener.start()
    slack.wait_asked("apps.connections.open", PATIENCE)
    desk.publish("星河智能完成2亿元B轮融资")
    desk.listener.stop()
    assert len(slack.messages) == 1
    assert "xapp" not in caplog.text
