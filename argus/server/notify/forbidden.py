"""Where nothing is sent: link-local addresses and their like, where clouds hand out credentials to who asks.

Hosts of the own network are allowed, for they are a usual choice, and the administrator's. What is looked at is the
address that a connection is made to, after the name was resolved: a name cannot change its mind in between, and it does
not matter how the address was written, or who led there.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import ipaddress
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

OF_CLOUDS = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200")))
"""Where some answer that have no link-local address for it."""

NAT64 = ipaddress.ip_network("64:ff9b::/96")
LOW_32_BITS = 0xFFFFFFFF
EVENTS = {"socket.connect", "socket.sendto"}


class Forbidden(OSError):
    """A connection was about to be made to where nothing is sent."""

    def __init__(self, host: str) -> None:
        super().__init__(errno.EACCES, f"{host} leads to a link-local address, where nothing is sent to")


def is_forbidden(host: str) -> bool:
    """Whether a host is written as such an address, in whatever way; a name is not looked up."""
    try:
        address = _meant(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        return False
    return address.is_link_local or address in OF_CLOUDS


def _meant(address: Address) -> Address:
    """Return the address of version 4 that one of version 6 stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & LOW_32_BITS)
    return address.ipv4_mapped or address.sixtofour or address


class _Watched(threading.local):
    refused: list[str] | None = None
    """The refusals of a thread that is watched."""


_watched = _Watched()


@contextlib.contextmanager
def watched() -> Iterator[list[str]]:
    """Let no connection that this thread makes lead to a forbidden address; yields why some were refused.

    This is for libraries that make connections of their own. It sees every socket of Python, redirections included,
    and none of other threads.
    """
    _watch()
    refused: list[str] = []
    _watched.refused = refused
    try:
        yield refused
    finally:
        _watched.refused = None


@functools.cache
def _watch() -> None:
    """Begin to look at the process' connections; this cannot be undone."""
    sys.addaudithook(_look)


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    refused = _watched.refused
    if refused is None or event not in EVENTS or not isinstance(arguments[1], tuple):
        return
    host = str(arguments[1][0])
    if any(map(is_forbidden, _addresses(host))):
        error = Forbidden(host)
        refused.append(str(error.strerror))
        raise error


def _addresses(host: str) -> list[str]:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        with contextlib.suppress(OSError):  # it leads nowhere, as the connection will find
            return [str(found[4][0]) for found in socket.getaddrinfo(host, None)]
    return [host]
