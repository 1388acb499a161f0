"""What a crawl run is told to visit while it goes on, and what it tells of it: lines of JSON through pipes.

In: `{"visit": "36kr"}`. Out: `{"done": "36kr"}`, `{"failed": "36kr", "error": "…"}`, and `{}` as a sign of life.
"""

import json
import threading
import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from typing import IO

BEAT = 5.0
"""Seconds between signs of life."""


class Errands:
    """The errands of one run: read by a thread of its own, told from the run's."""

    def __init__(self, given: IO[str], told: IO[str]) -> None:
        self._told = told
        self._waiting: SimpleQueue[str] = SimpleQueue()
        self._ended = threading.Event()
        self._beaten = 0.0
        threading.Thread(target=self._read, args=(given,), daemon=True).start()

    def _read(self, given: IO[str]) -> None:
        for line in given:
            self._waiting.put(json.loads(line)["visit"])
        self._ended.set()

    def taken(self) -> Iterator[str]:
        """Sources that have come since this was asked last."""
        while True:
            try:
                yield self._waiting.get_nowait()
            except Empty:
                return

    @property
    def ended(self) -> bool:
        """True when no more will come."""
        return self._ended.is_set() and self._waiting.empty()

    def done(self, name: str) -> None:
        """A source was visited."""
        self._tell(done=name)

    def failed(self, name: str, error: str) -> None:
        """A source cannot be visited here."""
        self._tell(failed=name, error=error)

    def beat(self) -> None:
        """Give a sign of life, if the last one is a while ago."""
        if time.monotonic() - self._beaten >= BEAT:
            self._tell()

    def _tell(self, **said: str) -> None:
        self._beaten = time.monotonic()
        print(json.dumps(said, ensure_ascii=False), file=self._told, flush=True)
