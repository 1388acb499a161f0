"""The stand-in refuses what Slack documents as refused, so that a card that passes here passes there."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.fakes.slack import FakeSlack, go_direct, links, pings


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSlack]:
    go_direct(monkeypatch)
    with FakeSlack() as server:
        yield server


PLAIN = {"type": "plain_text", "text": "x"}


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ({"type": "marquee"}, "unsupported type: marquee"),
        ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "expected plain_text"),
        ({"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}, "less than 151"),
        ({"type": "header", "text": {"type": "plain_text", "text": ""}}, "at least 1 character"),
        ({"type": "header", "text": PLAIN, "color": "red"}, "invalid additional property: color"),
        ({"type": "header"}, "missing required field: text"),
        ({"type": "section"}, "text or fields is required"),
        ({"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}, "less than 3001"),
        ({"type": "section", "fields": [PLAIN] * 11}, "1 to 10 items"),
        ({"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}, "less than 2001"),
        ({"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}}, "additional property: emoji"),
        ({"type": "context", "elements": []}, "1 to 10 items"),
        ({"type": "context", "elements": [PLAIN] * 11}, "1 to 10 items"),
        ({"type": "divider", "block_id": "x" * 256}, "less than 256"),
        ({"type": "actions", "elements": [{"type": "button", "text": PLAIN}] * 26}, "1 to 25 items"),
        ({"type": "actions", "elements": [{"type": "button", "text": PLAIN, "url": "h" * 3001}]}, "less than 3001"),
        ({"type": "actions", "elements": [{"type": "button", "text": PLAIN, "value": "h" * 2001}]}, "less than 2001"),
        ({"type": "actions", "elements": [{"type": "button", "text": PLAIN, "style": "big"}]}, "primary or danger"),
        ({"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}, "unsupported type: text"),
        (
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}],
            },
            "at least 1 character",
        ),
    ],
)
def test_the_stand_in_refuses_blocks_beyond_slacks_documented_limits(
    slack: FakeSlack, block: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(SlackApiError) as caught:
        WebClient(slack.token, base_url=slack.api).chat_postMessage(channel="#deals", text="x", blocks=[block])
    assert caught.value.response["error"] == "invalid_blocks"
    assert complaint in str(caught.value.response["response_metadata"]["messages"])
    assert slack.messages == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"text": "x", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        (
            {"text": "x", "blocks": [{"type": "section", "text": {**PLAIN, "text": "x" * 3000}}] * 5},
            "msg_blocks_too_long",
        ),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": ""}, "no_text"),
        ({"text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        ({"text": "x", "channel": "#nowhere"}, "channel_not_found"),
    ],
)
def test_the_stand_in_refuses_messages_with_slacks_own_codes(
    slack: FakeSlack, arguments: dict[str, Any], code: str
) -> None:
    with pytest.raises(SlackApiError) as caught:
        WebClient(slack.token, base_url=slack.api).api_call("chat.postMessage", json={"channel": "#deals", **arguments})
    assert caught.value.response["error"] == code


def test_the_stand_in_sees_what_a_message_would_ping_and_link(slack: FakeSlack) -> None:
    text = {
        "type": "mrkdwn",
        "text": "<!here> <@U1> <https://a.example|b> @channel https://c.example &lt;!everyone&gt;",
    }
    rich = {"type": "rich_text_section", "elements": [{"type": "broadcast", "range": "here"}]}
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": text},
        {"type": "section", "text": {**text, "verbatim": True}},
        {"type": "rich_text", "elements": [rich]},
    ]
    WebClient(slack.token, base_url=slack.api).chat_postMessage(channel="#deals", text="<!channel>", blocks=blocks)
    assert pings(slack.messages[0]) == ["!channel", "!here", "@U1", "@channel", "!here", "@U1", "here"]
    assert links(slack.messages[0]) == ["https://a.example", "https://c.example", "https://a.example"]
