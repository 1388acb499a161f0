"""What goes over the wire to Slack and back: messages, arguments, checks with Slack's error codes."""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from tests.fakes import blockkit

if TYPE_CHECKING:  # the demonstration uses this module where pytest is not installed
    import pytest

MAX_TEXT = 40_000  # https://docs.slack.dev/reference/methods/chat.postMessage#truncating
MAX_UPDATE = 4_000  # msg_too_long; https://docs.slack.dev/reference/methods/chat.update#errors
MAX_METADATA = 8_000  # metadata_too_large; https://docs.slack.dev/messaging/message-metadata


@dataclass
class Channel:
    id: str
    name: str
    archived: bool = False
    member: bool = True
    private: bool = False


@dataclass(frozen=True)
class Message:
    """A message that Slack took. `via` is the method, or `webhook`."""

    channel: str
    ts: str
    via: str
    text: str
    blocks: list[dict[str, Any]]
    metadata: dict[str, Any] | None
    thread_ts: str | None = None
    broadcast: bool = False
    edits: int = 0

    @property
    def id(self) -> str:
        return f"{self.channel}:{self.ts}"


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


class SlackError(Exception):
    """Ends the handling of a request with one of Slack's error codes."""

    def __init__(self, code: str, status: int = 400, **more: Any) -> None:
        super().__init__(code)
        self.code, self.status, self.more = code, status, more


def ids_posted(messages: Iterable[Message]) -> list[int]:
    """The numbers of the alerts that messages are marked with."""
    return [m.metadata["event_payload"]["alert_id"] for m in messages if m.metadata]


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


def true(value: Any) -> bool:
    return str(value).lower() in ("1", "true")


def checked(
    arguments: dict[str, Any], longest: int = MAX_TEXT
) -> tuple[str, list[dict[str, Any]], dict[str, Any] | None]:
    """Text, blocks and metadata of a message, if Slack takes them."""
    text, blocks, metadata = str(arguments.get("text") or ""), arguments.get("blocks"), arguments.get("metadata")
    blocks = parsed(blocks) if isinstance(blocks, str) else (blocks or [])
    metadata = parsed(metadata) if isinstance(metadata, str) else metadata
    if not text and not blocks:
        raise SlackError("no_text")
    if blockkit.length(text) > longest:
        raise SlackError("msg_too_long")
    wrong = blockkit.problems(blocks)
    if wrong:
        raise SlackError("invalid_blocks", response_metadata={"messages": wrong})
    if blockkit.total(blocks) > blockkit.MAX_TOTAL:
        raise SlackError("msg_blocks_too_long")
    _check_metadata(metadata)
    return text, blocks, metadata


def parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise SlackError("invalid_payload") from None


def arguments_of(content_type: str, body: bytes) -> dict[str, Any]:
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


def go_direct(monkeypatch: "pytest.MonkeyPatch") -> None:
    """Keeps requests to the stand-in away from a proxy that the environment names (slack_sdk ignores no_proxy)."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


def handler(work: Callable[[str, str, str, bytes], Answer | None]) -> type[BaseHTTPRequestHandler]:
    """Hands requests to `work`: path, authorization, content type, body. None closes the connection unanswered."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            authorization = self.headers.get("Authorization") or ""
            answer = work(self.path, authorization, self.headers.get("Content-Type") or "", body)
            if answer is None:
                return
            said = answer.body.encode()
            with suppress(BrokenPipeError, ConnectionResetError):  # who asked may have been killed meanwhile
                self.send_response(answer.status)
                for name, value in ({"Content-Type": "application/json; charset=utf-8"} | answer.headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said[: len(said) // 2] if answer.cut else said)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the base class's
            pass

    return Handler
