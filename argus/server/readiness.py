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

PATIENCE_SECONDS = 5.0
"""How long who asks waits for a store that is silent: a balancer would not wait longer for the answer either."""


class Readiness:
    """Of one store and the commits to it. Belongs to the event loop."""

    def __init__(
        self, store: MetricStore | RecordStore, commit: GroupCommit[Any], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._commit = commit
        self._clock = clock
        self._looked = float("-inf")
        self._look: asyncio.Task[str | None] | None = None

    async def trouble(self) -> str | None:
        """Return why nothing can be stored, ``None`` while it can."""
        if self._look is None or (self._look.done() and self._clock() - self._looked >= LOOK_SECONDS):
            self._look = asyncio.create_task(self._looking(), name="readiness")
        finished, _ = await asyncio.wait([self._look], timeout=PATIENCE_SECONDS)
        if not finished:  # it goes on, and who asks next waits for the same answer
            return self._commit.trouble or f"the store does not answer within {PATIENCE_SECONDS:g} s"
        return self._look.result() or self._commit.trouble

    async def _looking(self) -> str | None:
        try:
            await asyncio.to_thread(self._store.check)
        except StoreError as error:
            return str(error)
        finally:
            self._looked = self._clock()
        self._commit.try_again()
        return None
