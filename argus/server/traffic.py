"""How much each application sends: what its limits are held against, and what its page shows.

A limit is an average: who was quiet may send a minute's worth at once, as a program does whose server was away. What
was sent beyond that is paid for by waiting. Belongs to the event loop; each of several servers counts for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import argus
from argus.server.last_minute import MINUTE, LastMinute

BURST_SECONDS = 60.0
LONGEST_WAIT = 300.0
"""One body that is worth hours of a small limit does not silence its sender for hours."""


class Meter:
    """One kind of thing that an application sends."""

    def __init__(self) -> None:
        self.total = 0
        self._paid_until = 0.0
        self._recent = LastMinute()

    def wait(self, now: float) -> float:
        """Return the seconds until more may be sent."""
        return max(0.0, self._paid_until - now - BURST_SECONDS)

    def add(self, number: int, rate: float, now: float) -> None:
        """Count what was sent, at a limit of ``rate`` per second."""
        self.total += number
        self._paid_until = min(max(self._paid_until, now) + number / rate, now + BURST_SECONDS + LONGEST_WAIT)
        self._recent.add(number, now)

    def per_second(self, now: float) -> float:
        """Return the average of the last minute."""
        return self._recent.sum(now) / MINUTE


@dataclass
class Sent:
    """What one application sent since the server started."""

    rows: Meter = field(default_factory=Meter)
    lines: Meter = field(default_factory=Meter)
    rejected: int = 0
    """Rows and lines that were left out of good bodies."""
    refused: int = 0
    """Requests that were answered with 429."""


class Traffic:
    """Knows what every application sent."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._apps: dict[str, Sent] = {}

    def of(self, app_id: str) -> Sent:
        """Return what an application sent."""
        return self._apps.setdefault(app_id, Sent())

    def reject(self, app_id: str, number: int) -> None:
        """Count rows or lines that were left out."""
        if number:
            self.of(app_id).rejected += number
            argus.increment("ingest.rejected", number, {"app": app_id})

    def refuse(self, app_id: str) -> None:
        """Count a request that came too soon."""
        self.of(app_id).refused += 1
        argus.increment("ingest.too_many", 1, {"app": app_id})

    def forget(self, app_id: str) -> None:
        """Forget a deleted application."""
        self._apps.pop(app_id, None)
