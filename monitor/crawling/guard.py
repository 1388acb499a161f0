"""Keeps requests out of private networks: names are resolved here, and only public addresses are connected to.

The check is made on the addresses that are then connected to, so that a name which is public when looked at and private
when connected to gets nowhere either. It holds for redirects as for first requests.
"""

from collections.abc import Sequence
from typing import Any, Self
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingHostnameResolver
from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver
from zope.interface import implementer

from monitor.addresses import may_be_asked


class NotPublicError(IgnoreRequest):
    """The host stands for no public address."""


class _Border:
    """What is let through in this process, and what was refused: a reactor has one resolver, whatever runs in it."""

    allowed: tuple[str, ...] = ()
    refused: dict[str, str] = {}  # noqa: RUF012 - by host, the address that it stands for


def lets_through(host: str, address: str) -> bool:
    """Whether `address`, which `host` stands for, may be connected to; what may not is remembered for `Guard`."""
    allowed = may_be_asked(host, address, _Border.allowed)
    if not allowed:
        _Border.refused[host] = address
    return allowed


def refusal(url: str) -> NotPublicError | None:
    """Why the host of a URL was not let through; None if it was, or was not asked for."""
    host = urlsplit(url).hostname or ""
    address = _Border.refused.get(host)
    if address is None:
        return None
    return NotPublicError(
        f"{host} is {address}, no public address: it is not fetched unless crawl.private_hosts names it"
    )


@implementer(IResolutionReceiver)
class _PublicOnly:
    """Hands on the addresses that may be connected to."""

    def __init__(self, receiver: Any, host: str) -> None:
        self._receiver = receiver
        self._host = host

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:
        if lets_through(self._host, str(getattr(address, "host", ""))):
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:
        self._receiver.resolutionComplete()


class GuardedResolver(CachingHostnameResolver):
    """Scrapy's resolver for IPv4 and IPv6 that gives public addresses only, and those of `crawl.private_hosts`."""

    def resolveHostName(self, resolutionReceiver: Any, hostName: str, *args: Any, **kwargs: Any) -> Any:
        """Called by Twisted for each connection."""
        receiver: Any = _PublicOnly(resolutionReceiver, hostName)
        return super().resolveHostName(receiver, hostName, *args, **kwargs)


def _proxies() -> list[str]:
    """Hosts of the proxies that the environment names: they may be inside."""
    return [host for url in getproxies().values() if (host := urlsplit(url).hostname)]


class Guard:
    """Downloader middleware that says of a refused host why it was, where Twisted only finds no address."""

    def __init__(self, allowed: Sequence[str]) -> None:
        _Border.allowed = (*allowed, *_proxies())

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Called by Scrapy."""
        return cls(crawler.settings.getlist("MONITOR_PRIVATE_HOSTS"))

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Called by Scrapy."""
        refused = refusal(request.url)
        if refused is not None and not isinstance(exception, IgnoreRequest):
            raise refused from exception
