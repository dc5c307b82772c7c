"""The numpy backend: vectorised sums, where there is no compiler but numpy is installed."""

from __future__ import annotations

import numpy as np

from argus.aggregate.fallback import ListAggregator, Sums
from argus.aggregate.sketch import HIGHEST_INDEX, INDEX_SHIFT, LOWEST_INDEX


class NumpyAggregator(ListAggregator):
    """See :class:`argus.aggregate.base.Aggregator`."""

    @staticmethod
    def add_up(values: list[float], timing: bool, /) -> Sums:
        array = np.array(values, dtype=np.float64)
        bins: list[tuple[int, int]] = []
        if timing:
            positive = array[array > 0.0]
            indexes = np.clip(positive.view(np.uint64) >> INDEX_SHIFT, LOWEST_INDEX, HIGHEST_INDEX)
            found, counts = np.unique(indexes, return_counts=True)
            bins = list(zip(found.tolist(), counts.tolist(), strict=True))
        return Sums(float(np.sum(array)), float(np.min(array)), float(np.max(array)), bins)
