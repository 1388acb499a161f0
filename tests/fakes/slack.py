"""A stand-in for Slack over HTTP: Web API and incoming webhook, with Slack's checks and error codes.

    with FakeSlack() as slack:
        bot = SlackBot(slack.token, "#deals", base_url=slack.api)
        slack.fail_next("ratelimited", retry_after=30)
        …
        slack.messages[0].text

Answers follow https://docs.slack.dev/reference/methods (chat.postMessage, conversations.history, conversations.list,
auth.test) and https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl

from tests.fakes import blockkit

if TYPE_CHECKING:  # the demonstration uses this module where pytest is not installed
    import pytest

MAX_TEXT = 40_000  # https://docs.slack.dev/reference/methods/chat.postMessage#truncating
MAX_METADATA = 8_000  # metadata_too_large; https://docs.slack.dev/messaging/message-metadata

ALL_SCOPES = frozenset({"chat:write", "channels:history", "channels:read"})
_SCOPES = {
    "chat.postMessage": "chat:write",
    "conversations.history": "channels:history",
    "conversations.list": "channels:read",
}


@dataclass
class Channel:
    id: str
    name: str
    archived: bool = False
    member: bool = True


@dataclass(frozen=True)
class Message:
    """A message that Slack took. `via` is the method, or `webhook`."""

    channel: str
    ts: str
    via: str
    text: str
    blocks: list[dict[str, Any]]
    metadata: dict[str, Any] | None

    @property
    def id(self) -> str:
        return f"{self.channel}:{self.ts}"


@dataclass(frozen=True)
class Request:
    method: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """One scripted fault: an answer instead of the real one, or (None) the real one lost after the work was done."""

    answer: Answer | None
    method: str | None = None
    hold: bool = False


class SlackError(Exception):
    """Ends the handling of a request with one of Slack's error codes."""

    def __init__(self, code: str, status: int = 400, **more: Any) -> None:
        super().__init__(code)
        self.code, self.status, self.more = code, status, more


class FakeSlack:
    """The server; a context manager. `requests` and `messages` are in the order of arrival."""

    def __init__(self, clock: Callable[[], float] = lambda: 1_700_000_000.0) -> None:
        self.token = "xoxb-1-secret"
        self.scopes = set(ALL_SCOPES)
        self.channels = [Channel("C0GENERAL", "general"), Channel("C0DEALS00", "deals")]
        self.webhook_channel = "C0DEALS00"
        self.webhook_exists = True
        self.page_size = 999
        self.messages: list[Message] = []
        self.requests: list[Request] = []
        self._clock = clock
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._released.set()
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

    def fail_next(self, error: str, *, retry_after: int | str | None = None, method: str | None = None) -> None:
        """The next request (of `method`) is answered with Slack's code `error`, and does nothing."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        status = 429 if error == "ratelimited" else 200
        self._faults.append(Fault(Answer(status, json.dumps({"ok": False, "error": error}), headers), method))

    def http_next(self, status: int, body: str = "", *, retry_after: int | None = None) -> None:
        """The next request gets this status and body, and does nothing."""
        self._faults.append(
            Fault(Answer(status, body, {} if retry_after is None else {"Retry-After": str(retry_after)}))
        )

    def drop_answer_next(self, method: str | None = None) -> None:
        """The next request (of `method`) is worked off, then the connection is closed without an answer."""
        self._faults.append(Fault(None, method))

    def hold_answer_next(self) -> None:
        """The next request is worked off, and its answer never comes while the server runs."""
        self._faults.append(Fault(None, hold=True))

    def channel(self, name: str) -> Channel:
        """A channel by ID, #name or name."""
        for channel in self.channels:
            if name in (channel.id, channel.name, f"#{channel.name}"):
                return channel
        raise SlackError("channel_not_found", 404)

    def asked(self, method: str) -> list[Request]:
        """The requests for one method."""
        return [r for r in self.requests if r.method == method]

    # --- the answers

    def answer(self, path: str, authorization: str, content_type: str, body: bytes) -> Answer | None:
        """What the server says to a request; None if it closes the connection instead."""
        with self._lock:
            method = "webhook" if path.startswith("/services/") else path.removeprefix("/api/")
            arguments = _arguments(content_type, body)
            self.requests.append(Request(method, arguments))
            fault = next((f for f in self._faults if f.method in (None, method)), None)
            if fault:
                self._faults.remove(fault)
            if fault and fault.answer:
                return fault.answer
            if method == "webhook":
                answer = self._post_to_webhook(path, arguments)
            else:
                answer = self._call(method, authorization, arguments)
        if fault and fault.hold:
            self._released.wait()
        return None if fault else answer

    def _post_to_webhook(self, path: str, arguments: dict[str, Any]) -> Answer:
        try:
            if not self.webhook_exists or not self.webhook.endswith(path):
                raise SlackError("no_service", 404)
            if "error" in arguments:
                raise SlackError("invalid_payload")
            if "payload" in arguments:
                arguments = _parsed(arguments["payload"])
            self._post(self.channel(self.webhook_channel), "webhook", {**arguments, "metadata": None})
        except SlackError as error:
            code = "channel_is_archived" if error.code == "is_archived" else error.code
            return Answer(410 if code == "channel_is_archived" else error.status, code, {"Content-Type": "text/html"})
        return Answer(200, "ok", {"Content-Type": "text/html"})

    def _call(self, method: str, authorization: str, arguments: dict[str, Any]) -> Answer:
        work = {
            "auth.test": self._auth_test,
            "chat.postMessage": self._post_message,
            "conversations.history": self._history,
            "conversations.list": self._list,
        }.get(method)
        try:
            if work is None or "error" in arguments:
                raise SlackError(arguments.get("error", "unknown_method"))
            token = authorization.removeprefix("Bearer ") or arguments.get("token", "")
            if token != self.token:
                raise SlackError("invalid_auth" if token else "not_authed")
            needed = _SCOPES.get(method)
            if needed and needed not in self.scopes:
                raise SlackError("missing_scope", needed=needed, provided=",".join(sorted(self.scopes)))
            said = {"ok": True, **work(arguments)}
        except SlackError as error:
            said = {"ok": False, "error": error.code, **error.more}
        return Answer(200, json.dumps(said))

    def _auth_test(self, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002  called like the others
        return {"team": "Test Team", "user": "funding-bot", "team_id": "T0TEAM", "user_id": "U0BOT", "bot_id": "B0BOT"}

    def _post_message(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self.channel(str(arguments.get("channel", "")))
        if not channel.member:
            raise SlackError("not_in_channel")
        message = self._post(channel, "chat.postMessage", arguments)
        return {"channel": channel.id, "ts": message.ts, "message": {"text": message.text, "ts": message.ts}}

    def _post(self, channel: Channel, via: str, arguments: dict[str, Any]) -> Message:
        if channel.archived:
            raise SlackError("is_archived")
        text, blocks, metadata = str(arguments.get("text") or ""), arguments.get("blocks"), arguments.get("metadata")
        blocks = _parsed(blocks) if isinstance(blocks, str) else (blocks or [])
        metadata = _parsed(metadata) if isinstance(metadata, str) else metadata
        if not text and not blocks:
            raise SlackError("no_text")
        if blockkit.length(text) > MAX_TEXT:
            raise SlackError("msg_too_long")
        wrong = blockkit.problems(blocks)
        if wrong:
            raise SlackError("invalid_blocks", response_metadata={"messages": wrong})
        if blockkit.total(blocks) > blockkit.MAX_TOTAL:
            raise SlackError("msg_blocks_too_long")
        _check_metadata(metadata)
        message = Message(channel.id, f"{self._clock() + len(self.messages) / 1e6:.6f}", via, text, blocks, metadata)
        self.messages.append(message)
        return message

    def _history(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = next((c for c in self.channels if c.id == arguments.get("channel")), None)
        if channel is None:  # names are not taken here
            raise SlackError("channel_not_found")
        if not channel.member:
            raise SlackError("not_in_channel")
        oldest, latest = float(arguments.get("oldest", 0)), float(arguments.get("latest", "inf"))
        whole = [m for m in self.messages if m.channel == channel.id and oldest < float(m.ts) < latest]
        whole.sort(key=lambda m: float(m.ts), reverse=True)
        with_metadata = str(arguments.get("include_all_metadata", "0")).lower() in ("1", "true")
        messages = [
            {"type": "message", "ts": m.ts, "text": m.text, "bot_id": "B0BOT"}
            | ({"metadata": m.metadata} if with_metadata and m.metadata else {})
            for m in whole
        ]
        return self._page("messages", messages, arguments)

    def _list(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channels = [{"id": c.id, "name": c.name, "is_archived": c.archived} for c in self.channels]
        return self._page("channels", channels, arguments)

    def _page(self, key: str, entries: list[dict[str, Any]], arguments: dict[str, Any]) -> dict[str, Any]:
        limit = int(arguments.get("limit") or 100)
        if not 1 <= limit <= 999:
            raise SlackError("invalid_limit")
        begin = int(arguments.get("cursor") or 0)
        end = begin + min(limit, self.page_size)
        cursor = str(end) if end < len(entries) else ""
        return {key: entries[begin:end], "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}


def pings(message: Message) -> list[str]:
    """Whom a message would notify: users, groups, channels, @here, @channel, @everyone."""
    found = [*blockkit.tokens(message.text, automatic=False), *blockkit.reach(message.blocks)]
    return [what for kind, what in found if kind == "ping"]


def links(message: Message) -> list[str]:
    """The addresses that can be clicked; the text does not show where there are blocks."""
    text = [] if message.blocks else blockkit.tokens(message.text, automatic=True)
    return [what for kind, what in [*text, *blockkit.reach(message.blocks)] if kind == "link"]


def render_text(message: Message) -> str:
    """A message roughly as a reader sees it."""
    return "\n".join(blockkit.shown(block) for block in message.blocks) or message.text


def go_direct(monkeypatch: "pytest.MonkeyPatch") -> None:
    """Keeps requests to the stand-in away from a proxy that the environment names (slack_sdk ignores no_proxy)."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise SlackError("invalid_payload") from None


def _arguments(content_type: str, body: bytes) -> dict[str, Any]:
    """The arguments of a request; under the key `error` what is wrong with a body that says none."""
    if content_type.startswith("application/json"):
        try:
            arguments = json.loads(body or b"{}")
        except ValueError:
            return {"error": "invalid_json"}
        return arguments if isinstance(arguments, dict) else {"error": "json_not_object"}
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def _check_metadata(metadata: Any) -> None:
    """https://docs.slack.dev/messaging/message-metadata: an event_type, and a payload of flat values."""
    if metadata is None:
        return
    if not isinstance(metadata, dict) or set(metadata) != {"event_type", "event_payload"}:
        raise SlackError("invalid_metadata_format")
    if not str(metadata["event_type"]).replace("_", "").isalnum() or not isinstance(metadata["event_payload"], dict):
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(metadata)) > MAX_METADATA:
        raise SlackError("metadata_too_large")


def _handler(slack: FakeSlack) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            authorization = self.headers.get("Authorization") or ""
            answer = slack.answer(self.path, authorization, self.headers.get("Content-Type") or "", body)
            if answer is None:
                return
            self.send_response(answer.status)
            for name, value in ({"Content-Type": "application/json; charset=utf-8"} | answer.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the base class's
            pass

    return Handler
