"""Group commit: batches that arrive while commits run share the next one.

A batch that comes alone is committed at once; nobody waits for company. The acknowledgement comes after the store has
said that the batch is durable. Where the store takes several commits at once, a sender is in one of them at most: a
batch that is sent again waits for what becomes of the first one, and finds its mark.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, Protocol, TypeVar

from argus.errors import StoreUnavailable
from argus.server.stores.base import Appended

log = logging.getLogger("argus.server.ingest")


class Sent(Protocol):
    """What is known of a batch here: who sent it."""

    @property
    def app(self) -> str: ...
    @property
    def instance(self) -> str | None: ...


Batch = TypeVar("Batch", bound=Sent)

MOST_WAITING = 2_000
"""Batches that may wait for a commit; more are refused with ``Retry-After``."""

MOST_PER_COMMIT = 200
STOP_SECONDS = 5.0

PATIENCE_SECONDS = 6.0
"""How long a sender waits for its batch to be durable. Less than the ten seconds after which the SDKs give a request
up: so they are told to come again, and why, by a server whose store has fallen silent."""


class GroupCommit(Generic[Batch]):
    """Commits batches of one store on ``at_once`` threads; where that is one, it is the store's single writer.

    ``committed`` is called on the event loop with the batches that were stored.
    """

    def __init__(
        self,
        append: Callable[[Sequence[Batch]], list[Appended]],
        committed: Callable[[Sequence[Batch]], None],
        at_once: int = 1,
    ) -> None:
        self.trouble: str | None = None
        """Why the last commit failed; ``None`` while all is well."""
        self.commits = 0
        self._append = append
        self._committed = committed
        self._waiting: list[tuple[Batch, asyncio.Future[Appended]]] = []
        self._changed = asyncio.Event()
        """Set when a batch has come, or a commit has ended."""
        self._at_once = at_once
        self._running: dict[asyncio.Task[None], set[tuple[str, str | None]]] = {}
        """Commits, and whose batches they have; scripts are one sender of their application."""
        self._writer = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="argus-writer")
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
        if self._running:
            await asyncio.wait(self._running, timeout=STOP_SECONDS)
        for task in (self._task, *self._running):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        self._fail_waiting(StoreUnavailable("the server is shutting down"))
        await asyncio.get_running_loop().run_in_executor(None, self._writer.shutdown)

    async def submit(self, batch: Batch) -> Appended:
        """Return when the batch is durable.

        Raises ``StoreUnavailable``; then it was not stored, or, after :data:`PATIENCE_SECONDS`, it is with a store that
        does not answer. Should it be stored after all, the batch that is sent again finds its mark: the two are never
        in commits that run at once.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise StoreUnavailable(f"{MOST_WAITING} batches wait for the disk")
        future: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        self._waiting.append((batch, future))
        self._changed.set()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await future
        except TimeoutError:
            self._waiting = [entry for entry in self._waiting if not entry[1].done()]  # whoever gave up
            self._note_trouble(f"it does not answer within {PATIENCE_SECONDS:g} s")
            raise StoreUnavailable(f"the store does not answer within {PATIENCE_SECONDS:g} s") from None

    async def on_writer(self, work: Callable[[], Any]) -> Any:
        """Run other work that writes to the store; where the store has a single writer, between two commits."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, work)

    def try_again(self) -> None:
        """Forget the trouble: the store says that it is gone, and the next commit will tell."""
        self._note_trouble(None)

    async def _run(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            while len(self._running) < self._at_once and (taken := self._take()):
                task = asyncio.create_task(self._commit(taken), name="commit")
                self._running[task] = {_sender(batch) for batch, _ in taken}
                task.add_done_callback(self._ended)

    def _take(self) -> list[tuple[Batch, asyncio.Future[Appended]]]:
        """Return what the next commit has: of the batches that wait, those whose senders are in none that runs."""
        busy = set(itertools.chain.from_iterable(self._running.values()))
        taken: list[tuple[Batch, asyncio.Future[Appended]]] = []
        left: list[tuple[Batch, asyncio.Future[Appended]]] = []
        for entry in self._waiting:
            is_next = len(taken) < MOST_PER_COMMIT and _sender(entry[0]) not in busy
            (taken if is_next else left).append(entry)
        self._waiting = left
        return taken

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._changed.set()

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


def _sender(batch: Sent) -> tuple[str, str | None]:
    return batch.app, batch.instance
