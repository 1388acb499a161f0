"""Spans of what takes long, for whoever collects traces; without a tracer nothing happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

_NANOSECONDS = 1_000_000_000
_tracers: list["Tracer"] = []


def trace_with(tracer: "Tracer | None") -> None:
    """Give the spans of this process to a tracer; None to nobody."""
    _tracers[:] = [tracer] if tracer is not None else []


@contextmanager
def span(name: str, **about: str | int) -> Iterator[None]:
    """A span around what is done; an error in it is recorded without its text, which may quote what was read."""
    if not _tracers:
        yield
        return
    with _tracers[0].start_as_current_span(
        f"monitor.{name}", attributes=about, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield
        except Exception as error:
            current.set_attribute("error.type", type(error).__qualname__)
            raise


def past(name: str, begun: datetime, ended: datetime, **about: str | int) -> None:
    """A span of something that is over."""
    if _tracers:
        start, end = (int(moment.timestamp() * _NANOSECONDS) for moment in (begun, ended))
        _tracers[0].start_span(f"monitor.{name}", start_time=start, attributes=about).end(end)
