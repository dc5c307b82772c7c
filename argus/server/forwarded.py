"""Who really asks where a proxy stands between: ``X-Forwarded-For`` and ``X-Forwarded-Proto``, from proxies we trust.

A header from anybody else is a claim that costs nothing, so it is not read.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from argus.server import keys
from argus.server.middleware import Handler
from argus.server.networks import Networks, is_address, is_in


@web.middleware
async def see_through_proxies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Hand the request on as its client sent it: ``remote`` and ``scheme`` are the client's."""
    trusted = request.app[keys.TRUSTED_PROXIES]
    if not is_in(request.remote, trusted):
        return await handler(request)
    seen: dict[str, Any] = {}
    client = _client(", ".join(request.headers.getall("X-Forwarded-For", ())), trusted)
    if client is not None:
        seen["remote"] = client
    scheme = request.headers.get("X-Forwarded-Proto", "").rpartition(",")[2].strip().lower()
    if scheme in {"http", "https"}:
        seen["scheme"] = scheme
    return await handler(request.clone(**seen) if seen else request)


def _client(header: str, trusted: Networks) -> str | None:
    """Return the address that the outermost trusted proxy saw: the last one that is no proxy of ours."""
    for part in reversed(header.split(",")):
        address = part.strip()
        if not is_address(address):
            return None
        if not is_in(address, trusted):
            return address
    return None
