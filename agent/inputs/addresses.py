"""Which addresses on the internet are public, so that a page may be fetched from them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# Stands for the IPv4 address in its last 32 bits. Source: RFC 6052, 2.1
_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Tell whether an address, as the system gives it, is one that everybody can reach.

    Private, loopback, link-local, multicast, shared (CGNAT) and reserved ones aren't; neither are
    those of IPv6 that stand for one of IPv4 which isn't.

    >>> [is_public(address) for address in ("93.184.215.14", "127.0.0.1", "::ffff:10.0.0.1")]
    [True, False, False]
    """
    return all(map(_is_public, _meanings(ip_address(address.partition("%")[0]))))


def _meanings(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """Return where packets to an address may end up: one of IPv6 can hold one of IPv4."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address, *filter(None, [address.sixtofour]), *(address.teredo or ())]


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or (isinstance(address, IPv6Address) and address.is_site_local)
    )
