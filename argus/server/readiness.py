"""Whether a store can take what is sent, looked up when somebody asks ``/readyz``.

A failed commit says that it cannot; but where a balancer then sends nothing here, no commit would ever say that it can
again. So the store itself is asked, and its yes clears what a commit left behind.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from argus.errors import StoreError
from argus.server.ingest import GroupCommit
from argus.server.stores.base import MetricStore, RecordStore

LOOK_SECONDS = 1.0
"""Least time between two looks, however often somebody asks."""


class Readiness:
    """Of one store and the commits to it. Belongs to the event loop."""

    def __init__(
        self, store: MetricStore | RecordStore, commit: GroupCommit[Any], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._commit = commit
        self._clock = clock
        self._looked = float("-inf")
        self._looking = asyncio.Lock()
        self._trouble: str | None = None

    async def trouble(self) -> str | None:
        """Return why nothing can be stored, ``None`` while it can."""
        async with self._looking:
            if self._clock() - self._looked >= LOOK_SECONDS:
                self._trouble = await self._look()
                self._looked = self._clock()
        return self._trouble or self._commit.trouble

    async def _look(self) -> str | None:
        try:
            await asyncio.to_thread(self._store.check)
        except StoreError as error:
            return str(error)
        self._commit.try_again()
        return None
