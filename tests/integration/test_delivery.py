"""Delivery over HTTP to the stand-in for Slack.

The fixture `outbox` decides which outbox is tested; time passes only when a test says so.
"""

import io
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.alerting.cards import Card, render
from monitor.alerting.console import Console
from monitor.alerting.content import PLAIN, Style
from monitor.alerting.delivery import LEASE, ChannelClient, Delivered, backoff, deliver
from monitor.alerting.slack import SlackBot, SlackWebhook
from monitor.errors import DeliveryError
from monitor.models import Alert, AlertState
from tests.fakes.archived import ArchivedOutbox, drain
from tests.fakes.outbox import START, Clock, Recorder, alert
from tests.fakes.slack import FakeSlack, render_text
from tests.fakes.slackwire import ids_posted


@pytest.fixture
def hook(slack: FakeSlack) -> dict[str, ChannelClient]:
    return {"deals": SlackWebhook(slack.webhook)}


def states(outbox: ArchivedOutbox, *ids: int) -> list[str]:
    return [outbox.get(i).state.value for i in ids]


# --- the ordinary way


def test_a_waiting_alert_is_posted_once_and_recorded_with_the_messages_name(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    number = outbox.put(alert())
    assert deliver(outbox, bot, clock) == Delivered(sent=1)
    assert drain(outbox, bot, clock, 5) == Delivered()
    (message,) = slack.messages
    row = outbox.get(number)
    assert (row.state, row.message_id, row.sent_at, row.error) == (AlertState.SENT, message.id, START, None)
    assert ids_posted(slack.messages) == [number]


def test_a_card_is_in_the_language_of_its_channel(outbox: ArchivedOutbox, slack: FakeSlack, clock: Clock) -> None:
    outbox.put(alert())
    deliver(outbox, {"deals": SlackWebhook(slack.webhook, style=Style("zh"))}, clock)
    assert "完成融资" in render_text(slack.messages[0])


def test_the_console_prints_at_once_what_waits(outbox: ArchivedOutbox, clock: Clock) -> None:
    numbers = [outbox.put(alert("screen")) for _ in range(5)]
    out = io.StringIO()
    assert deliver(outbox, {"screen": Console(out)}, clock) == Delivered(sent=5)
    assert outbox.get(numbers[0]).message_id == f"console:{numbers[0]}"
    assert out.getvalue().count("Funding round completed") == 5


def test_a_channels_turn_is_bounded_so_that_others_get_theirs(outbox: ArchivedOutbox, clock: Clock) -> None:
    for _ in range(25):
        outbox.put(alert("a"))
    last = outbox.put(alert("b"))
    a, b = Recorder(), Recorder()
    deliver(outbox, {"a": a, "b": b}, clock)
    assert (len(a.got), b.got) == (20, [last])


def test_a_slow_channels_turn_ends_after_ten_seconds(outbox: ArchivedOutbox, clock: Clock) -> None:
    class Slow(Recorder):
        def send(self, card: Card, /) -> None:
            clock.advance(seconds=4)
            super().send(card)

    for _ in range(9):
        outbox.put(alert("a"))
    slow = Slow()
    deliver(outbox, {"a": slow}, clock)
    assert len(slow.got) == 3


# --- answers lost, processes killed


def test_a_message_whose_answer_was_lost_is_found_and_not_sent_again(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    numbers = [outbox.put(alert()) for _ in range(2)]
    slack.drop_answer_next("chat.postMessage")
    assert deliver(outbox, bot, clock) == Delivered(retried=1)
    assert outbox.get(numbers[0]).doubtful
    clock.advance(seconds=29)  # the message may still be on its way
    deliver(outbox, bot, clock)
    assert slack.asked("conversations.history") == []
    assert drain(outbox, bot, clock, 60) == Delivered(sent=1, found=1)
    assert ids_posted(slack.messages) == numbers
    assert outbox.get(numbers[0]).message_id == slack.messages[0].id


def test_a_message_that_slack_failed_on_is_looked_for_and_then_sent(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    number = outbox.put(alert())
    slack.fail_next("internal_error")
    assert drain(outbox, bot, clock, 60) == Delivered(retried=1, sent=1)
    assert ids_posted(slack.messages) == [number]
    assert [r.method for r in slack.requests if r.method != "conversations.list"] == [
        "chat.postMessage",
        "conversations.history",
        "chat.postMessage",
    ]
    assert "Possibly a repeat" not in render_text(slack.messages[0])


def test_a_look_that_fails_is_repeated_before_anything_is_sent(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    number = outbox.put(alert())
    slack.drop_answer_next("chat.postMessage")
    slack.fail_next("ratelimited", retry_after=20, method="conversations.history")
    slack.drop_answer_next("conversations.history")
    assert drain(outbox, bot, clock, 180) == Delivered(retried=3, found=1)
    assert ids_posted(slack.messages) == [number]


def test_a_lost_answer_with_no_permission_to_look_is_a_dead_letter_and_no_blind_second_message(
    outbox: ArchivedOutbox,
    bot: dict[str, ChannelClient],
    slack: FakeSlack,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    slack.scopes = {"chat:write", "channels:read"}
    number = outbox.put(alert())
    slack.drop_answer_next("chat.postMessage")
    assert drain(outbox, bot, clock, 120) == Delivered(retried=1, dead=1)
    row = outbox.get(number)
    assert (row.state, row.doubtful) == (AlertState.DEAD, True)
    assert "add the scope channels:history" in (row.error or "")
    assert "may have arrived" in (row.error or "")
    assert f"monitor alerts retry {number}" in caplog.text
    assert ids_posted(slack.messages) == [number]


def test_through_a_webhook_a_doubtful_alert_is_sent_again_and_marked(
    outbox: ArchivedOutbox, hook: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    number = outbox.put(alert())
    slack.drop_answer_next()
    assert drain(outbox, hook, clock, 120) == Delivered(retried=1, sent=1)
    first, second = (render_text(m) for m in slack.messages)
    assert "Possibly a repeat" not in first
    assert "Possibly a repeat" in second
    assert states(outbox, number) == ["sent"]


def test_a_process_killed_before_sending_leaves_an_alert_that_goes_out_once(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    number = outbox.put(alert())
    assert outbox.lease("deals", clock(), clock() + LEASE) is not None
    assert drain(outbox, bot, clock, 200) == Delivered(sent=1)
    assert ids_posted(slack.messages) == [number]


def test_a_process_killed_after_slack_took_the_message_sends_no_second_one(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    number = outbox.put(alert())
    leased = outbox.lease("deals", clock(), clock() + LEASE)
    assert leased is not None
    bot["deals"].send(render(leased, PLAIN))
    assert drain(outbox, bot, clock, 200) == Delivered(found=1)
    assert ids_posted(slack.messages) == [number]
    assert states(outbox, number) == ["sent"]


def test_nothing_overtakes_an_alert_that_another_process_is_sending(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    numbers = [outbox.put(alert()) for _ in range(2)]
    outbox.lease("deals", clock(), clock() + LEASE)
    assert drain(outbox, bot, clock, 100) == Delivered()
    drain(outbox, bot, clock, 100)
    assert ids_posted(slack.messages) == numbers


def test_after_a_look_that_outlasted_its_lease_nothing_is_sent_in_that_turn(
    outbox: ArchivedOutbox, clock: Clock
) -> None:
    class SlowLook(Recorder):
        def find(self, _alert: Alert, /) -> str | None:
            clock.advance(minutes=10 if not self.got else 0)
            return None

    number = outbox.put(alert("a", doubtful=True))
    slow = SlowLook()
    assert deliver(outbox, {"a": slow}, clock) == Delivered()
    assert slow.got == []
    assert states(outbox, number) == ["sending"]


# --- errors that pass


def test_a_rate_limit_pauses_the_channel_keeps_the_order_and_leaves_others_alone(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    numbers = [outbox.put(alert()) for _ in range(2)]
    outbox.put(alert("screen"))
    slack.fail_next("ratelimited", retry_after=30)
    screen = Recorder()
    channels = {**bot, "screen": screen}
    assert deliver(outbox, channels, clock) == Delivered(sent=1, retried=1)
    assert len(screen.got) == 1
    assert outbox.paused_until("deals") == START + timedelta(seconds=30)
    clock.advance(seconds=1)
    drain(outbox, channels, clock, 28)
    assert ids_posted(slack.messages) == []
    drain(outbox, channels, clock, 5)
    assert ids_posted(slack.messages) == numbers
    assert len(slack.asked("chat.postMessage")) == 3


@pytest.mark.parametrize(("retry_after", "waited"), [(0.0, 1), (1800.0, 1800), (604_800.0, 3600), (None, 5)])
def test_the_time_a_channel_asks_for_is_kept_within_reason(
    outbox: ArchivedOutbox, clock: Clock, retry_after: float | None, waited: int
) -> None:
    outbox.put(alert("a"))
    client = Recorder(errors=[DeliveryError("busy", retry_after=retry_after)])
    deliver(outbox, {"a": client}, clock)
    clock.advance(seconds=waited - 0.5)
    deliver(outbox, {"a": client}, clock)
    assert client.got == []
    clock.advance(seconds=0.5)
    deliver(outbox, {"a": client}, clock)
    assert len(client.got) == 1


def test_an_alert_waits_for_slack_to_come_back(outbox: ArchivedOutbox, slack: FakeSlack, clock: Clock) -> None:
    with FakeSlack() as gone:
        address = gone.api
    number = outbox.put(alert())
    out_of_reach: dict[str, ChannelClient] = {"deals": SlackBot(slack.token, "#deals", base_url=address)}
    assert drain(outbox, out_of_reach, clock, 36) == Delivered(retried=4)
    assert "out of reach" in (outbox.get(number).error or "")
    assert not outbox.get(number).doubtful
    back: dict[str, ChannelClient] = {"deals": SlackBot(slack.token, "#deals", base_url=slack.api)}
    assert drain(outbox, back, clock, 60) == Delivered(sent=1)
    assert slack.asked("conversations.history") == []


def test_waits_double_from_five_seconds_to_ten_minutes() -> None:
    assert [backoff(n).total_seconds() for n in range(1, 10)] == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    assert backoff(10_000).total_seconds() == 600


@pytest.mark.parametrize("retry_after", [None, 300.0])
def test_a_passing_fault_is_borne_for_a_day_and_then_given_up(
    outbox: ArchivedOutbox, clock: Clock, retry_after: float | None
) -> None:
    number = outbox.put(alert("a"))
    client = Recorder(errors=[DeliveryError("down", retry_after=retry_after)] * 1000)
    channels: dict[str, ChannelClient] = {"a": client}
    drain(outbox, channels, clock, 24 * 3600, step=300)
    assert states(outbox, number) == ["pending"]
    drain(outbox, channels, clock, 3 * 3600, step=300)
    assert states(outbox, number) == ["dead"]
    assert "150 attempts failed, the last with: down" in (outbox.get(number).error or "")


def test_an_alert_that_waited_through_days_of_standstill_still_gets_its_attempts(
    outbox: ArchivedOutbox, clock: Clock
) -> None:
    number = outbox.put(alert("a"))
    clock.advance(days=5)
    client = Recorder(errors=[DeliveryError("down")])
    assert drain(outbox, {"a": client}, clock, 10) == Delivered(retried=1, sent=1)
    assert states(outbox, number) == ["sent"]


# --- errors that do not pass


@pytest.mark.parametrize("code", ["channel_is_archived", "is_archived", "invalid_auth", "invalid_blocks"])
def test_a_refused_alert_is_one_dead_letter_with_one_warning_and_a_command_to_send_it_again(
    outbox: ArchivedOutbox,
    bot: dict[str, ChannelClient],
    slack: FakeSlack,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    code: str,
) -> None:
    number = outbox.put(alert())
    slack.fail_next(code)
    assert drain(outbox, bot, clock, 30) == Delivered(dead=1)
    assert len(slack.requests) == 1
    assert code in (outbox.get(number).error or "")
    (warning,) = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert code in warning
    assert f"monitor alerts retry {number}" in warning


def test_a_removed_webhook_is_a_dead_letter_and_the_next_alert_gets_its_chance(
    outbox: ArchivedOutbox, hook: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    numbers = [outbox.put(alert())]
    slack.webhook_exists = False
    deliver(outbox, hook, clock)
    slack.webhook_exists = True
    numbers.append(outbox.put(alert()))
    drain(outbox, hook, clock, 3)
    assert states(outbox, *numbers) == ["dead", "sent"]
    assert "no_service" in (outbox.get(numbers[0]).error or "")


def test_alerts_of_a_channel_that_is_not_configured_any_more_are_dead_letters(
    outbox: ArchivedOutbox, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = [outbox.put(alert("gone")) for _ in range(3)]
    assert deliver(outbox, {}, clock) == Delivered(dead=3)
    assert states(outbox, *numbers) == ["dead"] * 3
    assert "channel gone is not in the configuration" in (outbox.get(numbers[0]).error or "")
    assert len(caplog.records) == 1


def test_a_fault_of_the_programme_in_one_channel_leaves_the_others_alone_and_is_logged(
    outbox: ArchivedOutbox, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    broken = outbox.put(alert("a"))
    outbox.put(alert("b"))
    a, b = Recorder(errors=[RuntimeError("a bug")]), Recorder()
    assert deliver(outbox, {"a": a, "b": b}, clock) == Delivered(sent=1, broken=1)
    assert "a bug" in caplog.text
    clock.advance(seconds=LEASE.total_seconds())
    assert deliver(outbox, {"a": a, "b": b}, clock) == Delivered(sent=1)
    assert outbox.get(broken).doubtful


def test_hostile_titles_and_huge_texts_reach_slack_within_its_limits(
    outbox: ArchivedOutbox, bot: dict[str, ChannelClient], slack: FakeSlack, clock: Clock
) -> None:
    base = alert()
    assert base.claim is not None
    huge = replace(base.claim, investors=tuple(f"基金{i}号" * 30 for i in range(200)), round="轮" * 9000)
    for text in ("<!channel> <@U1> <https://evil.example|bank>", "长" * 1_000_000, "𠮷&<>" * 50_000, "\x00\x1b[2J"):
        outbox.put(alert(title=text, sentence=text, company=text, source=text, claim=huge))
    assert drain(outbox, bot, clock, 5) == Delivered(sent=4)
