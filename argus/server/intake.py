"""What came in: counted since the start, and per second over the last minute."""

from __future__ import annotations

import time
from collections.abc import Callable

from argus.server.last_minute import MINUTE, LastMinute
from argus.server.stores.base import Appended


class Flow:
    """Rows of one kind. Belongs to the event loop."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.stored = 0
        self.rejected = 0
        """Rows that were left out of a batch for what they are."""
        self.duplicates = 0
        """Batches that were sent again and not stored again."""
        self._clock = clock
        self._began = clock()
        self._recent = LastMinute()

    def note(self, rows: int, result: Appended, rejected: int) -> None:
        """Count a batch that was acknowledged."""
        self.rejected += rejected
        if result is Appended.DUPLICATE:
            self.duplicates += 1
            return
        self.stored += rows
        self._recent.add(rows, self._clock())

    def per_second(self) -> float:
        """Return how many rows a second were stored within the last minute, or since the start where that is less."""
        now = self._clock()
        return self._recent.sum(now) / min(MINUTE, max(1.0, now - self._began))


class Intake:
    """Both kinds of rows."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.summaries = Flow(clock)
        self.log_lines = Flow(clock)
