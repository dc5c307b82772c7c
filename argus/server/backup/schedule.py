"""Backups inside a running server: one at a time, when one is due or somebody asks for it.

What becomes of them lies beside them (``state.py``), for any worker or server may be asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from pathlib import Path

import argus
from argus.errors import ArgusError, Conflict
from argus.server.backup import folder as folders
from argus.server.backup import state as states
from argus.server.backup.make import make
from argus.server.backup.state import Report, Running, State
from argus.server.settings import DAY, Settings

log = logging.getLogger("argus.server.backup")

RETRY_SECONDS = 3_600.0
"""After a backup has failed, the next one by schedule is tried this much later."""


class Backups:
    """Belongs to the event loop; the work is done on a thread."""

    def __init__(self, settings: Settings) -> None:
        self.folder: Path = folders.folder_of(settings)
        self._settings = settings
        self._every = settings.backup_every_days * DAY
        self._begun = time.time()
        self._refused = State()
        """Backups that could not even be begun, nor noted in the folder."""
        self._is_making = False
        self._stopping = threading.Event()
        self._task: asyncio.Task[None] | None = None

    async def state(self) -> State:
        """Return what becomes of backups, whoever makes them."""
        return await asyncio.to_thread(self._state)

    def _state(self) -> State:
        found = states.read(self.folder)
        found.failed += self._refused.failed
        found.last_error = self._refused.last_error or found.last_error
        return found

    async def start(self) -> Running:
        """Begin a backup. Raises :class:`Conflict` while one is made, here or by another process."""
        if self._is_making:
            raise Conflict("a backup is being made; wait for it")
        self._is_making = True
        held = contextlib.ExitStack()
        try:
            report = await asyncio.to_thread(held.enter_context, states.reported(self.folder))
        except BaseException:
            self._is_making = False
            raise
        self._task = asyncio.create_task(self._run(report, held), name="backup")
        return report.running

    async def start_if_due(self, now: float) -> None:
        """Begin a backup if the newest one is too old, whoever made it."""
        due = await self.next_at()
        if due is None or due > now or self._is_making:
            return
        try:
            await self.start()
        except Conflict:
            return  # the other process makes the one that is due
        except ArgusError as error:
            self._refused.note(error, now)
            self._tell(error)

    async def next_at(self) -> float | None:
        """Return when the next backup is due, ``None`` where they are not scheduled. The first one is due at once."""
        if self._every == 0:
            return None
        newest = await asyncio.to_thread(folders.newest, self.folder)
        due = self._begun if newest is None else newest.created_at + self._every
        error = (await self.state()).last_error
        return due if error is None else max(due, error.at + RETRY_SECONDS)

    async def stop(self) -> None:
        """Give up what is being made; nothing of it stays."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def _run(self, report: Report, held: contextlib.ExitStack) -> None:
        try:
            made, removed = await asyncio.to_thread(self._work, report)
        except states.Stopped:
            log.info("the backup was given up, for the server is shutting down")
        except ArgusError as error:
            self._tell(error)
        except Exception as error:
            log.exception("a backup failed in a way that was not foreseen")
            self._tell(error)
        else:
            self._refused = State()
            argus.increment("backup.made")
            log.info("backup %s is made (%d bytes); %d older ones were removed", made.path, made.size, len(removed))
        finally:
            await asyncio.to_thread(held.close)
            self._is_making = False

    def _work(self, report: Report) -> tuple[folders.Found, list[Path]]:
        def progress(step: str, done: int, total: int | None) -> None:
            if self._stopping.is_set():
                raise states.Stopped
            report(step, done, total)

        with report.outcome():
            made = make(self._settings, self.folder, progress)
            return made, folders.prune(self.folder, self._settings.backup_keep)

    def _tell(self, error: Exception) -> None:
        argus.increment("backup.failed")
        log.error("the backup failed: %s", str(error) or type(error).__name__)
