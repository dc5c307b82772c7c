"""A real HTTP server that takes webhooks, and answers as a test says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from aiohttp import web


class Receiver:
    """Answers as it is told and keeps what came."""

    def __init__(self) -> None:
        self.url = ""
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.answer: dict[str, Any] = {"text": "thanks"}
        self.silent = asyncio.Event()
        self._arrival = asyncio.Condition()

    async def until(self, enough: Callable[[list[bytes]], bool]) -> None:
        """Wait until the bodies that have come are enough."""
        async with self._arrival:
            await self._arrival.wait_for(lambda: enough([body for _, body in self.came]))

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        async with self._arrival:
            self.came.append((dict(request.headers), body))
            self._arrival.notify_all()
        if self.answer.get("status") == -1:
            await self.silent.wait()
        return web.Response(**self.answer)


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[Receiver]:
    """Run it on a free port."""
    made = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.take)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook?token=hunter22"
    yield made
    made.silent.set()
    await runner.cleanup()
