"""Spares a run the hosts that do not answer."""

from collections import Counter
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest

PATIENCE = 3
"""Requests to one host that may go without an answer in one run. The rest waits for the next run, so that a dead site
does not hold up the others until the run's deadline."""


class HostSilentError(IgnoreRequest):
    """The host has not answered before in this run, so it was not asked."""


class Patience:
    """Downloader middleware that counts requests without an answer."""

    def __init__(self) -> None:
        self._silent: Counter[str] = Counter()

    def process_request(self, request: Request) -> None:
        """Refuse what would be asked of a host that does not answer."""
        host = urlsplit(request.url).netloc
        if self._silent[host] >= PATIENCE:
            raise HostSilentError(f"{host} does not answer")

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count a request that got no answer."""
        if not isinstance(exception, IgnoreRequest):
            self._silent[urlsplit(request.url).netloc] += 1
