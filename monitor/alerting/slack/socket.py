"""Buttons and `/monitor` through Socket Mode: Slack reaches us over a connection that we open.

https://docs.slack.dev/apis/events-api/using-socket-mode: each envelope is acknowledged within three seconds, else Slack
sends it again. So it is done first, which takes a few milliseconds, then acknowledged, then answered; to do it twice
changes nothing.
"""

import logging
import threading
import time
from typing import Any, Protocol

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web import WebClient
from slack_sdk.webhook import WebhookClient

from monitor.alerting.cards import escape
from monitor.alerting.plaintext import cut
from monitor.alerting.replies import Line, Place
from monitor.alerting.slack.bot import API, MUTED, TIMEOUT

logger = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 5.0, 300.0
"""Seconds between attempts to connect, doubling."""

LONGEST_CLOSING = 3.0
"""Seconds that closing may take; what is not closed by then ends with the program."""


class Answering(Protocol):
    """Does what people ask for, and says what they are told."""

    def press(self, action: str, value: str, person: str) -> str:
        """A button was pressed."""
        ...

    def command(self, text: str, place: Place) -> list[Line]:
        """A command was given."""
        ...


class SocketListener:
    """Keeps a connection to Slack, and answers what comes over it, until it is stopped."""

    def __init__(self, app_token: str, interactions: Answering, *, base_url: str = API) -> None:
        """`app_token` is a secret (xapp-…, scope connections:write). Connects to nothing yet."""
        self._interactions = interactions
        self._stopping = threading.Event()
        web = WebClient(base_url=base_url, timeout=TIMEOUT, retry_handlers=[], logger=MUTED)
        web.proxy = None
        self._client = SocketModeClient(app_token, logger=MUTED, web_client=web, concurrency=2)
        self._client.socket_mode_request_listeners.append(self._take)
        self._thread = threading.Thread(target=self._connect, name="socket-mode", daemon=True)

    def start(self) -> None:
        """Connect in the background; the client keeps the connection up, this keeps trying until there is one."""
        self._thread.start()

    def stop(self) -> None:
        """Close the connection; within some seconds, whatever becomes of it."""
        self._stopping.set()
        closing = threading.Thread(target=self._client.close, name="socket-mode-end", daemon=True)
        closing.start()
        end = time.monotonic() + LONGEST_CLOSING
        while closing.is_alive() and time.monotonic() < end:
            # slack_sdk takes a session that begins just now for one that goes on, and would wait for it for ever.
            self._client.current_session_state.terminated = True
            closing.join(0.1)

    def _connect(self) -> None:
        wait, said = FIRST_WAIT, ""
        while not self._stopping.is_set():
            try:
                self._client.connect()
            except (SlackApiError, SlackClientError, OSError, ValueError) as error:
                reason = _reason(error)
                if reason != said:
                    logger.warning("Slack's Socket Mode cannot be reached, buttons do nothing until it can: %s", reason)
                said = reason
                self._stopping.wait(wait)
                wait = min(wait * 2, LONGEST_WAIT)
            else:
                logger.info("connected to Slack's Socket Mode: buttons and /monitor work")
                return

    def _take(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        try:
            lines = self._work(request)
        except Exception:
            # Not acknowledged: Slack tells the person, and sends it again.
            logger.exception("an interaction from Slack failed")
            return
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        if lines:
            self._answer(str(request.payload.get("response_url") or ""), lines)

    def _work(self, request: SocketModeRequest) -> list[Line]:
        said = request.payload
        if request.type == "interactive" and said.get("type") == "block_actions":
            person = str(said.get("user", {}).get("id", ""))
            replies = [
                self._interactions.press(str(action.get("action_id")), str(action.get("value", "")), person)
                for action in said.get("actions", [])
            ]
            return [Line(reply) for reply in replies if reply]
        if request.type == "slash_commands":
            place = Place(str(said.get("channel_id")), str(said.get("channel_name")), str(said.get("user_id")))
            return self._interactions.command(str(said.get("text") or ""), place)
        return []

    def _answer(self, response_url: str, lines: list[Line]) -> None:
        """Tell the person alone (ephemeral); that it was done does not depend on it."""
        if not response_url:
            return
        webhook = WebhookClient(response_url, timeout=TIMEOUT, retry_handlers=[], logger=MUTED)
        webhook.proxy = None
        try:
            webhook.send(
                text=escape(cut("\n".join(line.text for line in lines), 3000)),
                blocks=[_block(lines)],
                response_type="ephemeral",
                replace_original=False,
            )
        except (SlackClientError, OSError, ValueError) as error:
            logger.info("an answer could not be given: %s", type(error).__name__)


def _block(lines: list[Line]) -> dict[str, Any]:
    """The lines as rich text: literal, with our links alone."""
    elements: list[dict[str, Any]] = []
    for i, line in enumerate(lines):
        if i:
            elements.append({"type": "text", "text": "\n"})
        if line.url:
            elements.append({"type": "link", "url": line.url, "text": line.text})
        elif line.text:
            elements.append({"type": "text", "text": line.text})
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _reason(error: Exception) -> str:
    if isinstance(error, SlackApiError):
        data = error.response.data if isinstance(error.response.data, dict) else {}
        return f"apps.connections.open says {data.get('error', 'nothing that is understood')}"
    return type(error).__name__
