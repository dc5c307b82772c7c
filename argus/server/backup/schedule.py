"""Backups inside a running server: one at a time, when one is due or somebody asks for it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import argus
from argus.errors import ArgusError, Conflict
from argus.server.backup import folder as folders
from argus.server.backup.make import make
from argus.server.settings import DAY, Settings

log = logging.getLogger("argus.server.backup")

RETRY_SECONDS = 3_600.0
"""After a scheduled backup has failed, the next attempt is made this much later."""


class _Stopped(Exception):
    """The server is shutting down."""


@dataclass(slots=True)
class Running:
    """A backup that is being made, and how far it is."""

    started_at: float
    step: str = "starting"
    done: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the last backup that was tried failed."""

    at: float
    message: str


class Backups:
    """Belongs to the event loop; the work is done on a thread."""

    def __init__(self, settings: Settings) -> None:
        self.folder: Path = folders.folder_of(settings)
        self.running: Running | None = None
        self.last_error: Failure | None = None
        """``None`` again once a backup was made."""
        self.failed = 0
        self._settings = settings
        self._every = settings.backup_every_days * DAY
        self._begun = time.time()
        self._retry_at = float("-inf")
        self._stopping = threading.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> Running:
        """Begin a backup. Raises :class:`Conflict` while one is made, here or by another process."""
        if self.running is not None:
            raise Conflict("a backup is being made; wait for it")
        running = self.running = Running(time.time())
        held = contextlib.ExitStack()
        try:
            await asyncio.to_thread(held.enter_context, folders.locked(self.folder))
        except BaseException:
            self.running = None
            raise
        self._task = asyncio.create_task(self._run(running, held), name="backup")
        return running

    async def start_if_due(self, now: float) -> None:
        """Begin a backup if the newest one is too old, whoever made it."""
        due = await self.next_at()
        if due is None or due > now or self.running is not None:
            return
        try:
            await self.start()
        except Conflict:
            return  # the other process makes the one that is due
        except ArgusError as error:
            self._note(error, now)

    async def next_at(self) -> float | None:
        """Return when the next backup is due, ``None`` where they are not scheduled. The first one is due at once."""
        if self._every == 0:
            return None
        newest = await asyncio.to_thread(folders.newest, self.folder)
        due = self._begun if newest is None else newest.created_at + self._every
        return max(due, self._retry_at)

    async def stop(self) -> None:
        """Give up what is being made; nothing of it stays."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def _run(self, running: Running, held: contextlib.ExitStack) -> None:
        try:
            made, removed = await asyncio.to_thread(self._work, running)
        except _Stopped:
            log.info("the backup was given up, for the server is shutting down")
        except ArgusError as error:
            self._note(error, time.time())
        except Exception as error:
            log.exception("a backup failed in a way that was not foreseen")
            self._note(error, time.time())
        else:
            self.last_error = None
            argus.increment("backup.made")
            log.info("backup %s is made (%d bytes); %d older ones were removed", made.path, made.size, len(removed))
        finally:
            held.close()
            self.running = None

    def _work(self, running: Running) -> tuple[folders.Found, list[Path]]:
        def progress(step: str, done: int, total: int | None) -> None:
            if self._stopping.is_set():
                raise _Stopped
            running.step, running.done, running.total = step, done, total

        made = make(self._settings, self.folder, progress)
        return made, folders.prune(self.folder, self._settings.backup_keep)

    def _note(self, error: Exception, now: float) -> None:
        self.failed += 1
        self.last_error = Failure(now, str(error) or type(error).__name__)
        self._retry_at = now + RETRY_SECONDS
        argus.increment("backup.failed")
        log.error("the backup failed: %s", self.last_error.message)
