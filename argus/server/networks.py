"""Networks as a setting lists them, and whether an address lies in one."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]


def networks(text: str) -> Networks:
    """Return the networks of a list such as ``127.0.0.0/8, ::1``. Raises ``ValueError`` saying what is wrong."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def is_address(text: str) -> bool:
    """Return whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def is_in(address: str | None, known: Networks) -> bool:
    """Return whether an address lies in one of the networks; what is no address lies in none."""
    if address is None or not is_address(address):
        return False
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in known)
