"""A stand-in for Slack's Socket Mode over WebSocket, and for the addresses at which answers are given.

    with FakeSlack() as slack, FakeSocket(slack) as socket:
        …
        socket.press("relevant", "17", message)
        socket.acknowledged()

Envelopes and payloads have the keys of https://docs.slack.dev/apis/events-api/using-socket-mode,
https://docs.slack.dev/reference/interaction-payloads/block_actions-payload and
https://docs.slack.dev/interactivity/implementing-slash-commands. An envelope that is not acknowledged is sent again to
the next connection; tickets are good for one connection.
"""

import json
import threading
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from tests.fakes.slack import FakeSlack, Message

PATIENCE = 10
"""Seconds that tests wait for what must come."""


class FakeSocket:
    """The server; a context manager. `faults` are what a client must not send."""

    def __init__(self, slack: FakeSlack) -> None:
        self.acknowledgements: dict[str, dict[str, Any]] = {}
        self.faults: list[str] = []
        self.connections = 0
        self._slack = slack
        self._tickets: set[str] = set()
        self._open: list[ServerConnection] = []
        self._unacknowledged: dict[str, dict[str, Any]] = {}
        self._changed = threading.Condition()
        self._server: Server | None = None

    def __enter__(self) -> Self:
        self._server = serve(self._serve, "127.0.0.1", 0, process_request=self._admit, compression=None)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._slack.socket_url = self._ticket
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._slack.socket_url = None
        self._server.shutdown()

    def _ticket(self) -> str:
        assert self._server is not None
        ticket = uuid4().hex
        self._tickets.add(ticket)
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/link/?ticket={ticket}&app_id=A0APP"

    def _admit(self, _connection: ServerConnection, request: Request) -> Response | None:
        ticket = parse_qs(urlsplit(request.path).query).get("ticket", [""])[0]
        if ticket not in self._tickets:
            return Response(403, "Forbidden", Headers(), b"")
        self._tickets.remove(ticket)
        return None

    def _serve(self, connection: ServerConnection) -> None:
        hello = {
            "type": "hello",
            "num_connections": len(self._open) + 1,
            "debug_info": {"host": "applink", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": "A0APP"},
        }
        connection.send(json.dumps(hello))
        with self._changed:
            self._open.append(connection)
            self.connections += 1
            self._changed.notify_all()
            again = list(self._unacknowledged.values())
        for envelope in again:
            envelope["retry_attempt"] += 1
            envelope["retry_reason"] = "timeout"
            connection.send(json.dumps(envelope))
        try:
            for said in connection:
                self._take(said)
        except ConnectionClosed:
            pass
        finally:
            with self._changed:
                self._open.remove(connection)
                self._changed.notify_all()

    def _take(self, said: str | bytes) -> None:
        with self._changed:
            try:
                answer = json.loads(said)
                envelope = self._unacknowledged.pop(answer["envelope_id"])
            except (ValueError, KeyError, TypeError):
                self.faults.append(f"no acknowledgement of anything: {said!r}")
            else:
                if "payload" in answer and not envelope["accepts_response_payload"]:
                    self.faults.append("a payload that is not accepted")
                self.acknowledgements[answer["envelope_id"]] = answer
            self._changed.notify_all()

    # --- what people do

    def press(self, action: str, value: str, message: Message | None = None, user: str = "U0ANN") -> str:
        """A button is pressed; returns the envelope's ID."""
        channel = message.channel if message else "C0DEALS00"
        ts = message.ts if message else "1.0"
        payload: dict[str, Any] = {
            "type": "block_actions",
            "user": {"id": user, "username": "ann", "name": "ann", "team_id": "T0TEAM"},
            "api_app_id": "A0APP",
            "token": "verification",
            "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False},
            "trigger_id": "1.2.3",
            "team": {"id": "T0TEAM", "domain": "test"},
            "enterprise": None,
            "is_enterprise_install": False,
            "channel": {"id": channel, "name": "deals"},
            "message": {"type": "message", "ts": ts, "blocks": message.blocks if message else []},
            "state": {"values": {}},
            "response_url": self._slack.response_url,
            "actions": [
                {
                    "action_id": action,
                    "block_id": "b",
                    "text": {"type": "plain_text", "text": action, "emoji": False},
                    "value": value,
                    "type": "button",
                    "action_ts": "1.0",
                }
            ],
        }
        return self._send("interactive", payload, accepts=False)

    def command(self, text: str, channel: str = "deals", channel_id: str = "C0DEALS00", user: str = "U0ANN") -> str:
        """`/monitor` is given; returns the envelope's ID."""
        payload: dict[str, Any] = {
            "token": "verification",
            "team_id": "T0TEAM",
            "team_domain": "test",
            "channel_id": channel_id,
            "channel_name": channel,
            "user_id": user,
            "user_name": "ann",
            "command": "/monitor",
            "text": text,
            "api_app_id": "A0APP",
            "is_enterprise_install": "false",
            "response_url": self._slack.response_url,
            "trigger_id": "1.2.3",
        }
        return self._send("slash_commands", payload, accepts=True)

    def _send(self, kind: str, payload: dict[str, Any], *, accepts: bool) -> str:
        number = str(uuid4())
        envelope = {
            "envelope_id": number,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": accepts,
            "retry_attempt": 0,
            "retry_reason": "",
        }
        with self._changed:
            self._unacknowledged[number] = envelope
            connection = self._open[-1] if self._open else None
        if connection:
            connection.send(json.dumps(envelope))
        return number

    def wait_connected(self, times: int = 1) -> None:
        """Until a client has connected so many times, and one is connected."""
        with self._changed:
            done = self._changed.wait_for(lambda: self.connections >= times and bool(self._open), PATIENCE)
        assert done, f"{self.connections} connections"

    def wait_acknowledged(self, number: str) -> dict[str, Any]:
        """Until an envelope is acknowledged; returns what the client said."""
        with self._changed:
            assert self._changed.wait_for(lambda: number in self.acknowledgements, PATIENCE), "not acknowledged"
            return self.acknowledgements[number]

    def ask_to_leave(self) -> None:
        """Slack says that the connection ends, as it does every few hours, and ends it."""
        with self._changed:
            connections = list(self._open)
        for connection in connections:
            connection.send(json.dumps({"type": "disconnect", "reason": "refresh_requested", "debug_info": {}}))
            connection.close()

    def drop(self) -> None:
        """The connections break."""
        with self._changed:
            connections = list(self._open)
        for connection in connections:
            connection.socket.close()
