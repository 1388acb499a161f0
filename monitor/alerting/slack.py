"""Slack, by bot token or incoming webhook: one request a call, errors sorted by what may be done about them.

No retries here: slack_sdk would repeat a request whose connection broke, also one that Slack had taken, and sleep on a
rate limit. `monitor.alerting.delivery` decides when to try again, from the kind of error raised here. No token and no
webhook address appears in a message.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from http.client import HTTPException
from typing import Any, TypeVar
from urllib.error import URLError
from urllib.parse import urlsplit

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse, WebClient
from slack_sdk.webhook import WebhookClient

from monitor.alerting.cards import Card, escape
from monitor.errors import ConfigError, DeliveryError, DeliveryRefusedError, DeliveryUncertainError
from monitor.settings import Language

API = "https://slack.com/api/"
TIMEOUT = 10
"""Seconds that each step of a request may take; Slack answers in well under one."""

PACE = timedelta(milliseconds=950)
"""Slack takes one message a second and channel, with short bursts (https://docs.slack.dev/apis/web-api/rate-limits).
A little less, so that a channel tried every second is free each time."""

EVENT_TYPE = "funding_alert"
_PAGE, _CHANNELS_PAGE, _PAGES = 200, 999, 10
_CLOCKS = timedelta(minutes=10)
"""Slack stamps messages by its own clock: so far may ours be ahead."""

_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{7,}")
_MUTED = logging.Logger("slack_sdk", logging.CRITICAL + 1)
"""slack_sdk logs webhook addresses, and errors that are reported here anyway."""

# What Slack answers that is not for good (https://docs.slack.dev/reference/methods/chat.postMessage#errors). Of the
# second set it says "It's possible some aspect of the operation succeeded before the error was raised".
_PASSING = {
    "ratelimited",
    "rate_limited",
    "message_limit_exceeded",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
}
_UNCERTAIN = {"internal_error", "fatal_error", "rollup_error"}
_INVITE = "invite the app into the channel with /invite, or correct the channel's name in the configuration"
_TOKEN = "install the app again and set the new bot token"  # noqa: S105
_OURS = "this is a fault of the monitor; please report it with the alert's ID"
_HINTS: Mapping[str, str] = {
    "is_archived": "unarchive the channel, or choose another one in the configuration",
    "channel_is_archived": "unarchive the channel, or choose another one in the configuration",
    "channel_not_found": _INVITE,
    "not_in_channel": _INVITE,
    "invalid_auth": _TOKEN,
    "not_authed": _TOKEN,
    "account_inactive": _TOKEN,
    "token_revoked": _TOKEN,
    "token_expired": _TOKEN,
    "invalid_token": "create a new webhook and set its address",
    "no_service": "the webhook was removed: create a new one and set its address",
    "no_team": "the workspace of the webhook is gone: create a new one and set its address",
    "action_prohibited": "an administrator has forbidden posting there: ask for permission or choose another channel",
    "restricted_action": "an administrator has forbidden posting there: ask for permission or choose another channel",
    "no_text": _OURS,
    "invalid_blocks": _OURS,
    "invalid_payload": _OURS,
    "msg_too_long": _OURS,
    "msg_blocks_too_long": _OURS,
}

T = TypeVar("T")


class SlackBot:
    """Posts with a bot token, and can look whether a message arrived."""

    def __init__(
        self, token: str, channel: str, *, language: Language = "en", base_url: str = API, timeout: int = TIMEOUT
    ) -> None:
        """`channel` is #name or ID; `timeout` is in seconds. Connects to nothing yet.

        Raises:
            ConfigError: when the token cannot be one.
        """
        if not re.fullmatch(r"[!-~]+", token):
            raise ConfigError(
                ["the Slack bot token has blanks or characters that no token has: copy it again (xoxb-…)"]
            )
        self.language: Language = language
        self.pace = PACE
        self._channel = channel
        self._channel_id = channel if _CHANNEL_ID.fullmatch(channel) else None
        self._client = WebClient(token, base_url=base_url, timeout=timeout, retry_handlers=[], logger=_MUTED)
        self._client.proxy = None  # slack_sdk reads HTTPS_PROXY but not NO_PROXY; urllib below it knows both

    def check(self) -> str:
        """Asks Slack whether the token is good; returns the names of the bot and its workspace.

        Raises:
            DeliveryError: when it is not, or Slack is out of reach.
        """
        answer = self._call("auth.test", self._client.auth_test)
        return f"{answer.get('user')} in {answer.get('team')}"

    def send(self, card: Card, alert_id: int) -> str:
        """Posts a card, marked with `alert_id` so that `find` can know it again.

        Returns `CHANNEL:TIMESTAMP`, Slack's own name of the message.

        Raises:
            DeliveryUncertainError: when it may have been posted all the same.
            DeliveryRefusedError: when it never will be.
            DeliveryError: when it was not posted and may be tried again.
        """
        answer = self._call(
            "chat.postMessage",
            lambda: self._client.chat_postMessage(
                channel=self._channel,
                text=card.text,
                blocks=[dict(block) for block in card.blocks],
                metadata={"event_type": EVENT_TYPE, "event_payload": {"alert_id": alert_id}},
                unfurl_links=False,
                unfurl_media=False,
            ),
        )
        self._channel_id = answer["channel"]
        return f"{answer['channel']}:{answer['ts']}"

    def tell(self, text: str) -> None:
        """Posts plain text: nothing in it is a link or a mention; raises like `send`."""
        self._call(
            "chat.postMessage",
            lambda: self._client.chat_postMessage(
                channel=self._channel, text=escape(text), unfurl_links=False, unfurl_media=False
            ),
        )

    def find(self, alert_id: int, since: datetime) -> str | None:
        """The message that `send` posted for `alert_id` after `since`, or None if there is none.

        Needs the scope channels:history (groups:history in a private channel).

        Raises:
            DeliveryRefusedError: when it cannot be told: no permission, or too many messages since then.
            DeliveryError: when Slack may be asked again.
        """
        oldest = str((since - _CLOCKS).timestamp())
        channel = self._resolved()

        def ask(cursor: str) -> SlackResponse:
            return self._client.conversations_history(
                channel=channel, oldest=oldest, limit=_PAGE, cursor=cursor, include_all_metadata=True
            )

        for message in self._pages("conversations.history", ask, "messages", "look into the channel yourself"):
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if metadata.get("event_type") == EVENT_TYPE and payload.get("alert_id") == alert_id:
                return f"{channel}:{message['ts']}"
        return None

    def _resolved(self) -> str:
        """The channel's ID: conversations.history takes no names."""
        if self._channel_id is None:
            name = self._channel.lstrip("#")

            def ask(cursor: str) -> SlackResponse:
                return self._client.conversations_list(
                    types="public_channel,private_channel", limit=_CHANNELS_PAGE, cursor=cursor
                )

            channels = self._pages(
                "conversations.list", ask, "channels", "write the channel's ID into the configuration"
            )
            self._channel_id = next((c["id"] for c in channels if c["name"] == name), None)
        if self._channel_id is None:
            raise _refusal("conversations.list", "channel_not_found")
        return self._channel_id

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
            return _sent(method, request)
        except SlackApiError as error:
            raise _api_error(method, error) from None


class SlackWebhook:
    """Posts to an incoming webhook, which cannot be asked what it posted."""

    def __init__(self, url: str, *, language: Language = "en", timeout: int = TIMEOUT) -> None:
        """`url` is a secret; `timeout` is in seconds. Connects to nothing yet.

        Raises:
            ConfigError: when `url` cannot be the address of a webhook.
        """
        if not re.fullmatch(r"https?://[!-~]+", url) or not urlsplit(url).hostname:
            raise ConfigError(["the Slack webhook address is none: copy it again (https://hooks.slack.com/…)"])
        self.language: Language = language
        self.pace = PACE
        self._client = WebhookClient(url, timeout=timeout, retry_handlers=[], logger=_MUTED)
        self._client.proxy = None  # as above

    def send(self, card: Card, alert_id: int) -> None:  # noqa: ARG002  nothing of it can be read back
        """Posts a card; raises like `SlackBot.send`."""
        self._post(text=card.text, blocks=[dict(block) for block in card.blocks])

    def tell(self, text: str) -> None:
        """Posts plain text: nothing in it is a link or a mention; raises like `send`."""
        self._post(text=escape(text))

    def _post(self, **message: Any) -> None:
        answer = _sent("webhook", lambda: self._client.send(**message, unfurl_links=False, unfurl_media=False))
        code = answer.body.strip()
        if answer.status_code != 200:
            raise _http_error("webhook", answer.status_code, code, answer.headers)
        if code != "ok":
            raise DeliveryRefusedError("the Slack webhook's address answers, but not as Slack does: check the address")


def _sent(method: str, request: Callable[[], T]) -> T:
    """The answer to a request; errors tell whether it can have reached Slack.

    urllib wraps in URLError what fails until the request is written to its end, and only that (`do_open` of
    `urllib.request`), so Slack cannot have acted on it. Whatever else fails, failed while waiting for the answer.
    Causes are not chained: they may hold the webhook's address.
    """
    try:
        return request()
    except URLError as error:
        raise DeliveryError(f"Slack's {method} is out of reach: {error.reason}") from None
    except SlackApiError:
        raise
    except (OSError, HTTPException, ValueError, AttributeError, SlackClientError) as error:
        # AttributeError and ValueError: slack_sdk's ways to meet JSON that is no object, and bytes that are no text
        raise DeliveryUncertainError(
            f"Slack's {method} was sent a request, but its answer was lost ({type(error).__name__})"
        ) from None


def _api_error(method: str, error: SlackApiError) -> DeliveryError:
    answer = error.response
    data = answer.data if isinstance(answer.data, dict) else {}
    code = str(data.get("error", ""))
    if answer.status_code != 200:
        return _http_error(method, answer.status_code, code, answer.headers)
    if code == "missing_scope":
        return _refusal(method, code, f"add the scope {data.get('needed')} to the app and install it again")
    details = (data.get("response_metadata") or {}).get("messages") or []
    return _coded(method, code, answer.headers, " ".join(str(d) for d in details)[:300])


def _http_error(method: str, status: int, code: str, headers: Mapping[str, Any]) -> DeliveryError:
    """An error by HTTP status: 503 says that the request was not worked off (RFC 9110), other 5xx say nothing."""
    if status in (408, 429, 503):
        return DeliveryError(f"Slack's {method} answered HTTP {status}", retry_after=_retry_after(headers))
    if status >= 500:
        return DeliveryUncertainError(f"Slack's {method} answered HTTP {status}", retry_after=_retry_after(headers))
    return _refusal(method, code if re.fullmatch(r"[a-z_]{1,80}", code) else f"HTTP {status}")


def _coded(method: str, code: str, headers: Mapping[str, Any], details: str) -> DeliveryError:
    if code in _PASSING:
        return DeliveryError(f"Slack's {method} says {code}", retry_after=_retry_after(headers))
    if code in _UNCERTAIN:
        return DeliveryUncertainError(f"Slack's {method} says {code}")
    if not re.fullmatch(r"[a-z_]{1,80}", code):  # slack_sdk puts what is no JSON in the place of a code
        return DeliveryUncertainError(f"Slack's {method} answered what is no answer of Slack's")
    return _refusal(method, f"{code} ({details})" if details else code, _HINTS.get(code))


def _refusal(method: str, what: str, hint: str | None = None) -> DeliveryRefusedError:
    hint = hint or _HINTS.get(what)
    return DeliveryRefusedError(f"Slack's {method} refused: {what}" + (f"; {hint}" if hint else ""))


def _retry_after(headers: Mapping[str, Any]) -> float | None:
    """Retry-After in seconds; None where it is missing or no number of seconds."""
    value = next((str(v) for name, v in headers.items() if name.lower() == "retry-after"), "")
    return float(value) if re.fullmatch(r"\d{1,9}", value) else None
