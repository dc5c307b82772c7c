"""The last backend: the standard library alone, for an interpreter for which nothing of ours is built.

``argus run`` meets those: its own Python may be a 3.11 with the extension, the program's a 3.13 without numpy.
"""

from __future__ import annotations

from array import array
from collections import Counter

from argus.aggregate.fallback import ListAggregator, Sums
from argus.aggregate.sketch import HIGHEST_INDEX, INDEX_SHIFT, LOWEST_INDEX


class PythonAggregator(ListAggregator):
    """See :class:`argus.aggregate.base.Aggregator`."""

    @staticmethod
    def add_up(values: list[float], timing: bool, /) -> Sums:
        bins: Counter[int] = Counter()
        if timing:
            positive = array("d", [value for value in values if value > 0.0])
            for index, count in Counter(
                bits >> INDEX_SHIFT for bits in memoryview(positive).cast("B").cast("Q")
            ).items():
                bins[min(max(index, LOWEST_INDEX), HIGHEST_INDEX)] += count
        return Sums(sum(values), min(values), max(values), bins.items())
