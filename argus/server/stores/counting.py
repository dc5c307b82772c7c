"""The frame of a histogram of log lines, the same in every record store."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from argus.errors import QueryError
from argus.server.stores.base import LEVELS, LogHistogram, LogQuery

MOST_BUCKETS = 1_000


def buckets(query: LogQuery, step: float) -> NDArray[np.int64]:
    """Return zeros, a row per level and a column per bucket. Raises :class:`QueryError` naming the parameter."""
    if query.start is None or query.end is None or not query.start < query.end:
        raise QueryError(f"give a start before the end, got {query.start} to {query.end}", "start")
    if not step > 0:
        raise QueryError(f"step must be above 0, got {step:g}", "step")
    size = math.ceil((query.end - query.start) / step)
    if size > MOST_BUCKETS:
        raise QueryError(f"{size} buckets; at most {MOST_BUCKETS} can be asked for: use a larger step", "step")
    return np.zeros((len(LEVELS), size), np.int64)


def histogram(query: LogQuery, step: float, counts: NDArray[np.int64], *, complete: bool) -> LogHistogram:
    """Return the counted lines."""
    assert query.start is not None  # buckets() has looked
    by_level = {level: counts[i].tolist() for i, level in enumerate(LEVELS)}
    return LogHistogram(query.start, step, by_level, complete)
