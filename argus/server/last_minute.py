"""How much there was within the last minute, by the second, however often it came. Belongs to the event loop."""

from __future__ import annotations

from collections import deque

MINUTE = 60.0


class LastMinute:
    """A sum that forgets. ``now`` is in seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self._seconds: deque[tuple[int, int]] = deque()
        """Second and number."""
        self._sum = 0

    def add(self, number: int, now: float) -> None:
        """Count some more."""
        second = int(now)
        already = self._seconds.pop()[1] if self._seconds and self._seconds[-1][0] == second else 0
        self._seconds.append((second, already + number))
        self._sum += number
        self.sum(now)

    def sum(self, now: float) -> int:
        """Return how much there was."""
        while self._seconds and self._seconds[0][0] <= now - MINUTE:
            self._sum -= self._seconds.popleft()[1]
        return self._sum
