"""The sockets the server answers on."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator

from aiohttp import web

from argus.errors import ConfigError
from argus.server.settings import Settings

LOOPBACK = "127.0.0.1"


async def listen(runner: web.AppRunner, settings: Settings, tls: ssl.SSLContext | None) -> str:
    """Answer on the address of the settings; return it. Raises :class:`ConfigError` where that cannot be had."""
    shared = settings.workers > 1 or None
    site = web.TCPSite(runner, settings.host, settings.port, ssl_context=tls, reuse_port=shared)
    try:
        await site.start()
    except OSError as error:
        raise _refused(settings, error) from error
    return _address(site, "https" if tls else "http")


@contextlib.contextmanager
def reserved(settings: Settings) -> Iterator[int]:
    """Hold a port that workers may share, without answering on it. Raises :class:`ConfigError` where it is taken."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as alone:  # would refuse to share, so it finds out who is there
            alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            alone.bind(address)
        held = socket.socket(family, kind, protocol)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind(address)
    except OSError as error:
        raise _refused(settings, error) from error
    with held:
        yield int(held.getsockname()[1])


def _refused(settings: Settings, error: OSError) -> ConfigError:
    address = f"{settings.host}:{settings.port}"
    return ConfigError(f"cannot listen on {address} ({error.strerror}); choose another with --port")


async def listen_to_itself(runner: web.AppRunner) -> str:
    """Answer on a free port of this machine alone, without TLS; return the address.

    The server monitors itself over it: a certificate is for the public name, which may not lead from here to here, and
    a port that workers share may lead to another one.
    """
    site = web.TCPSite(runner, LOOPBACK, 0)
    await site.start()
    return _address(site, "http")


def _address(site: web.TCPSite, scheme: str) -> str:
    assert site._server is not None  # noqa: SLF001  # aiohttp tells the chosen port nowhere else
    host, port = site._server.sockets[0].getsockname()[:2]  # type: ignore[attr-defined]  # noqa: SLF001  # see above
    host = LOOPBACK if host in {"0.0.0.0", "::"} else host  # noqa: S104  # compared, not bound
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
