"""What came in: counted since the start, and per second over the last minute."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from argus.server.stores.base import Appended

RATE_SECONDS = 60.0


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
        self._recent: deque[tuple[int, int]] = deque()
        """Rows that were stored, by the second."""

    def note(self, rows: int, result: Appended, rejected: int) -> None:
        """Count a batch that was acknowledged."""
        self.rejected += rejected
        if result is Appended.DUPLICATE:
            self.duplicates += 1
            return
        self.stored += rows
        second = int(self._clock())
        if self._recent and self._recent[-1][0] == second:
            rows += self._recent.pop()[1]
        self._recent.append((second, rows))
        self._forget()

    def _forget(self) -> None:
        oldest = self._clock() - RATE_SECONDS
        while self._recent and self._recent[0][0] < oldest:
            self._recent.popleft()

    def per_second(self) -> float:
        """Return how many rows a second were stored within the last minute, or since the start where that is less."""
        self._forget()
        seconds = min(RATE_SECONDS, max(1.0, self._clock() - self._began))
        return sum(rows for _, rows in self._recent) / seconds


class Intake:
    """Both kinds of rows."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.summaries = Flow(clock)
        self.log_lines = Flow(clock)
