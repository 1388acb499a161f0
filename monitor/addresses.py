"""Which addresses of the network are the public Internet: only these are fetched. Pure."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

# What `is_global` of the standard library lets pass although it may lead inside: addresses that carry another one
# (NAT64 RFC 6052 and 8215, 6to4 RFC 3056, Teredo RFC 4380, IPv4-compatible and site-local RFC 4291), relays of 6to4
# (RFC 7526), and Azure's platform address, public by number only. The rest is by IANA's special-purpose registries.
_NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            *("168.63.129.16/32", "192.88.99.0/24", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4"),
            *(
                "64:ff9b::/96",
                "64:ff9b:1::/48",
                "2002::/16",
                "2001::/32",
                "::/96",
                "fec0::/10",
                "fc00::/7",
                "fe80::/10",
            ),
            "2001:db8::/32",
        ),
    )
)


def is_public(address: str) -> bool:
    """True if an IP address (without a port) is one of the public Internet.

    Raises:
        ValueError: when it is no address.
    """
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    special = any(found in network for network in _NOT_PUBLIC if network.version == found.version)
    return found.is_global and not found.is_multicast and not special


def may_be_asked(host: str, address: str, allowed: Sequence[str]) -> bool:
    """Whether `host`, which stands for the IP address `address`, may be fetched.

    `allowed` are names, addresses and networks that may be although they are private. A name allows whatever it stands
    for. An address or network allows only a host written as such an address: else anybody's name that is made to stand
    for it would be let in.
    """
    if is_public(address):
        return True
    name = host.strip("[]").rstrip(".").lower()
    if any(name == one.lower() for one in allowed):
        return True
    try:
        literal = ip_address(name)
    except ValueError:
        return False
    return any(literal in network for network in map(_network, allowed) if network is not None)


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None
