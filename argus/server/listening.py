"""The sockets the server answers on."""

from __future__ import annotations

import ssl

from aiohttp import web

from argus.errors import ConfigError
from argus.server.settings import Settings

LOOPBACK = "127.0.0.1"


async def listen(runner: web.AppRunner, settings: Settings, tls: ssl.SSLContext | None) -> str:
    """Answer on the address of the settings; return it. Raises :class:`ConfigError` where that cannot be had."""
    site = web.TCPSite(runner, settings.host, settings.port, ssl_context=tls)
    try:
        await site.start()
    except OSError as error:
        address = f"{settings.host}:{settings.port}"
        raise ConfigError(f"cannot listen on {address} ({error.strerror}); choose another with --port") from error
    return _address(site, "https" if tls else "http")


async def listen_to_itself(runner: web.AppRunner) -> str:
    """Answer on a free port of this machine alone, without TLS; return the address.

    The server monitors itself over it: a certificate is for the public name, which may not lead from here to here.
    """
    site = web.TCPSite(runner, LOOPBACK, 0)
    await site.start()
    return _address(site, "http")


def _address(site: web.TCPSite, scheme: str) -> str:
    assert site._server is not None  # noqa: SLF001  # aiohttp tells the chosen port nowhere else
    host, port = site._server.sockets[0].getsockname()[:2]  # type: ignore[attr-defined]  # noqa: SLF001  # see above
    host = LOOPBACK if host in {"0.0.0.0", "::"} else host  # noqa: S104  # compared, not bound
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
