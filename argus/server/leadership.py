"""Which of the servers that share a store runs the scheduled jobs: one of them, until it falls silent.

Whatever is registered in the scheduler of ``maintenance.py`` runs on the leader alone, for :class:`LeaderOnly` is its
default executor. Every server keeps the same timetable, so a new leader goes on with the next job that is due. A job
that runs when the leader loses the lead runs to its end beside the new one's: it has to bear that.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from apscheduler.executors.asyncio import AsyncIOExecutor

log = logging.getLogger("argus.server.leadership")


class Leadership:
    """Belongs to the event loop. A server whose stores are its own always leads."""

    def __init__(self, *, alone: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: float | None = float("inf") if alone else None

    @property
    def leading(self) -> bool:
        """Whether this server runs the scheduled jobs now."""
        return self._until is not None and self._clock() < self._until

    def leads(self, until: float | None) -> None:
        """Take the lead until a moment of the clock, or leave it."""
        before, self._until = self._until, until
        if before is None and until is not None:
            log.info("this server leads: it runs the scheduled jobs")
        if before is not None and until is None:
            log.info("this server does not lead any more")


class LeaderOnly(AsyncIOExecutor):  # type: ignore[misc]  # APScheduler is not typed
    """Runs jobs where this server leads; elsewhere their time passes."""

    def __init__(self, leadership: Leadership) -> None:
        super().__init__()
        self._leadership = leadership

    def submit_job(self, job: Any, run_times: Any) -> None:
        """Run a job that is due, or leave it to the leader."""
        if self._leadership.leading:
            super().submit_job(job, run_times)
