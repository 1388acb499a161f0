"""The resolver that gives public addresses only."""

from typing import Any

from scrapy.resolver import dnscache
from twisted.internet.address import IPv4Address

from monitor.crawling.guard import GuardedResolver


class Rebinding:
    """A reactor's names, which stand for another address each time they are asked for."""

    def __init__(self, *addresses: str) -> None:
        self.nameResolver = self
        self._left = list(addresses)

    def resolveHostName(self, receiver: Any, *_: object, **__: object) -> object:  # noqa: N802 - Twisted's name
        receiver.resolutionBegan(self)
        receiver.addressResolved(IPv4Address("TCP", self._left.pop(0), 80))
        receiver.resolutionComplete()
        return self


class Receiver:
    """What connects."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.complete = False

    def resolutionBegan(self, _resolution: object) -> None:  # noqa: N802
        pass

    def addressResolved(self, address: IPv4Address) -> None:  # noqa: N802
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        self.complete = True


def test_a_name_that_is_public_first_and_private_when_connected_to_has_no_address_then() -> None:
    resolver = GuardedResolver(Rebinding("93.184.216.34", "127.0.0.1"), cache_size=10)  # type: ignore[arg-type]
    found = []
    for _ in range(2):
        receiver = Receiver()
        resolver.resolveHostName(receiver, "rebinding.example")
        dnscache.clear()
        found.append((receiver.addresses, receiver.complete))
    assert found == [(["93.184.216.34"], True), ([], True)]
