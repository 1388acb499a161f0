import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from slack_sdk import WebClient

from monitor.alerting.cards import Card, render
from monitor.alerting.content import PLAIN
from monitor.alerting.slack import SlackBot, SlackWebhook
from monitor.errors import ConfigError, DeliveryError, DeliveryRefusedError, DeliveryUncertainError
from tests.fakes.outbox import alert
from tests.fakes.slack import Channel, FakeSlack, go_direct, links, pings

CARD = render(alert(), PLAIN)
POSTED = datetime.fromtimestamp(1_700_000_000, UTC)
"""When the stand-in stamps its first message."""


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSlack]:
    go_direct(monkeypatch)
    with FakeSlack() as server:
        yield server


def numbered(alert_id: int, created_at: datetime = POSTED) -> Card:
    return replace(CARD, alert=replace(CARD.alert, id=alert_id, created_at=created_at))


def bot(slack: FakeSlack, channel: str = "#deals", **more: Any) -> SlackBot:
    return SlackBot(slack.token, channel, base_url=slack.api, **more)


def kind_of(error: DeliveryError) -> type[DeliveryError]:
    return type(error)


# --- posting


def test_a_card_is_posted_with_its_alert_id_in_the_metadata_and_without_previews(slack: FakeSlack) -> None:
    name = bot(slack).send(numbered(42))
    (message,) = slack.messages
    assert name == message.id == f"C0DEALS00:{message.ts}"
    assert message.metadata == {"event_type": "funding_alert", "event_payload": {"alert_id": 42}}
    assert message.text == CARD.text
    assert pings(message) == []
    assert set(links(message)) == {"https://news.example/a/1"}
    sent = slack.requests[0].arguments
    assert sent["unfurl_links"] is False
    assert sent["unfurl_media"] is False


def test_a_webhook_posts_the_same_card_and_gives_it_no_name(slack: FakeSlack) -> None:
    SlackWebhook(slack.webhook).send(numbered(42))
    (message,) = slack.messages
    assert (message.via, message.text, len(message.blocks)) == ("webhook", CARD.text, len(CARD.blocks))


def test_check_names_the_bot_and_the_workspace_and_refuses_a_wrong_token(slack: FakeSlack) -> None:
    assert bot(slack).check() == "funding-bot in Test Team"
    with pytest.raises(DeliveryRefusedError, match=r"auth\.test refused: invalid_auth; install the app again"):
        SlackBot("xoxb-wrong", "#deals", base_url=slack.api).check()


# --- errors


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("is_archived", DeliveryRefusedError),
        ("channel_not_found", DeliveryRefusedError),
        ("not_in_channel", DeliveryRefusedError),
        ("invalid_auth", DeliveryRefusedError),
        ("account_inactive", DeliveryRefusedError),
        ("token_revoked", DeliveryRefusedError),
        ("no_text", DeliveryRefusedError),
        ("invalid_blocks", DeliveryRefusedError),
        ("msg_too_long", DeliveryRefusedError),
        ("some_code_of_next_year", DeliveryRefusedError),
        ("rate_limited", DeliveryError),
        ("service_unavailable", DeliveryError),
        ("internal_error", DeliveryUncertainError),
        ("fatal_error", DeliveryUncertainError),
    ],
)
def test_slacks_codes_say_whether_to_try_again(slack: FakeSlack, code: str, kind: type[DeliveryError]) -> None:
    slack.fail_next(code)
    with pytest.raises(DeliveryError, match=code) as caught:
        bot(slack).send(CARD)
    assert kind_of(caught.value) is kind
    assert len(slack.requests) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, DeliveryError),
        (503, DeliveryError),
        (408, DeliveryError),
        (500, DeliveryUncertainError),
        (502, DeliveryUncertainError),
        (504, DeliveryUncertainError),
        (403, DeliveryRefusedError),
        (404, DeliveryRefusedError),
        (410, DeliveryRefusedError),
    ],
)
@pytest.mark.parametrize("body", ["", "<html>upstream</html>", '{"ok":false}'])
def test_http_errors_say_whether_to_try_again(
    slack: FakeSlack, status: int, kind: type[DeliveryError], body: str
) -> None:
    for client in (bot(slack), SlackWebhook(slack.webhook)):
        slack.http_next(status, body)
        with pytest.raises(DeliveryError) as caught:
            client.send(CARD)
        assert kind_of(caught.value) is kind
    assert len(slack.requests) == 2


@pytest.mark.parametrize(
    ("header", "seconds"), [(30, 30.0), ("0", 0.0), (None, None), ("-5", None), ("abc", None), ("1e99", None)]
)
def test_a_rate_limit_carries_the_seconds_to_wait_if_they_are_a_number(
    slack: FakeSlack, header: int | str | None, seconds: float | None
) -> None:
    for client in (bot(slack), SlackWebhook(slack.webhook)):
        slack.fail_next("ratelimited", retry_after=header)
        with pytest.raises(DeliveryError) as caught:
            client.send(CARD)
        assert kind_of(caught.value) is DeliveryError
        assert caught.value.retry_after == seconds


@pytest.mark.parametrize("body", ["[]", '"x"', "no json", "", "null", '{"ok": false}'])
def test_an_answer_that_is_none_of_slacks_leaves_it_uncertain_what_was_posted(slack: FakeSlack, body: str) -> None:
    slack.http_next(200, body)
    with pytest.raises(DeliveryUncertainError):
        bot(slack).send(CARD)


def test_a_lost_answer_is_uncertain_and_the_request_is_not_repeated(slack: FakeSlack) -> None:
    for client in (bot(slack), SlackWebhook(slack.webhook)):
        slack.drop_answer_next()
        with pytest.raises(DeliveryUncertainError, match="answer was lost"):
            client.send(CARD)
    assert [m.via for m in slack.messages] == ["chat.postMessage", "webhook"]


def test_half_an_answer_is_uncertain(slack: FakeSlack) -> None:
    for client in (bot(slack), SlackWebhook(slack.webhook)):
        slack.cut_answer_next()
        with pytest.raises(DeliveryUncertainError):
            client.send(CARD)
    assert len(slack.messages) == 2


def test_an_answer_that_does_not_come_in_time_is_uncertain(slack: FakeSlack) -> None:
    slack.hold_answer_next()
    with pytest.raises(DeliveryUncertainError, match="TimeoutError"):
        bot(slack, timeout=1).send(CARD)
    assert len(slack.messages) == 1


def test_an_answer_that_comes_late_is_as_good_as_any(slack: FakeSlack) -> None:
    slack.hold_answer_next()
    threading.Timer(0.2, slack.release).start()
    assert bot(slack).send(CARD) == slack.messages[0].id


def test_a_refused_connection_is_certain_not_to_have_posted() -> None:
    with FakeSlack() as slack:
        clients: list[SlackBot | SlackWebhook] = [bot(slack), SlackWebhook(slack.webhook)]
    for client in clients:
        with pytest.raises(DeliveryError, match="out of reach") as caught:
            client.send(CARD)
        assert kind_of(caught.value) is DeliveryError


def test_a_host_without_an_address_is_certain_not_to_have_posted() -> None:
    with pytest.raises(DeliveryError, match="out of reach") as caught:
        SlackBot("xoxb-1", "#deals", base_url="http://nowhere.invalid/api/").send(CARD)
    assert kind_of(caught.value) is DeliveryError


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda s: setattr(s.channel("deals"), "archived", True), "is_archived; unarchive the channel"),
        (lambda s: setattr(s.channel("deals"), "member", False), "not_in_channel; invite the app"),
        (lambda s: s.channels.clear(), "channel_not_found; invite the app"),
        (lambda s: s.scopes.clear(), "missing_scope; add the scope chat:write"),
        (lambda s: setattr(s, "token", "xoxb-other"), "invalid_auth; install the app again"),
    ],
)
def test_a_refusal_says_what_to_do_about_it(slack: FakeSlack, prepare: Any, words: str) -> None:
    client = bot(slack)
    prepare(slack)
    with pytest.raises(DeliveryRefusedError, match=words):
        client.send(CARD)


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda s: setattr(s.channel("deals"), "archived", True), "channel_is_archived; unarchive the channel"),
        (lambda s: setattr(s, "webhook_exists", False), "no_service; the webhook was removed"),
        (lambda s: s.channels.clear(), "channel_not_found; invite the app"),
        (lambda s: s.http_next(403, "action_prohibited"), "action_prohibited; an administrator"),
        (lambda s: s.http_next(200, "<html>welcome to the guest network"), "not as Slack does"),
    ],
)
def test_a_webhooks_refusal_says_what_to_do_about_it(slack: FakeSlack, prepare: Any, words: str) -> None:
    prepare(slack)
    with pytest.raises(DeliveryRefusedError, match=words):
        SlackWebhook(slack.webhook).send(CARD)


def test_blocks_that_slack_refuses_are_named(slack: FakeSlack) -> None:
    broken = replace(CARD, blocks=({"type": "header", "text": {"type": "mrkdwn", "text": "x"}},))
    with pytest.raises(DeliveryRefusedError, match=r"invalid_blocks .*expected plain_text, got mrkdwn.*report it"):
        bot(slack).send(broken)


# --- secrets


def test_neither_token_nor_webhook_address_is_in_any_error_or_log(
    slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = []
    faults: list[Callable[[], None]] = [
        partial(slack.fail_next, "invalid_auth"),
        partial(slack.http_next, 404, "no_service"),
        partial(slack.http_next, 500, "hooksecret"),
        slack.drop_answer_next,
        partial(slack.http_next, 200, "not ok"),
    ]
    for fault in faults:
        for client in (bot(slack), SlackWebhook(slack.webhook)):
            fault()
            with pytest.raises(DeliveryError) as caught:
                client.send(CARD)
            said += [repr(client), *traceback.format_exception(caught.value)]
    bot(slack).send(CARD)
    said.append(caplog.text)
    assert not [line for line in said if slack.token in line or "hooksecret" in line]


@pytest.mark.parametrize("token", ["", "xoxb-1\nInjected: x", "xoxb 1", "xoxb-é"])
def test_a_token_that_cannot_be_one_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(ConfigError, match="token") as caught:
        SlackBot(token, "#deals")
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize("url", ["", "hooks.slack.com/services/T/B/secret", "file:///etc/passwd", "https://x/secret y"])
def test_a_webhook_address_that_cannot_be_one_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigError, match="webhook") as caught:
        SlackWebhook(url)
    assert "secret" not in str(caught.value)


# --- reading back


def test_a_message_is_found_by_its_alert_id(slack: FakeSlack) -> None:
    name = bot(slack).send(numbered(42))
    SlackWebhook(slack.webhook).send(numbered(43))
    after_restart = bot(slack)
    assert after_restart.find(numbered(42, POSTED).alert) == name
    assert after_restart.find(numbered(43, POSTED).alert) is None
    assert after_restart.find(numbered(4, POSTED).alert) is None


def test_older_messages_are_not_looked_at_beyond_what_clocks_may_differ(slack: FakeSlack) -> None:
    bot(slack).send(numbered(42))
    assert bot(slack, "C0DEALS00").find(numbered(42, POSTED + timedelta(minutes=9)).alert) is not None
    assert bot(slack, "C0DEALS00").find(numbered(42, POSTED + timedelta(minutes=11)).alert) is None


def test_messages_in_other_channels_and_of_other_apps_are_not_taken_for_ours(slack: FakeSlack) -> None:
    bot(slack, "#general").send(numbered(42))
    other = WebClient(slack.token, base_url=slack.api)
    other.chat_postMessage(
        channel="#deals", text="x", metadata={"event_type": "task", "event_payload": {"alert_id": 42}}
    )
    other.chat_postMessage(channel="#deals", text="x", metadata={"event_type": "funding_alert", "event_payload": {}})
    assert bot(slack).find(numbered(42, POSTED).alert) is None


def test_the_history_is_read_page_by_page(slack: FakeSlack) -> None:
    client = bot(slack)
    name = client.send(CARD)
    for i in range(2, 8):
        client.send(numbered(i))
    slack.page_size = 2
    assert bot(slack, "C0DEALS00").find(numbered(1, POSTED).alert) == name
    assert len(slack.asked("conversations.history")) == 4


def test_looking_through_the_history_ends_and_says_that_it_cannot_tell(slack: FakeSlack) -> None:
    client = bot(slack)
    for i in range(12):
        client.send(numbered(i))
    slack.page_size = 1
    with pytest.raises(DeliveryRefusedError, match="more entries than are looked through"):
        client.find(numbered(99, POSTED).alert)
    assert len(slack.asked("conversations.history")) == 10


def test_a_channels_name_is_looked_up_once_and_an_id_never(slack: FakeSlack) -> None:
    by_name, by_id = bot(slack), bot(slack, "C0DEALS00")
    for client in (by_name, by_name, by_id):
        assert client.find(numbered(1, POSTED).alert) is None
    assert len(slack.asked("conversations.list")) == 1


def test_reading_back_without_permission_is_refused_with_the_scope_to_add(slack: FakeSlack) -> None:
    slack.scopes = {"chat:write"}
    with pytest.raises(DeliveryRefusedError, match="missing_scope; add the scope channels:history"):
        bot(slack, "C0DEALS00").find(numbered(1, POSTED).alert)
    with pytest.raises(DeliveryRefusedError, match="missing_scope; add the scope channels:read"):
        bot(slack).find(numbered(1, POSTED).alert)


def test_a_private_channel_is_found_by_name_where_the_app_may_see_it(slack: FakeSlack) -> None:
    slack.channels.append(Channel("C0SECRET0", "secret", private=True))
    with pytest.raises(DeliveryRefusedError, match="missing_scope; add the scope groups:read"):
        bot(slack, "#secret").find(numbered(1).alert)
    slack.scopes.add("groups:read")
    assert bot(slack, "#secret").find(numbered(1).alert) is None
    with pytest.raises(DeliveryRefusedError, match="channel_not_found"):
        bot(slack, "#hidden").find(numbered(1).alert)
