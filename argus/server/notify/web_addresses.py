"""Addresses that are posted to: which are taken. Without aiohttp, for the command line reads channels too."""

from __future__ import annotations

from urllib.parse import urlsplit

from argus.errors import ConfigError
from argus.server.notify.forbidden import is_forbidden


def checked(url: str) -> str:
    """Return the address if it can be posted to. Raises :class:`ConfigError`, which does not show it."""
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError("the address cannot be read; it must be like https://example.org/hook") from error
    if parts.scheme not in {"http", "https"} or not host or not url.strip().isprintable():
        raise ConfigError("the address must be like https://example.org/hook")
    if is_forbidden(host):
        raise ConfigError(f"{host} is a link-local address, where nothing is sent to")
    return url.strip()
