"""The address of an engine: ``influxdb://user:password@host:8086/argus?org=o&token=t`` taken apart."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from argus.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Address:
    """Where an engine is, and what opens it. Only ``place`` may be shown."""

    tls: bool
    host: str
    port: int
    path: str
    user: str
    password: str
    options: Mapping[str, str]

    @property
    def place(self) -> str:
        """``host:port``, for messages."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def root(self) -> str:
        """The beginning of every request's address, without path and secrets."""
        return f"{'https' if self.tls else 'http'}://{self.place}"

    @property
    def is_loopback(self) -> bool:
        """Whether the engine is on this machine, so that compressing costs more than it saves."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def parse(url: str, scheme: str, *, example: str, port: int, options: frozenset[str]) -> Address:
    """Take an address apart; ``scheme`` with an ``s`` after it means TLS.

    Raises :class:`ConfigError`, which shows ``example`` and nothing of the address.
    """
    parts = urlsplit(url)
    try:
        found_port = parts.port
    except ValueError as error:
        raise ConfigError(f"the port of {parts.scheme}:// is no number up to 65535; an address is {example}") from error
    if not parts.hostname:
        raise ConfigError(f"{parts.scheme}:// names no host; an address is {example}")
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in given:
        if name not in options:
            known = ", ".join(sorted(options)) or "none"
            raise ConfigError(f"{parts.scheme}:// has no option {name!r}; there are: {known}; an address is {example}")
    return Address(
        parts.scheme == f"{scheme}s",
        parts.hostname,
        found_port or port,
        parts.path.rstrip("/"),
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        given,
    )
