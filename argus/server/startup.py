"""What the server does once at its start and needs its stores for; where one is away, as soon as it is back.

Meanwhile the server answers: ``/readyz`` says why it is not ready, and whoever sends data is asked to keep them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from argus.errors import ArgusError, StoreUnavailable

log = logging.getLogger("argus.server")

RETRY_SECONDS = 1.0

Step = Callable[[], Awaitable[None]]


class Startup:
    """Steps that are done in their order, each until it worked once. Belongs to the event loop."""

    def __init__(self) -> None:
        self.trouble: str | None = None
        """Why not every step is done; ``None`` when all are."""
        self._steps: deque[Step] = deque()
        self._later: asyncio.Task[None] | None = None

    async def do(self, step: Step) -> None:
        """Do a step now, or in the background where a store is away. What else goes wrong is raised."""
        self._steps.append(step)
        if self._later is not None:
            return
        try:
            await self._work()
        except StoreUnavailable as error:
            self._note(str(error))
            self._later = asyncio.create_task(self._keep_trying(), name="startup")

    async def stop(self) -> None:
        """Give up what is not done."""
        if self._later is not None:
            self._later.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._later

    async def _work(self) -> None:
        while self._steps:
            await self._steps[0]()
            self._steps.popleft()

    async def _keep_trying(self) -> None:
        while self._steps:
            await asyncio.sleep(RETRY_SECONDS)
            try:
                await self._work()
            except ArgusError as error:  # nobody is left to raise it to; /readyz tells it
                self._note(str(error))
        log.info("ready: the stores are there")
        self.trouble = self._later = None

    def _note(self, trouble: str) -> None:
        """Remember why it does not go on; log it when it changes."""
        if trouble != self.trouble:
            log.error("not ready, trying on: %s", trouble)
        self.trouble = trouble
