"""How a timing's values spread over time, from merged sketches: what a heat map draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from argus.aggregate.sketch import INDEX_SHIFT
from argus.server.stores.base import Distribution, RangeQuery
from argus.server.stores.metrics import sketches
from argus.server.stores.metrics.select import Grid, Selected

MOST_ROWS = 48
"""More rows than these no chart can show; neighbouring bins are joined by powers of two until they fit."""


def reading(query: RangeQuery) -> RangeQuery:
    """Return the range query that reads what a distribution needs: a percentile's sketches, of all series together."""
    return replace(query, agg="p50", group_by=())


def distribution(grid: Grid, tier: str, parts: Sequence[Selected]) -> Distribution:
    """Merge the rows' sketches bucket by bucket."""
    if not any(len(part.time) for part in parts):
        return Distribution(tier, np.empty(0), np.empty(0), np.empty((0, 0), np.int64))
    place = np.concatenate([(part.time - grid.start) // grid.step for part in parts])
    lengths = np.concatenate([part.lengths for part in parts])
    bins = [sketches.absolute(part.lengths, part.flat) for part in parts]
    indexes, counts = (np.concatenate(column) for column in zip(*bins, strict=True))
    groups, indexes, counts = sketches.merge(np.repeat(place, lengths), indexes, counts)
    total = np.bincount(place, np.concatenate([part.columns["count"] for part in parts]), grid.size)
    zeros = (total - np.bincount(groups, counts, grid.size)).astype(np.int64)
    joined = _joined(indexes)
    first = int(indexes.min()) // joined if len(indexes) else 0
    rows = int(indexes.max()) // joined - first + 1 if len(indexes) else 0
    cells = np.bincount(groups * rows + indexes // joined - first, counts, grid.size * rows)
    table = cells.astype(np.int64).reshape(grid.size, rows)
    bounds = _lower_bounds((first + np.arange(rows + 1)) * joined) if rows else np.zeros(1)
    if zeros.any():
        table = np.column_stack([zeros, table])
        bounds = np.concatenate([[0.0], bounds])
    return Distribution(tier, grid.times(), bounds, table)


def _joined(indexes: NDArray[np.int64]) -> int:
    """Return how many neighbouring bins make a row."""
    joined = 1
    while len(indexes) and int(indexes.max()) // joined - int(indexes.min()) // joined >= MOST_ROWS:
        joined *= 2
    return joined


def _lower_bounds(indexes: NDArray[np.int64]) -> NDArray[np.float64]:
    return (indexes.astype(np.uint64) << np.uint64(INDEX_SHIFT)).view(np.float64)
