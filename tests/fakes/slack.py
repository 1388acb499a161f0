"""A stand-in for Slack over HTTP: Web API and incoming webhook, with Slack's checks and error codes.

    with FakeSlack() as slack:
        bot = SlackBot(slack.token, "#deals", base_url=slack.api)
        slack.fail_next("ratelimited", retry_after=30)
        …
        slack.messages[0].text

Answers follow https://docs.slack.dev/reference/methods (chat.postMessage, conversations.history, conversations.list,
chat.update, conversations.replies, auth.test) and https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors.
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.fakes import blockkit
from tests.fakes.slackfaults import Faulty
from tests.fakes.slackwire import (
    MAX_UPDATE,
    Answer,
    Channel,
    Message,
    SlackError,
    arguments_of,
    checked,
    go_direct,
    handler,
    links,
    parsed,
    pings,
    render_text,
    true,
)

ALL_SCOPES = frozenset({"chat:write", "channels:history", "channels:read"})
_SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.replies": "channels:history",
    "conversations.history": "channels:history",
    "conversations.list": "channels:read",
}


@dataclass(frozen=True)
class Request:
    method: str
    arguments: dict[str, Any]


class FakeSlack(Faulty):
    """The server; a context manager. `requests` and `messages` are in the order of arrival."""

    def __init__(self, clock: Callable[[], float] = lambda: 1_700_000_000.0, keep: int | None = None) -> None:
        """`keep` limits how many of the last messages and requests are remembered; None remembers all."""
        super().__init__()
        self._keep = keep
        self.arrivals: list[float] = []
        self.token = "xoxb-1-secret"
        self.app_token = "xapp-1-secret"
        self.socket_url: Callable[[], str] | None = None
        self.answers: list[dict[str, Any]] = []
        self.scopes = set(ALL_SCOPES)
        self.channels = [Channel("C0GENERAL", "general"), Channel("C0DEALS00", "deals")]
        self.webhook_channel = "C0DEALS00"
        self.webhook_exists = True
        self.page_size = 999
        self.burst: int | None = None
        self._spent: dict[str, float] = {}
        self.messages: list[Message] = []
        self.requests: list[Request] = []
        self.clock = clock
        self._posted = -1
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self.answer))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()

    @property
    def _base(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def api(self) -> str:
        """For `SlackBot(base_url=…)`."""
        return f"{self._base}/api/"

    @property
    def webhook(self) -> str:
        """For `SlackWebhook`."""
        return f"{self._base}/services/T0TEAM/B0HOOK/hooksecret"

    @property
    def response_url(self) -> str:
        """Where interactions are answered."""
        return f"{self._base}/actions/T0TEAM/1/secret"

    def channel(self, name: str) -> Channel:
        """A channel by ID, #name or name."""
        for channel in self.channels:
            if name in (channel.id, channel.name, f"#{channel.name}"):
                return channel
        raise SlackError("channel_not_found", 404)

    def asked(self, method: str) -> list[Request]:
        """The requests for one method."""
        return [r for r in self.requests if r.method == method]

    def wait_answer(self, after: int, patience: float) -> dict[str, Any]:
        """The answer to an interaction that comes after so many others; waits for it."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.answers) > after, patience), "no answer"
            return self.answers[after]

    def wait_asked(self, method: str, patience: float) -> None:
        """Until a method was called."""
        with self._changed:
            assert self._changed.wait_for(lambda: bool(self.asked(method)), patience), f"{method} was not called"

    # --- the answers

    def answer(self, path: str, authorization: str, content_type: str, body: bytes) -> Answer | None:
        """What the server says to a request; None if it closes the connection instead."""
        with self._lock:
            method = "webhook" if path.startswith("/services/") else path.removeprefix("/api/")
            arguments = arguments_of(content_type, body)
            self.requests.append(Request(method, arguments))
            self.arrivals.append(time.time())
            if self._keep is not None:
                for listed in (self.requests, self.messages, self.arrivals):
                    del listed[: max(0, len(listed) - self._keep)]
            self._changed.notify_all()
            fault = self.fault_of(method)
            if fault and fault.answer:
                return fault.answer
            if path.startswith("/actions/"):
                answer = self._respond(arguments)
            elif method == "webhook":
                answer = self._post_to_webhook(path, arguments)
            else:
                answer = self._call(method, authorization, arguments)
            fault = fault or self.loss()
        return self.after(fault, answer)

    def _respond(self, arguments: dict[str, Any]) -> Answer:
        """https://docs.slack.dev/interactivity/handling-user-interaction#message_responses: for who pressed alone."""
        wrong = blockkit.problems(arguments.get("blocks") or [])
        if wrong or (not arguments.get("text") and not arguments.get("blocks")):
            return Answer(400, json.dumps({"ok": False, "error": "invalid_blocks", "messages": wrong}))
        self.answers.append(arguments)
        self._changed.notify_all()
        return Answer(200, "ok", {"Content-Type": "text/html"})

    def _post_to_webhook(self, path: str, arguments: dict[str, Any]) -> Answer:
        try:
            if not self.webhook_exists or not self.webhook.endswith(path):
                raise SlackError("no_service", 404)
            if "error" in arguments:
                raise SlackError("invalid_payload")
            if "payload" in arguments:
                arguments = parsed(arguments["payload"])
            self._post(self.channel(self.webhook_channel), "webhook", {**arguments, "metadata": None})
        except SlackError as error:
            code = "channel_is_archived" if error.code == "is_archived" else error.code
            return Answer(410 if code == "channel_is_archived" else error.status, code, {"Content-Type": "text/html"})
        return Answer(200, "ok", {"Content-Type": "text/html"})

    def _call(self, method: str, authorization: str, arguments: dict[str, Any]) -> Answer:
        work = {
            "auth.test": self._auth_test,
            "apps.connections.open": self._open_socket,
            "chat.postMessage": self._post_message,
            "chat.update": self._update,
            "conversations.replies": self._replies,
            "conversations.history": self._history,
            "conversations.list": self._list,
        }.get(method)
        try:
            if work is None or "error" in arguments:
                raise SlackError(arguments.get("error", "unknown_method"))
            token = authorization.removeprefix("Bearer ") or arguments.get("token", "")
            if method == "apps.connections.open":
                if not token.startswith("xapp-"):
                    raise SlackError("not_allowed_token_type")
                if token != self.app_token:
                    raise SlackError("invalid_auth")
            elif token != self.token:
                raise SlackError("invalid_auth" if token else "not_authed")
            needed = _SCOPES.get(method)
            if needed and needed not in self.scopes:
                raise SlackError("missing_scope", needed=needed, provided=",".join(sorted(self.scopes)))
            said = {"ok": True, **work(arguments)}
        except SlackError as error:
            said = {"ok": False, "error": error.code, **error.more}
            if error.code == "ratelimited":
                return Answer(429, json.dumps(said), {"Retry-After": "1"})
        return Answer(200, json.dumps(said), {"X-OAuth-Scopes": ",".join(sorted(self.scopes))})

    def _auth_test(self, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002  called like the others
        return {"team": "Test Team", "user": "funding-bot", "team_id": "T0TEAM", "user_id": "U0BOT", "bot_id": "B0BOT"}

    def _open_socket(self, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002  called like the others
        """https://docs.slack.dev/reference/methods/apps.connections.open"""
        if self.socket_url is None:
            raise SlackError("internal_error")
        return {"url": self.socket_url()}

    def _post_message(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self.channel(str(arguments.get("channel", "")))
        if not channel.member:
            raise SlackError("not_in_channel")
        message = self._post(channel, "chat.postMessage", arguments)
        return {"channel": channel.id, "ts": message.ts, "message": {"text": message.text, "ts": message.ts}}

    def _post(self, channel: Channel, via: str, arguments: dict[str, Any]) -> Message:
        if channel.archived:
            raise SlackError("is_archived")
        self._count(channel)
        text, blocks, metadata = checked(arguments)
        thread = arguments.get("thread_ts")
        if thread is not None and not any(m.ts == thread for m in self._of(channel)):
            raise SlackError("message_not_found")
        self._posted += 1
        ts = f"{self.clock() + self._posted / 1e6:.6f}"
        broadcast = thread is not None and true(arguments.get("reply_broadcast"))
        message = Message(channel.id, ts, via, text, blocks, metadata, thread, broadcast)
        self.messages.append(message)
        return message

    def _count(self, channel: Channel) -> None:
        """One message a second and channel, with bursts, if `burst` is set: https://docs.slack.dev/apis/web-api/rate-limits

        Slack does not say how many make a burst.
        """
        if self.burst is None:
            return
        now = self.clock()
        spent = max(self._spent.get(channel.id, now), now) + 1
        if spent - now > self.burst:
            raise SlackError("ratelimited", 429)
        self._spent[channel.id] = spent

    def _of(self, channel: Channel) -> list[Message]:
        return [m for m in self.messages if m.channel == channel.id]

    def _update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """https://docs.slack.dev/reference/methods/chat.update: a channel's ID and a message of the app's own."""
        channel = self._by_id(arguments)
        if channel.archived:
            raise SlackError("is_inactive")
        place = next(
            (i for i, m in enumerate(self.messages) if (m.channel, m.ts) == (channel.id, arguments.get("ts"))), None
        )
        if place is None:
            raise SlackError("message_not_found")
        old = self.messages[place]
        if old.via == "webhook":
            raise SlackError("cant_update_message")
        text, blocks, metadata = checked(arguments, longest=MAX_UPDATE)
        kept = metadata if "metadata" in arguments else old.metadata
        self.messages[place] = replace(old, text=text, blocks=blocks, metadata=kept, edits=old.edits + 1)
        return {"channel": channel.id, "ts": old.ts, "text": text}

    def _by_id(self, arguments: dict[str, Any]) -> Channel:
        """Only IDs are taken here, no names."""
        channel = next((c for c in self.channels if c.id == arguments.get("channel")), None)
        if channel is None:
            raise SlackError("channel_not_found")
        if not channel.member:
            raise SlackError("not_in_channel")
        return channel

    def _history(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Answers in threads are no part of the history, unless they were sent to the channel too."""
        channel = self._by_id(arguments)
        whole = [m for m in self._of(channel) if m.thread_ts is None or m.broadcast]
        return self._shown(sorted(whole, key=lambda m: float(m.ts), reverse=True), arguments)

    def _replies(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """https://docs.slack.dev/reference/methods/conversations.replies: the first message, then the answers."""
        channel, root = self._by_id(arguments), arguments.get("ts")
        whole = [m for m in self._of(channel) if root in (m.ts, m.thread_ts)]
        if not any(m.ts == root for m in whole):
            raise SlackError("thread_not_found")
        return self._shown(sorted(whole, key=lambda m: float(m.ts)), arguments)

    def _shown(self, whole: list[Message], arguments: dict[str, Any]) -> dict[str, Any]:
        oldest, latest = float(arguments.get("oldest", 0)), float(arguments.get("latest", "inf"))
        with_metadata = true(arguments.get("include_all_metadata"))
        messages = [
            {"type": "message", "ts": m.ts, "text": m.text, "bot_id": "B0BOT"}
            | ({"thread_ts": m.thread_ts} if m.thread_ts else {})
            | ({"metadata": m.metadata} if with_metadata and m.metadata else {})
            for m in whole
            if oldest < float(m.ts) < latest
        ]
        return self._page("messages", messages, arguments)

    def _list(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """https://docs.slack.dev/reference/methods/conversations.list: a scope for each type that is asked for."""
        types = str(arguments.get("types") or "public_channel").split(",")
        if "private_channel" in types and "groups:read" not in self.scopes:
            raise SlackError("missing_scope", needed="groups:read", provided=",".join(sorted(self.scopes)))
        channels = [
            {"id": c.id, "name": c.name, "is_archived": c.archived, "is_private": c.private}
            for c in self.channels
            if ("private_channel" if c.private else "public_channel") in types
        ]
        return self._page("channels", channels, arguments)

    def _page(self, key: str, entries: list[dict[str, Any]], arguments: dict[str, Any]) -> dict[str, Any]:
        limit = int(arguments.get("limit") or 100)
        if not 1 <= limit <= 999:
            raise SlackError("invalid_limit")
        begin = int(arguments.get("cursor") or 0)
        end = begin + min(limit, self.page_size)
        cursor = str(end) if end < len(entries) else ""
        return {key: entries[begin:end], "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}


__all__ = ["ALL_SCOPES", "Channel", "FakeSlack", "Message", "go_direct", "links", "pings", "render_text"]
