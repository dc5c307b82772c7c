"""What the series of one process did in one window, in columns.

A :class:`Window` is what an aggregator's drain returns, what the spool merges while the server is
away, and what the wire encodes. Columns are plain lists, so that encoding needs no conversion;
position ``i`` of every column of a section describes the series ``keys[i]``.

Merging is addition: counts and sums add, extremes widen, sketches add bin by bin, ``last`` comes
from the later window. So merging is associative, and commutative but for ``last``.
"""

# No "from __future__ import annotations": typing compiles the text, and the first compile() of a program takes 1 ms.
from typing import NamedTuple

Bins = list[tuple[int, int]]
"""A sketch: ``(index, count)`` ascending by index, zero bucket left out (see ``sketch.py``)."""


class Counters(NamedTuple):
    """``sum`` of the increments and how many there were."""

    keys: list[str]
    sum: list[float]
    count: list[int]  # type: ignore[assignment]  # tuple.count is not missed


class Gauges(NamedTuple):
    """The last value set, and the extremes, sum and number of all values set."""

    keys: list[str]
    last: list[float]
    min: list[float]
    max: list[float]
    sum: list[float]
    count: list[int]  # type: ignore[assignment]  # tuple.count is not missed


class Timings(NamedTuple):
    """Durations in seconds; ``count`` less the counts of ``bins`` is the zero bucket."""

    keys: list[str]
    count: list[int]  # type: ignore[assignment]  # tuple.count is not missed
    sum: list[float]
    min: list[float]
    max: list[float]
    bins: list[Bins]


class Window(NamedTuple):
    """All summaries of one aggregator between ``start`` and ``end`` (Unix seconds)."""

    start: float
    end: float
    counters: Counters
    gauges: Gauges
    timings: Timings

    @property
    def size(self) -> int:
        """How many summaries the window holds."""
        return len(self.counters.keys) + len(self.gauges.keys) + len(self.timings.keys)
