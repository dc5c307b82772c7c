"""What commits have changed: which names of which applications, from when on, and who logged.

Small enough to be told to other servers, and all that the hub needs to know which questions to ask again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from argus.server.stores.base import LogBatch, MetricBatch

Place = tuple[str | None, str | None]
"""An application and a name; ``None`` is any."""


class Changes:
    """Adds up; the earliest moment of a place counts. Belongs to the event loop."""

    def __init__(self) -> None:
        self.points: dict[Place, float] = {}
        self.logged: set[str | None] = set()

    def __bool__(self) -> bool:
        return bool(self.points or self.logged)

    def add_metrics(self, batches: Iterable[MetricBatch]) -> None:
        """Note what stored batches changed."""
        for batch in batches:
            for section in batch.sections:
                start = batch.start if section.times is None else float(section.times.min(initial=batch.start))
                for name in section.keys.names:
                    self.add_points((batch.app, name), start)

    def add_points(self, place: Place, since: float) -> None:
        """Note that points at and after a moment changed."""
        self.points[place] = min(since, self.points.get(place, math.inf))

    def add_logs(self, batches: Iterable[LogBatch]) -> None:
        """Note who logged."""
        self.logged.update(batch.app for batch in batches)

    def add_everything(self) -> None:
        """Note that nobody knows what changed."""
        self.add_points((None, None), -math.inf)
        self.logged.add(None)

    def merge(self, others: Changes) -> None:
        """Note what others noted."""
        for place, since in others.points.items():
            self.add_points(place, since)
        self.logged |= others.logged

    def since(self, app: str, names: Sequence[str]) -> float:
        """Return from when on the points of some names changed; infinity where they did not."""
        places: list[Place] = [(None, None), (app, None), *((app, name) for name in names)]
        return min(self.points.get(place, math.inf) for place in places)

    def has_logs(self, app: str | None) -> bool:
        """Return whether an application logged, ``None``: any of them."""
        return bool(self.logged) if app is None else app in self.logged or None in self.logged
