"""Which of the servers that share a store runs the scheduled jobs: one of them, until it falls silent.

Whatever is registered as a job (``jobs.py``) runs on the leader alone, unless it is to run everywhere. Every server
keeps the same timetable, so a new leader goes on with the next job that is due. A job that runs when the leader loses
the lead runs to its end beside the new one's: it has to bear that.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

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
