"""One deal is one message: later articles edit it, and answer in its thread only where something is new."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.alerting.cards import Card
from monitor.alerting.content import Style
from monitor.alerting.rules import Routing
from monitor.alerting.slack import SlackBot, SlackWebhook
from monitor.archive import Archive
from monitor.archive.alerts import AlertFilter
from monitor.archive.mutes import Mute
from monitor.detection.detector import Detector
from monitor.ingest import Ingest
from monitor.models import AlertKind, AlertState
from monitor.settings import Route, SlackChannel
from tests.conftest import NOW
from tests.fakes.slack import FakeSlack, render_text
from tests.fakes.world import COMPANIES, OWN_WORDS, World


def test_a_second_outlet_edits_the_card_and_says_nothing_more(world: World) -> None:
    world.tell("one", "星河智能完成2亿元B轮融资")
    world.deliver()
    world.tell("two", "星河智能获2亿元B轮融资")
    world.deliver()
    (card,) = world.slack.messages
    assert card.edits == 1
    shown = render_text(card)
    assert "2家媒体报道，其中2家独立：One News <https://one.example/a>、Two News <https://two.example/a>" in shown
    assert "可信度：高（2个独立信源）" in shown
    assert card.metadata == {"event_type": "funding_alert", "event_payload": {"alert_id": 1}}


def test_a_reprint_is_an_outlet_but_no_independent_one(world: World) -> None:
    text = f"星河智能完成2亿元B轮融资。{OWN_WORDS['one']}"
    for source in ("one", "two", "three"):
        world.tell(source, "星河智能完成2亿元B轮融资", text=text)
    world.tell("four", "星河智能完成2亿元B轮融资")
    world.deliver()
    (card,) = world.slack.messages
    assert "4家媒体报道，其中2家独立" in render_text(card)
    assert card.edits == 0  # all was known before it was written


def test_two_articles_of_one_outlet_are_one_outlet(world: World) -> None:
    world.tell("one", "星河智能完成2亿元B轮融资")
    world.tell("one", "星河智能获2亿元B轮融资", slug="b")
    world.deliver()
    (card,) = world.slack.messages
    assert "家媒体报道" not in render_text(card)


def test_new_facts_are_answers_in_the_thread_and_the_card_has_them_too(world: World) -> None:
    world.tell("one", "星河智能完成B轮融资")
    world.deliver()
    world.tell("two", "星河智能完成2亿元B轮融资，远山资本领投")
    world.deliver()
    world.tell("three", "星河智能完成2亿元B轮融资，远山资本领投")
    world.deliver()
    (card,) = [m for m in world.cards if "星河智能 ·" in render_text(m)]
    (answer,) = world.answers
    assert (answer.thread_ts, answer.broadcast) == (card.ts, False)
    assert "星河智能 · 新信息：金额、领投方" in render_text(answer)
    assert "*金额*: 2亿元（约2800万美元）" in render_text(answer)
    assert "*金额*: 2亿元（约2800万美元）" in render_text(card)
    assert "*领投方*: 远山资本" in render_text(card)
    assert "3家媒体报道" in render_text(card)


def test_a_rumour_that_comes_true_is_told_to_the_whole_channel_and_changes_the_card(world: World) -> None:
    world.tell("one", "消息称星河智能正在洽谈B轮融资，拟融资2亿元")
    world.deliver()
    assert "# 星河智能 · 融资洽谈中" in render_text(world.cards[0])
    assert "可信度：低（单一信源）" in render_text(world.cards[0])
    world.clock.advance(days=20)
    world.tell("two", "星河智能完成2亿元B轮融资")
    world.deliver()
    (card,) = world.cards
    (answer,) = world.answers
    assert answer.broadcast
    assert "# 星河智能 · 完成融资" in render_text(answer)
    assert "# 星河智能 · 完成融资" in render_text(card)
    assert "*星河智能完成2亿元B轮融资* <https://two.example/a>" in render_text(card)
    assert "*状态*" not in render_text(card)  # talks that led to a completion contradict nothing


def test_a_denial_is_told_to_the_whole_channel_and_stands_beside_what_it_denies(world: World) -> None:
    world.tell("one", "星河智能完成2亿元B轮融资")
    world.deliver()
    world.clock.advance(hours=3)
    world.tell("two", "星河智能否认完成B轮融资")
    world.deliver()
    (answer,) = world.answers
    assert answer.broadcast
    assert "否认融资" in render_text(answer)
    assert "*状态*: 否认融资——Two News；或 完成融资——One News" in render_text(world.cards[0])
    assert "说法不一" in render_text(world.cards[0])


def test_amounts_that_differ_stand_side_by_side_with_who_says_what(world: World) -> None:
    world.tell("one", "星河智能完成2亿元B轮融资")
    world.tell("two", "星河智能完成2亿元B轮融资")
    world.deliver()
    world.tell("three", "星河智能完成2.25亿元B轮融资")
    world.deliver()
    (answer,) = world.answers
    told = "*金额*: 2亿元（约2800万美元）——One News、Two News；或 2.25亿元（约3100万美元）——Three News"
    assert told in render_text(answer)
    assert told in render_text(world.cards[0])


def test_what_is_rounded_or_told_before_is_not_new(world: World) -> None:
    world.tell("one", "星河智能完成1.98亿元B轮融资，远山资本领投")
    world.deliver()
    world.tell("two", "星河智能完成近2亿元B轮融资")
    world.tell("three", "星河智能完成数亿元融资")
    world.deliver()
    assert world.answers == []


def test_an_exact_amount_after_a_range_is_new(world: World) -> None:
    world.tell("one", "星河智能完成数亿元B轮融资")
    world.deliver()
    world.tell("two", "星河智能完成3亿元B轮融资")
    world.deliver()
    (answer,) = world.answers
    assert "*金额*: 3亿元" in render_text(answer)


def test_an_edit_of_an_article_that_brings_a_fact_is_told_once(world: World) -> None:
    world.tell("one", "星河智能完成B轮融资")
    world.deliver()
    world.tell("one", "星河智能完成2亿元B轮融资")
    world.tell("one", "星河智能完成2亿元B轮融资", text="星河智能完成2亿元B轮融资。文字有改动。")
    world.deliver()
    (answer,) = world.answers
    assert "新信息：金额" in render_text(answer)
    (card,) = world.cards
    assert "*金额*: 2亿元" in render_text(card)


def test_a_card_shows_what_is_left_when_an_article_takes_back_what_it_said(world: World) -> None:
    world.tell("one", "星河智能完成B轮融资")
    world.tell("two", "星河智能完成2亿元B轮融资")
    world.deliver()
    assert "2家媒体报道" in render_text(world.cards[0])
    world.tell("one", "星河智能发布新模型")
    world.deliver()
    shown = render_text(world.cards[0])
    assert "2家媒体报道" not in shown
    assert "*星河智能完成2亿元B轮融资* <https://two.example/a>" in shown
    assert world.answers == []


def test_old_reports_edit_the_card_and_are_no_news(world: World) -> None:
    world.tell("one", "星河智能完成B轮融资")
    world.deliver()
    world.tell("two", "星河智能完成2亿元B轮融资", hours_ago=24 * 5)
    world.deliver()
    assert world.answers == []
    assert "*金额*: 2亿元" in render_text(world.cards[0])


def test_a_muted_deal_is_silent_and_its_card_goes_on_to_be_true(world: World) -> None:
    world.tell("one", "星河智能完成B轮融资")
    world.deliver()
    with world.archive.writing() as tables:
        (alert,) = tables.alerts.find(AlertFilter())
        tables.mutes.put(Mute("deals", "", alert.deal_id or 0, None, "U1", NOW))
    world.tell("two", "星河智能完成2亿元B轮融资")
    world.deliver()
    assert world.answers == []
    assert "*金额*: 2亿元" in render_text(world.cards[0])


def test_a_muted_company_is_heard_of_again_when_its_day_is_over(world: World) -> None:
    with world.archive.writing() as tables:
        tables.mutes.put(Mute("deals", "星河智能", 0, NOW + timedelta(days=1), "U1", NOW))
    world.tell("one", "星河智能完成2亿元B轮融资")
    world.deliver()
    assert world.slack.messages == []
    with world.archive.reading() as tables:
        (alert,) = tables.alerts.find(AlertFilter())
    assert (alert.state, alert.verdict.value) == (AlertState.SUPPRESSED, "muted")
    world.clock.advance(days=1)
    world.tell("two", "星河智能完成2亿元B轮融资")
    world.deliver()
    assert len(world.slack.messages) == 1


def test_through_a_webhook_only_new_facts_and_changes_of_status_are_posted_again(world: World) -> None:
    world.channels = {"deals": SlackWebhook(world.slack.webhook, style=Style("zh"))}
    world.tell("one", "消息称星河智能正在洽谈B轮融资")
    world.deliver()
    world.tell("two", "消息称星河智能正在洽谈B轮融资")
    world.deliver()
    assert len(world.slack.messages) == 1
    world.tell("three", "星河智能完成2亿元B轮融资")
    world.deliver()
    heads = [render_text(m).splitlines()[0] for m in world.slack.messages]
    assert heads == ["# 星河智能 · 融资洽谈中", "# 星河智能 · 完成融资"]
    with world.archive.reading() as tables:
        assert {alert.state for alert in tables.alerts.find(AlertFilter())} == {AlertState.SENT}
    assert world.archive.outbox.waiting(world.clock()) == set()


def test_what_comes_while_the_card_waits_is_in_the_card(world: World) -> None:
    world.slack.fail_next("ratelimited", retry_after=60, method="chat.postMessage")
    world.tell("one", "星河智能完成B轮融资")
    world.deliver(3)
    world.tell("two", "星河智能完成2亿元B轮融资")
    world.deliver(90)
    (card,) = world.slack.messages
    assert "*金额*: 2亿元" in render_text(card)
    assert card.edits == 0


def test_what_comes_while_the_card_may_have_arrived_is_told_and_shown(world: World) -> None:
    world.slack.drop_answer_next("chat.postMessage")
    world.tell("one", "星河智能完成B轮融资")
    world.deliver(2)
    world.tell("two", "星河智能完成2亿元B轮融资")
    world.deliver(90)
    (card,) = world.cards
    (answer,) = world.answers
    assert answer.thread_ts == card.ts
    assert "*金额*: 2亿元" in render_text(card)


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
def test_lost_answers_to_edits_and_in_threads_make_no_second_message(world: World, method: str) -> None:
    world.tell("one", "星河智能完成B轮融资")
    world.deliver()
    world.slack.drop_answer_next(method)
    world.tell("two", "星河智能完成2亿元B轮融资")
    world.deliver(90)
    assert len(world.cards) == len(world.answers) == 1
    assert "*金额*: 2亿元" in render_text(world.cards[0])


def test_an_answer_to_a_message_that_somebody_deleted_is_a_message_of_its_own(world: World) -> None:
    world.tell("one", "星河智能完成B轮融资")
    world.deliver()
    world.slack.messages.clear()
    world.tell("two", "星河智能完成2亿元B轮融资")
    world.deliver()
    (message,) = world.slack.messages
    assert "新信息：金额" in render_text(message)
    assert world.archive.outbox.waiting(world.clock()) == set()  # the edit of what is gone is given up


def test_an_answer_lost_in_a_thread_that_was_then_deleted_is_told_once(world: World) -> None:
    world.tell("one", "星河智能完成B轮融资")
    world.deliver()
    world.slack.messages.clear()
    world.slack.drop_answer_next("chat.postMessage")
    world.tell("two", "星河智能完成2亿元B轮融资")
    world.deliver(120)
    assert len(world.slack.messages) == 1


def test_the_follow_up_of_a_digest_is_part_of_the_next_digest(archive: Archive, slack: FakeSlack) -> None:
    hourly = SlackChannel.model_validate(
        {"name": "deals", "type": "slack", "channel": "#deals", "digest": "hourly", "language": "zh"}
    )
    world = World(archive, slack, (hourly,))
    world.tell("one", "星河智能完成B轮融资")
    world.deliver(5)
    assert slack.messages == []
    world.clock.advance(hours=1)
    world.deliver(5)
    assert "# 汇总：1条" in render_text(slack.messages[0])
    world.tell("two", "星河智能完成2亿元B轮融资")
    world.tell("three", "星河智能完成2亿元B轮融资")
    world.deliver(5)
    assert len(slack.messages) == 1
    world.clock.advance(hours=1)
    world.deliver(5)
    (_, second) = slack.messages
    assert "新信息：金额" in render_text(second)
    with archive.reading() as tables:
        kinds = [(a.kind, a.state) for a in tables.alerts.find(AlertFilter())]
    assert sorted(kinds) == sorted(
        [(kind, AlertState.SENT) for kind in (AlertKind.CARD, AlertKind.DIGEST, AlertKind.FOLLOW_UP, AlertKind.DIGEST)]
    )


def test_the_order_of_reports_does_not_matter_for_what_the_card_says_in_the_end(
    archive: Archive, slack: FakeSlack
) -> None:
    world = World(archive, slack)
    world.tell("two", "星河智能完成2亿元B轮融资，远山资本领投", hours_ago=1)
    world.deliver()
    world.tell("one", "消息称星河智能正在洽谈B轮融资", hours_ago=20)
    world.deliver()
    (card,) = [m for m in world.cards if "星河智能 ·" in render_text(m)]
    assert "# 星河智能 · 完成融资" in render_text(card)
    assert world.answers == []  # the rumour was published before


def test_no_alert_is_left_out_of_a_second_channel_with_other_rules(archive: Archive, slack: FakeSlack) -> None:
    world = World(archive, slack)
    big = Routing((Route(channels=("deals",)), Route(channels=("big",), min_usd=20_000_000)), max_age=timedelta(days=3))
    world.ingest = Ingest(archive, Detector(COMPANIES, ()), big, world.clock)
    world.tell("one", "星河智能完成B轮融资")
    world.tell("two", "星河智能完成2亿元B轮融资")
    with archive.reading() as tables:
        found = tables.alerts.find(AlertFilter())
    assert sorted((a.channel, a.kind.value) for a in found) == [("big", "card"), ("deals", "card")]
    assert replace(found[0], id=0).deal_id == found[1].deal_id


def test_a_report_that_comes_in_the_middle_of_an_edit_is_shown_by_the_next(world: World) -> None:
    class Meanwhile(SlackBot):
        told = False

        def edit(self, card: Card, message_id: str) -> None:
            if not self.told:
                self.told = True
                world.tell("three", "星河智能获得B轮融资")
            super().edit(card, message_id)

    world.tell("one", "星河智能完成B轮融资")
    world.deliver()
    world.channels = {"deals": Meanwhile(world.slack.token, "#deals", base_url=world.slack.api, style=Style("zh"))}
    world.tell("two", "星河智能获B轮融资")
    world.deliver()
    (card,) = world.cards
    assert card.edits == 2
    assert "3家媒体报道" in render_text(card)


def test_edits_that_slack_does_not_take_now_hold_up_no_message(world: World) -> None:
    world.tell("one", "星河智能完成B轮融资")
    world.deliver()
    world.slack.fail_next("ratelimited", retry_after=300, method="chat.update")
    world.tell("two", "星河智能获B轮融资")
    world.deliver(5)
    world.tell("three", "星河智能完成C轮融资")
    world.deliver(5)
    assert len(world.cards) == 2
    assert world.cards[0].edits == 0
    world.clock.advance(seconds=300)
    world.deliver(5)
    assert world.cards[0].edits == 1
