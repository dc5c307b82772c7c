"""What commits have changed: which names of which applications, from when on, and who logged.

Small enough to be told to other servers, and all that the hub needs to know which questions to ask again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from argus.server.stores.base import LogBatch, MetricBatch

Names = frozenset[str] | None
"""Names that one section had, as they are kept with its keys; ``None`` is any."""


class Changes:
    """Adds up; of the same names the earliest moment counts. Belongs to the event loop."""

    def __init__(self) -> None:
        self.points: dict[str | None, dict[Names, float]] = {}
        """Application (``None``: any) → names → from when on."""
        self.logged: set[str | None] = set()

    def __bool__(self) -> bool:
        return bool(self.points or self.logged)

    def add_metrics(self, batches: Iterable[MetricBatch]) -> None:
        """Note what stored batches changed."""
        for batch in batches:
            for section in batch.sections:
                start = batch.start if section.times is None else float(section.times.min(initial=batch.start))
                self.add_points(batch.app, section.keys.names, start)

    def add_points(self, app: str | None, names: Names, since: float) -> None:
        """Note that points at and after a moment changed."""
        known = self.points.setdefault(app, {})
        known[names] = min(since, known.get(names, math.inf))

    def add_logs(self, batches: Iterable[LogBatch]) -> None:
        """Note who logged."""
        self.logged.update(batch.app for batch in batches)

    def add_everything(self) -> None:
        """Note that nobody knows what changed."""
        self.add_points(None, None, -math.inf)
        self.logged.add(None)

    def merge(self, others: Changes) -> None:
        """Note what others noted."""
        for app, known in others.points.items():
            for names, since in known.items():
                self.add_points(app, names, since)
        self.logged |= others.logged

    def since(self, app: str, names: Sequence[str]) -> float:
        """Return from when on the points of some names changed; infinity where they did not."""
        return min(
            (
                since
                for scope in (None, app)
                for changed, since in self.points.get(scope, {}).items()
                if changed is None or not changed.isdisjoint(names)
            ),
            default=math.inf,
        )

    def has_logs(self, app: str | None) -> bool:
        """Return whether an application logged, ``None``: any of them."""
        return bool(self.logged) if app is None else app in self.logged or None in self.logged
