"""Connections that were opened and then say nothing, or say it a byte at a time: closed before they use up the server.

aiohttp gives them its keep-alive time-out, which must be longer than the pause between two flushes, and older
versions wait for ever. Bodies have ``body_timeout``. Belongs to the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from aiohttp import web

import argus

LOOKS = 4
"""How often the connections are looked at within one time-out."""


class SlowClients:
    """Knows which connections have sent a request, and since when the others have been waited for."""

    def __init__(self, timeout: float, clock: Callable[[], float]) -> None:
        self.timeout = timeout
        self.closed = 0
        self.clock = clock
        self._heard: set[web.RequestHandler] = set()
        self._waiting: dict[web.RequestHandler, float] = {}

    def heard(self, connection: web.RequestHandler) -> None:
        """Remember that a connection's first headers are there."""
        self._heard.add(connection)

    def look(self, server: web.Server) -> None:
        """Close what has been waited for too long."""
        now, open_now = self.clock(), set(server.connections)
        self._heard &= open_now
        self._waiting = {one: self._waiting.get(one, now) for one in open_now - self._heard}
        for connection, since in self._waiting.items():
            if now - since >= self.timeout:
                self.closed += 1
                argus.increment("http.slow_connections")
                connection.force_close()


@contextlib.asynccontextmanager
async def closing(slow: SlowClients, runner: web.AppRunner) -> AsyncIterator[None]:
    """Close slow connections while the block runs."""

    async def watch() -> None:
        while True:
            await asyncio.sleep(slow.timeout / LOOKS)
            assert runner.server is not None
            slow.look(runner.server)

    task = asyncio.create_task(watch(), name="slow-clients")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
