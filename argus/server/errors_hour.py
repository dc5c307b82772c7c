"""How many ERROR lines each application logged within the last hour, counted by the minute as they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from argus.server.stores.base import LogBatch

MINUTES = 60


class ErrorCounts:
    """Belongs to the event loop. Counts by the time of storing, and begins at zero when the server starts."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._by_minute: dict[int, Counter[str]] = {}

    def add(self, batches: Sequence[LogBatch]) -> None:
        """Count the ERROR lines of stored batches."""
        minute = int(self._clock() // 60)
        for batch in batches:
            errors = sum(line.level == "ERROR" for line in batch.lines)
            if errors:
                self._by_minute.setdefault(minute, Counter())[batch.app] += errors
        for old in [known for known in self._by_minute if known <= minute - MINUTES]:
            del self._by_minute[old]

    def last_hour(self, app: str) -> int:
        """Return the number of the last sixty minutes."""
        first = int(self._clock() // 60) - MINUTES
        return sum(counts[app] for minute, counts in self._by_minute.items() if minute > first)
