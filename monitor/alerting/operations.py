"""What the operator is told of sources and channels: each notice once, at least once if in doubt."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from monitor.alerting.delivery import backoff
from monitor.archive import Archive
from monitor.errors import DeliveryError, DeliveryRefusedError

logger = logging.getLogger(__name__)

REFUSED_AGAIN = timedelta(days=1)
"""When a notice that its channel refused (a wrong token) is tried again."""

UNDELIVERED = "undelivered"
"""Name of the problem that alerts do not reach their channel."""


class Teller(Protocol):
    """A channel that takes plain text; raises DeliveryError and its kinds."""

    def tell(self, text: str, /) -> None:
        """Send it."""
        ...


def watch_delivery(archive: Archive, after: timedelta, now: datetime) -> None:
    """Note down which channels could be delivered nothing for a time, once each, and when they can again."""
    with archive.reading() as tables:
        news = tables.channel_states.news(now - after)
    for channel, since in news:
        with archive.writing() as tables:
            tables.channel_states.told(channel, None if since is None else now)
            tables.notices.add(channel, UNDELIVERED, _heartbeat(channel, since), now)


def _heartbeat(channel: str, since: datetime | None) -> str:
    if since is None:
        return f"Channel {channel} takes alerts again."
    return (
        f"Channel {channel} has taken no alert since {since:%Y-%m-%d %H:%M} UTC; what waits and why: "
        f"monitor alerts list --channel {channel}"
    )


def tell_notices(archive: Archive, tellers: Callable[[str], Teller | None], now: Callable[[], datetime]) -> int:
    """Tell what waits, each to the channel that `tellers` gives for its problem; without one, in the log.

    Returns how many were told. After a failure the notices of its problem wait, so that they keep their order.
    """
    with archive.reading() as tables:
        waiting = tables.notices.waiting(now())
    told = 0
    failing: set[str] = set()
    for notice in waiting:
        if notice.problem in failing:
            continue
        teller = tellers(notice.problem)
        try:
            if teller is None:
                logger.warning("%s", notice.text)
            else:
                teller.tell(notice.text)
        except DeliveryError as error:
            wait = REFUSED_AGAIN if isinstance(error, DeliveryRefusedError) else backoff(notice.attempts + 1)
            logger.warning("a notice could not be told and will be tried again: %s", error)
            with archive.writing() as tables:
                tables.notices.failed(notice, str(error), now() + wait)
            failing.add(notice.problem)
            continue
        with archive.writing() as tables:
            tables.notices.told(notice, now())
        told += 1
    return told
