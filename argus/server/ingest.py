"""Group commit: batches that arrive while a commit runs share the next one.

A batch that comes alone is committed at once; nobody waits for company. The acknowledgement comes after the store has
said that the batch is durable.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from argus.errors import StoreUnavailable
from argus.server.stores.base import Appended

log = logging.getLogger("argus.server.ingest")

Batch = TypeVar("Batch")

MOST_WAITING = 2_000
"""Batches that may wait for a commit; more are refused with ``Retry-After``."""

MOST_PER_COMMIT = 200
STOP_SECONDS = 5.0

PATIENCE_SECONDS = 6.0
"""How long a sender waits for its batch to be durable. Less than the ten seconds after which the SDKs give a request
up: so they are told to come again, and why, by a server whose store has fallen silent."""


class GroupCommit(Generic[Batch]):
    """Commits batches of one store on one thread, which makes it the store's single writer.

    ``committed`` is called on the event loop with the batches that were stored.
    """

    def __init__(
        self, append: Callable[[Sequence[Batch]], list[Appended]], committed: Callable[[Sequence[Batch]], None]
    ) -> None:
        self.trouble: str | None = None
        """Why the last commit failed; ``None`` while all is well."""
        self.commits = 0
        self._append = append
        self._committed = committed
        self._waiting: list[tuple[Batch, asyncio.Future[Appended]]] = []
        self._arrived = asyncio.Event()
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="argus-writer")
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Batches that wait for a commit."""
        return len(self._waiting)

    def start(self) -> None:
        """Begin to commit; on the running loop."""
        self._task = asyncio.create_task(self._run(), name="group-commit")

    async def stop(self) -> None:
        """Commit what waits, then stop."""
        waiting = [future for _, future in self._waiting]
        if waiting and self.trouble is None:
            await asyncio.wait(waiting, timeout=STOP_SECONDS)
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._fail_waiting(StoreUnavailable("the server is shutting down"))
        await asyncio.get_running_loop().run_in_executor(None, self._writer.shutdown)

    async def submit(self, batch: Batch) -> Appended:
        """Return when the batch is durable.

        Raises ``StoreUnavailable``; then it was not stored, or, after :data:`PATIENCE_SECONDS`, it is with a store that
        does not answer. Should it be stored after all, the batch that is sent again finds its mark: both go through
        the one writing thread, one after the other.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise StoreUnavailable(f"{MOST_WAITING} batches wait for the disk")
        future: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        self._waiting.append((batch, future))
        self._arrived.set()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await future
        except TimeoutError:
            self._waiting = [entry for entry in self._waiting if not entry[1].done()]  # whoever gave up
            self._note_trouble(f"it does not answer within {PATIENCE_SECONDS:g} s")
            raise StoreUnavailable(f"the store does not answer within {PATIENCE_SECONDS:g} s") from None

    async def on_writer(self, work: Callable[[], Any]) -> Any:
        """Run other work that writes to the store, between two commits."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, work)

    def try_again(self) -> None:
        """Forget the trouble: the store says that it is gone, and the next commit will tell."""
        self._note_trouble(None)

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            taken, self._waiting = self._waiting[:MOST_PER_COMMIT], self._waiting[MOST_PER_COMMIT:]
            if not self._waiting:
                self._arrived.clear()
            await self._commit(taken)

    async def _commit(self, taken: list[tuple[Batch, asyncio.Future[Appended]]]) -> None:
        batches = [batch for batch, _ in taken]
        try:
            results = await self.on_writer(lambda: self._append(batches))
        except StoreUnavailable as error:
            self._note_trouble(str(error))
            for _, future in taken:
                if not future.done():
                    future.set_exception(StoreUnavailable(str(error)))
            return
        except Exception as error:
            log.exception("a commit failed in a way that was not foreseen; its %d batches are refused", len(batches))
            for _, future in taken:
                if not future.done():
                    future.set_exception(error)
            return
        self._note_trouble(None)
        self.commits += 1
        for (_, future), result in zip(taken, results, strict=True):
            if not future.done():  # the sender may have gone away meanwhile
                future.set_result(result)
        stored = [batch for batch, result in zip(batches, results, strict=True) if result is Appended.STORED]
        if stored:
            self._announce(stored)

    def _announce(self, stored: Sequence[Batch]) -> None:
        """Say what was stored; that somebody could not hear it must not end the commits."""
        try:
            self._committed(stored)
        except Exception:
            log.exception("%d stored batches could not be announced to open dashboards", len(stored))

    def _note_trouble(self, reason: str | None) -> None:
        """Remember whether the store works; log when that changes."""
        if reason is not None and self.trouble is None:
            log.error("the store cannot be written: %s; senders are asked to keep their data", reason)
        if reason is None and self.trouble is not None:
            log.info("the store can be written again")
        self.trouble = reason

    def _fail_waiting(self, error: StoreUnavailable) -> None:
        for _, future in self._waiting:
            if not future.done():
                future.set_exception(error)
        self._waiting.clear()
