"""A web site on loopback: pages that a test puts there, a log of what was asked for, answers that fail on demand."""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Answer:
    """What a path answers with; the body in pieces of so many bytes, with so many seconds after each."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    piece: int = 1 << 30
    pause: float = 0.0


@dataclass(slots=True)
class Asked:
    """One request that arrived, with the times of a monotonic clock between which it was answered."""

    path: str
    headers: dict[str, str]
    begun: float = 0.0
    ended: float = 0.0


class Site:
    """A site at `url`, from `with Site() as site:`. Answers carry an ETag of their body and honour If-None-Match."""

    def __init__(self, address: str = "127.0.0.1", port: int = 0) -> None:
        self.asked: list[Asked] = []
        self.fallback: Callable[[str], Answer | None] = lambda _path: None
        self.judge: Callable[[dict[str, str]], Answer] | None = None
        self._answers: dict[str, Answer] = {}
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer((address, port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """`http://ADDRESS:PORT`, without a slash at the end."""
        return f"http://{self._server.server_address[0]!s}:{self._server.server_address[1]}"

    def put(self, path: str, body: str | bytes, **answer: Any) -> None:
        """Let `path` answer with a body; further fields are those of `Answer`."""
        self._answers[path] = Answer(body.encode() if isinstance(body, str) else body, **answer)

    def paths(self) -> list[str]:
        """The paths asked for, in order, robots.txt left out."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, path: str) -> Answer:
        found = self._answers.get(path) or self.fallback(path)
        return found or Answer(b"not found", "text/plain", 404)

    def _handler(site) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler's
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                asked = Asked(self.path, dict(self.headers), time.monotonic())
                site.asked.append(asked)
                try:
                    judged = site.judge if self.path != "/robots.txt" else None
                    self._reply(judged(asked.headers) if judged else site._answer(self.path))
                finally:
                    asked.ended = time.monotonic()

            do_POST = do_GET  # noqa: N815

            def _reply(self, answer: Answer) -> None:
                etag = f'"{hashlib.sha1(answer.body, usedforsecurity=False).hexdigest()}"'
                known = answer.status == 200 and self.headers.get("If-None-Match") == etag
                self.send_response(304 if known else answer.status)
                own = {} if site.judge else {"ETag": etag}
                for name, value in {**own, **answer.headers}.items():
                    self.send_header(name, value)
                body = b"" if known else answer.body
                if not known and answer.status != 304:
                    self.send_header("Content-Type", answer.content_type)
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                for i in range(0, len(body), answer.piece):
                    self.wfile.write(body[i : i + answer.piece])
                    if answer.pause and site.closing.wait(answer.pause):
                        return

            def log_message(self, *_: object) -> None:
                pass

        return Handler
