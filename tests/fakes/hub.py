"""A WebSub hub over HTTP: takes subscriptions, verifies them at the callback, tells subscribers of what is new.

It follows https://www.w3.org/TR/websub/: verification of intent (5.3), signed content distribution (7).
"""

import hmac
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl, urlencode


@dataclass(slots=True)
class Hub:
    """A hub at `url`, from `with Hub() as hub:`. `asked` are the forms that came; `lease` and `status` its answers.

    With a status `moved` it sends those who come to `url` on to another path.
    """

    lease: int = 864_000
    status: int = 202
    verifies: bool = True
    moved: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    verified: list[tuple[int, str]] = field(default_factory=list)
    _server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/hub"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def verify(self, form: dict[str, str], **changes: str) -> tuple[int, str]:
        """Ask the callback whether it has asked; status and body of its answer."""
        asked = {
            "hub.mode": form["hub.mode"],
            "hub.topic": form["hub.topic"],
            "hub.challenge": "challenge-17",
            "hub.lease_seconds": str(self.lease),
            **{f"hub.{name}": value for name, value in changes.items()},
        }
        return send(f"{form['hub.callback']}?{urlencode(asked)}")

    def tell(self, form: dict[str, str], body: bytes = b"<rss/>") -> int:
        """Send a subscriber what is new; the status of its answer."""
        return send(form["hub.callback"], body, signed(form.get("hub.secret", ""), body))[0]

    def _handler(hub) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler's
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                form = dict(parse_qsl(self.rfile.read(length).decode()))
                if hub.moved and self.path == "/hub":
                    self.send_response(hub.moved)
                    self.send_header("Location", "/moved")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                hub.asked.append(form)
                self.send_response(hub.status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                if hub.verifies and 200 <= hub.status < 300:
                    hub.verified.append(hub.verify(form))

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def signed(secret: str, body: bytes, method: str = "sha256") -> dict[str, str]:
    """The headers of what a hub sends."""
    kind = {"Content-Type": "application/rss+xml"}
    digest = hmac.new(secret.encode(), body, method).hexdigest()
    return {**kind, "X-Hub-Signature": f"{method}={digest}"} if secret else kind


def send(
    url: str, body: bytes | None = None, headers: dict[str, str] | None = None, method: str | None = None
) -> tuple[int, str]:
    """Status and body of an answer, whatever the status; 0 where there is none."""
    request = urllib.request.Request(url, body, headers or {}, method=method)  # noqa: S310 - a test's own address
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""
