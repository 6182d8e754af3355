"""Where a request comes from, and whether that is inside given networks. Pure."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

# Some proxies tell the port too: 192.0.2.7:4711, [2001:db8::7]:4711.
_WITH_PORT = re.compile(r"(?P<v4>[0-9.]+):[0-9]+|\[(?P<v6>[^\]]+)\](?::[0-9]+)?")


def parse_network(text: str) -> Network:
    """Return the network of a CIDR (192.0.2.0/24, 2001:db8::/32) or of a single address.

    Raises ValueError, with what is wrong in words.
    """
    return ip_network(text.strip())


def client_address(peer: str, forwarded_for: str, trusted_proxies: Sequence[Network]) -> str | None:
    """Return the address that a request came from, or None when it cannot be told.

    `peer` is who opened the connection. Only if that is a trusted proxy, `forwarded_for` (the whole
    X-Forwarded-For) counts, from its right end: each trusted proxy there vouches for the address
    on its left, and the first one that is not trusted is the client. What stands left of it is the
    client's own claim and is not looked at.
    """
    if not trusted_proxies:
        return _said_as(peer)
    address = _parse(peer)
    hops = [hop for hop in forwarded_for.split(",") if hop.strip()]
    while hops and address is not None and _is_in_any(address, trusted_proxies):
        address = _parse(hops.pop())
    return str(address) if address is not None else None


def is_within(address: str | None, networks: Iterable[str]) -> bool:
    """Tell whether the address is in one of the networks; one that is not known is in none."""
    return address is not None and _is_in_any(ip_address(address), map(_network, networks))


# The same few clients and proxies come again and again.
@lru_cache(maxsize=1_000)
def _parse(text: str) -> Address | None:
    text = text.strip()
    if found := _WITH_PORT.fullmatch(text):
        text = found["v4"] or found["v6"]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        # A server that listens on both families tells 192.0.2.7 as ::ffff:192.0.2.7.
        return address.ipv4_mapped or address
    return address


# As above.
@lru_cache(maxsize=1_000)
def _said_as(peer: str) -> str | None:
    address = _parse(peer)
    return str(address) if address is not None else None


def _is_in_any(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)


_network = lru_cache(maxsize=10_000)(parse_network)
