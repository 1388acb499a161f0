"""What can go wrong with the stand-in for Slack: errors, answers that are lost, cut or late, an outage."""

import json
import random
import threading
from dataclasses import dataclass, replace

from tests.fakes.slackwire import Answer


@dataclass(frozen=True)
class Fault:
    """One fault: an answer instead of the real one, or (None) the real one lost after the work was done."""

    answer: Answer | None
    method: str | None = None
    hold: bool = False
    cut: bool = False


_LOST = Fault(None)
_OUTAGE = (
    Fault(Answer(503, "", {})),
    Fault(Answer(200, json.dumps({"ok": False, "error": "internal_error"}), {})),
    _LOST,
)
"""What an outage answers."""


class Faulty:
    """A server whose faults are scripted, or come by chance. `lost` counts the answers lost by chance."""

    def __init__(self) -> None:
        self.lost = 0
        self._faults: list[Fault] = []
        self._share, self._chance = 0.0, random.Random(0)
        self._outage: random.Random | None = None
        self._released = threading.Event()

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

    def release(self) -> None:
        """The answers that are held come now."""
        self._released.set()

    def cut_answer_next(self, method: str | None = None) -> None:
        """The next request (of `method`) is worked off, and half of its answer comes before the connection breaks."""
        self._faults.append(Fault(None, method, cut=True))

    def lose_answers(self, share: float, seed: int) -> None:
        """From now on, of all requests that are worked off this share gets no answer; `lost` counts those."""
        self._share, self._chance = share, random.Random(seed)

    def go_down(self, seed: int) -> None:
        """From now on every request gets an error; one in ten is worked off, and its answer is lost."""
        self._outage = random.Random(seed)

    def come_back(self) -> None:
        """Requests are answered again."""
        self._outage = None

    def hold_answer_next(self) -> None:
        """The next request is worked off, and its answer comes when it is released: never, or late."""
        self._faults.append(Fault(None, hold=True))

    def fault_of(self, method: str) -> Fault | None:
        """What goes wrong with a request before it is worked off, or is to with its answer."""
        fault = next((f for f in self._faults if f.method in (None, method)), None)
        if fault:
            self._faults.remove(fault)
        elif self._outage is not None:
            fault = self._outage.choices(_OUTAGE, (5, 4, 1))[0]
            self.lost += fault is _LOST
        return fault

    def loss(self) -> Fault | None:
        """Whether the answer to a request that was worked off is lost by chance."""
        if self._chance.random() >= self._share:
            return None
        self.lost += 1
        return _LOST

    def after(self, fault: Fault | None, answer: Answer) -> Answer | None:
        """What becomes of the answer to a request that was worked off; None if the connection is closed instead."""
        if fault is None:
            return answer
        if fault.hold:
            self._released.wait()
            return answer
        return replace(answer, cut=True) if fault.cut else None
