"""Slack by bot token: one request a call, errors sorted by what may be done about them.

No retries here: slack_sdk would repeat a request whose connection broke, also one that Slack had taken, and sleep on a
rate limit. `monitor.alerting.delivery` decides when to try again, from the kind of error raised here. No token and no
webhook address appears in a message.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse, WebClient

from monitor.alerting.cards import Card, escape
from monitor.alerting.content import PLAIN, Style
from monitor.alerting.slack.answers import api_error, refusal, sent
from monitor.errors import ConfigError, DeliveryRefusedError
from monitor.models import Alert, Verdict

API = "https://slack.com/api/"
TIMEOUT = 10
"""Seconds that each step of a request may take; Slack answers in well under one."""

PACE, BURST = timedelta(seconds=1), 3
"""Slack takes one message a second and channel, with short bursts (https://docs.slack.dev/apis/web-api/rate-limits)."""

EVENT_TYPE = "funding_alert"
_PAGE, _CHANNELS_PAGE, _PAGES = 200, 999, 10
_CLOCKS = timedelta(minutes=10)
"""Slack stamps messages by its own clock: so far may ours be ahead."""

_NO_THREAD = {"thread_not_found", "message_not_found", "cannot_reply_to_message", "invalid_thread_ts"}
"""What Slack says of a thread whose first message was deleted."""

_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{7,}")
MUTED = logging.Logger("slack_sdk", logging.CRITICAL + 1)
"""slack_sdk logs webhook addresses, and errors that are reported here anyway."""


class SlackBot:
    """Posts with a bot token; edits what it posted, answers in threads, and can look whether a message arrived."""

    def __init__(
        self, token: str, channel: str, *, style: Style = PLAIN, base_url: str = API, timeout: int = TIMEOUT
    ) -> None:
        """`channel` is #name or ID; `timeout` is in seconds. Connects to nothing yet.

        Raises:
            ConfigError: when the token cannot be one.
        """
        if not re.fullmatch(r"[!-~]+", token):
            raise ConfigError(
                ["the Slack bot token has blanks or characters that no token has: copy it again (xoxb-…)"]
            )
        self.style = style
        self.pace, self.burst = PACE, BURST
        self._channel = channel
        self._channel_id = channel if _CHANNEL_ID.fullmatch(channel) else None
        self._client = WebClient(token, base_url=base_url, timeout=timeout, retry_handlers=[], logger=MUTED)
        self._client.proxy = None  # slack_sdk reads HTTPS_PROXY but not NO_PROXY; urllib below it knows both

    def check(self) -> str:
        """Asks Slack whether the token is good; returns the names of the bot and its workspace.

        Raises:
            DeliveryError: when it is not, or Slack is out of reach.
        """
        answer = self._call("auth.test", self._client.auth_test)
        return f"{answer.get('user')} in {answer.get('team')}"

    def scopes(self) -> frozenset[str]:
        """What the token may do, as Slack says it beside its answers; empty where it does not.

        Raises:
            DeliveryError: as `check`.
        """
        said = {name.lower(): value for name, value in self._call("auth.test", self._client.auth_test).headers.items()}
        return frozenset(scope.strip() for scope in str(said.get("x-oauth-scopes", "")).split(",") if scope.strip())

    def look(self) -> None:
        """Looks into the channel, as after an answer that was lost.

        Raises:
            DeliveryError: when it is not there, or the bot is no member of it, or may not look.
        """
        channel = self._resolved()
        self._call("conversations.history", partial(self._client.conversations_history, channel=channel, limit=1))

    def send(self, card: Card) -> str:
        """Posts a card, marked with its alert's number so that `find` can know it again.

        A follow-up goes into the thread of its card, and into the channel too where the status has changed. Without a
        card to follow, or where that is gone, it is a message like others. Returns `CHANNEL:TIMESTAMP`, Slack's own
        name of the message.

        Raises:
            DeliveryUncertainError: when it may have been posted all the same.
            DeliveryRefusedError: when it never will be.
            DeliveryError: when it was not posted and may be tried again.
        """
        alert = card.alert
        if alert.thread is None or self._elsewhere(alert.thread):
            return self._post(card)
        broadcast = alert.verdict is Verdict.STATUS_CHANGE
        try:
            return self._post(card, thread_ts=_timestamp(alert.thread), reply_broadcast=broadcast)
        except DeliveryRefusedError as error:
            if error.code not in _NO_THREAD:
                raise
        return self._post(card)

    def _post(self, card: Card, **more: Any) -> str:
        answer = self._call(
            "chat.postMessage",
            lambda: self._client.chat_postMessage(
                channel=self._channel_id or self._channel,
                text=card.text,
                blocks=[dict(block) for block in card.blocks],
                metadata=_metadata(card.alert),
                unfurl_links=False,
                unfurl_media=False,
                **more,
            ),
        )
        self._channel_id = answer["channel"]
        return f"{answer['channel']}:{answer['ts']}"

    def _elsewhere(self, message_id: str) -> bool:
        """True for a message of the time when the configuration named another Slack channel."""
        return self._channel_id is not None and message_id.partition(":")[0] != self._channel_id

    def edit(self, card: Card, message_id: str) -> None:
        """Lets a message that was posted show a card; raises like `send`. Doing it twice changes nothing more."""
        self._call(
            "chat.update",
            lambda: self._client.chat_update(
                channel=message_id.partition(":")[0],
                ts=_timestamp(message_id),
                text=card.text,
                blocks=[dict(block) for block in card.blocks],
                metadata=_metadata(card.alert),
            ),
        )

    def tell(self, text: str) -> None:
        """Posts plain text: nothing in it is a link or a mention; raises like `send`."""
        self._call(
            "chat.postMessage",
            lambda: self._client.chat_postMessage(
                channel=self._channel, text=escape(text), unfurl_links=False, unfurl_media=False
            ),
        )

    def find(self, alert: Alert) -> str | None:
        """The message that `send` posted for an alert, or None if there is none.

        Needs the scope channels:history (groups:history in a private channel).

        Raises:
            DeliveryRefusedError: when it cannot be told: no permission, or too many messages since then.
            DeliveryError: when Slack may be asked again.
        """
        since = str((alert.created_at - _CLOCKS).timestamp())
        channel = self._resolved()
        if alert.thread is not None and self._elsewhere(alert.thread):
            alert = replace(alert, thread=None)
        more: dict[str, Any] = {} if alert.thread is None else {"ts": _timestamp(alert.thread)}
        method = "conversations.history" if alert.thread is None else "conversations.replies"
        call = self._client.conversations_history if alert.thread is None else self._client.conversations_replies

        def ask(cursor: str) -> SlackResponse:
            return call(channel=channel, oldest=since, limit=_PAGE, cursor=cursor, include_all_metadata=True, **more)

        try:
            return self._among(self._pages(method, ask, "messages", "look into the channel yourself"), alert, channel)
        except DeliveryRefusedError as error:
            if error.code not in _NO_THREAD:
                raise
        return self.find(replace(alert, thread=None))

    @staticmethod
    def _among(messages: Iterable[dict[str, Any]], alert: Alert, channel: str) -> str | None:
        for message in messages:
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if metadata.get("event_type") == EVENT_TYPE and payload.get("alert_id") == alert.id:
                return f"{channel}:{message['ts']}"
        return None

    def _resolved(self) -> str:
        """The channel's ID: conversations.history takes no names.

        Private channels are asked for only if no public one has the name: they need another scope.
        """
        if self._channel_id is None:
            self._channel_id = self._named("public_channel") or self._named("private_channel")
        if self._channel_id is None:
            raise refusal("conversations.list", "channel_not_found")
        return self._channel_id

    def _named(self, kind: str) -> str | None:
        """The ID of the channel of a kind that has our channel's name."""

        def ask(cursor: str) -> SlackResponse:
            return self._client.conversations_list(types=kind, limit=_CHANNELS_PAGE, cursor=cursor)

        channels = self._pages("conversations.list", ask, "channels", "write the channel's ID into the configuration")
        return next((c["id"] for c in channels if c["name"] == self._channel.lstrip("#")), None)

    def _pages(
        self, method: str, ask: Callable[[str], SlackResponse], key: str, otherwise: str
    ) -> Iterator[dict[str, Any]]:
        """The entries under `key` of all pages; with too many of them, an error that says what to do `otherwise`."""
        cursor = ""
        for _ in range(_PAGES):
            answer = self._call(method, partial(ask, cursor))
            yield from answer[key]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return
        raise DeliveryRefusedError(f"Slack's {method} has more entries than are looked through; {otherwise}")

    def _call(self, method: str, request: Callable[[], SlackResponse]) -> SlackResponse:
        try:
            return sent(method, request)
        except SlackApiError as error:
            raise api_error(method, error) from None


def _timestamp(message_id: str) -> str:
    """Slack's timestamp of a message, of its name as `send` gives it."""
    return message_id.partition(":")[2]


def _metadata(alert: Alert) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"alert_id": alert.id}}
