"""Which addresses are the public Internet."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.addresses import is_public, may_be_asked


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "255.255.255.255"),
        *("100.64.0.1", "168.63.129.16", "192.0.0.8", "198.18.0.1", "224.0.0.1", "240.0.0.1", "192.88.99.1"),
        *("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "fe80::1", "fe80::1%eth0", "fc00::1"),
        *("fec0::1", "ff02::1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:1::1", "2001:db8::1"),
    ],
)
def test_addresses_that_lead_or_may_lead_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "2400:3200::1"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=6, network="fc00::/7"))
def test_no_private_address_is_public(address: IPv4Address | IPv6Address) -> None:
    assert not is_public(str(address))


@pytest.mark.parametrize(
    ("host", "address", "expected"),
    [
        ("rsshub", "10.0.0.7", True),
        ("RSSHub.", "10.0.0.7", True),
        ("evil.example", "10.0.0.7", False),
        ("10.0.0.7", "10.0.0.7", True),
        ("10.1.0.7", "10.1.0.7", False),
        ("[fd00::1]", "fd00::1", True),
        ("news.example", "93.184.216.34", True),
    ],
)
def test_what_is_private_is_asked_only_where_it_is_allowed(host: str, address: str, expected: bool) -> None:
    """A network allows hosts written as its addresses, not names that somebody makes stand for them."""
    assert may_be_asked(host, address, ["rsshub", "10.0.0.0/24", "fd00::1"]) is expected
