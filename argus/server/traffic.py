"""How much each application sends: what its limits are held against, and what its page shows.

A limit is an average: who was quiet may send a minute's worth at once, as a program does whose server was away. What
was sent beyond that is paid for by waiting. Several servers tell each other what they took, so a limit holds for all of
them together, but for what came within the last second or two. Belongs to the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import argus
from argus.server.last_minute import MINUTE, LastMinute

BURST_SECONDS = 60.0
LONGEST_WAIT = 300.0
"""One body that is worth hours of a small limit does not silence its sender for hours."""


class Rates(NamedTuple):
    """How much an application may send per second."""

    rows: float
    lines: float


class Meter:
    """One kind of thing that an application sends."""

    def __init__(self) -> None:
        self.total = 0
        """What came to this server."""
        self.untold = 0
        """What of it other servers have not been told."""
        self._paid_until = 0.0
        self._recent = LastMinute()

    def wait(self, now: float) -> float:
        """Return the seconds until more may be sent."""
        return max(0.0, self._paid_until - now - BURST_SECONDS)

    def add(self, number: int, rate: float, now: float) -> None:
        """Count what was sent, at a limit of ``rate`` per second."""
        self.total += number
        self.untold += number
        self.hear(number, rate, now)

    def hear(self, number: int, rate: float, now: float) -> None:
        """Count what was sent here or to another server."""
        self._paid_until = min(max(self._paid_until, now) + number / rate, now + BURST_SECONDS + LONGEST_WAIT)
        self._recent.add(number, now)

    def per_second(self, now: float) -> float:
        """Return the average of the last minute, over all servers."""
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
    """Knows what every application sent. ``rates`` says how much one may send."""

    def __init__(self, clock: Callable[[], float], rates: Callable[[str], Rates]) -> None:
        self.clock = clock
        self.rates = rates
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

    def news(self) -> list[tuple[str, int, int]]:
        """Return the rows of :class:`~argus.server.messages.Sent` to tell, once."""
        told = [(app_id, sent.rows.untold, sent.lines.untold) for app_id, sent in self._apps.items()]
        for sent in self._apps.values():
            sent.rows.untold = sent.lines.untold = 0
        return [row for row in told if any(row[1:])]

    def heard(self, told: Iterable[tuple[str, int, int]]) -> None:
        """Learn what another server took."""
        now = self.clock()
        for app_id, rows, lines in told:
            sent, rates = self.of(app_id), self.rates(app_id)
            sent.rows.hear(rows, rates.rows, now)
            sent.lines.hear(lines, rates.lines, now)

    def forget(self, app_id: str) -> None:
        """Forget a deleted application."""
        self._apps.pop(app_id, None)
