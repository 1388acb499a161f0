"""What the operator is told of the sources: each notice once, after it was recorded, at least once if in doubt."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from monitor.alerting.delivery import backoff
from monitor.archive import Tables
from monitor.errors import DeliveryError, DeliveryRefusedError

logger = logging.getLogger(__name__)

REFUSED_AGAIN = timedelta(days=1)
"""When a notice that its channel refused (a wrong token) is tried again."""


class Teller(Protocol):
    """A channel that takes plain text; raises DeliveryError and its kinds."""

    def tell(self, text: str, /) -> None:
        """Send it."""
        ...


def tell_notices(
    writing: Callable[[], AbstractContextManager[Tables]], teller: Teller | None, now: Callable[[], datetime]
) -> int:
    """Tell what waits; without a channel for it, in the log. Returns how many were told."""
    with writing() as tables:
        waiting = tables.notices.waiting(now())
    told = 0
    for notice in waiting:
        try:
            if teller is None:
                logger.warning("%s", notice.text)
            else:
                teller.tell(notice.text)
        except DeliveryError as error:
            wait = REFUSED_AGAIN if isinstance(error, DeliveryRefusedError) else backoff(notice.attempts + 1)
            logger.warning("a notice could not be told and will be tried again: %s", error)
            with writing() as tables:
                tables.notices.failed(notice, str(error), now() + wait)
            return told
        with writing() as tables:
            tables.notices.told(notice, now())
        told += 1
    return told
