"""The log-linear sketch of a timing's values: which bin a value counts in, quantiles, merging.

A bin's index is the top 18 bits of the IEEE-754 double (exponent and 6 bits of mantissa), so each power of two holds
64 linear bins and a bin's midpoint is within 1/128 of every value in it. Values from 2^-64 up to 2^64 seconds have a
bin of their own; smaller and larger ones count in the first and the last. Zero counts in the zero bucket, which no
bin list contains. After HdrHistogram and Tony Finch's hg64 (2022); the same arithmetic as ``libargus/src/sketch.h``.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable

from argus.aggregate.summary import Bins

INDEX_SHIFT = 46
LOWEST_INDEX = (1023 - 64) * 64
HIGHEST_INDEX = (1023 + 64) * 64 - 1

_DOUBLE = struct.Struct("<d")
_BITS = struct.Struct("<Q")


def index_of(value: float) -> int:
    """Return the index of the bin a positive finite value counts in."""
    bits: int = _BITS.unpack(_DOUBLE.pack(value))[0]
    return min(max(bits >> INDEX_SHIFT, LOWEST_INDEX), HIGHEST_INDEX)


def lower_bound(index: int) -> float:
    """Return the smallest value of a bin; the next bin's is where it ends."""
    bound: float = _DOUBLE.unpack(_BITS.pack(index << INDEX_SHIFT))[0]
    return bound


def midpoint(index: int) -> float:
    """Return the value a bin stands for."""
    return 0.5 * (lower_bound(index) + lower_bound(index + 1))


def merge(*sketches: Iterable[tuple[int, int]]) -> Bins:
    """Return the sketch of all values of the given ones: counts add, bin by bin."""
    total: dict[int, int] = {}
    for bins in sketches:
        for index, count in bins:
            total[index] = total.get(index, 0) + count
    return sorted(total.items())


def quantile(bins: Bins, zeros: int, q: float, low: float, high: float) -> float:
    """Return the nearest-rank quantile ``q`` (0 to 1) of ``zeros`` zeros and the bins' values.

    The answer is a bin's midpoint clamped to ``[low, high]``: at most 1/128 off. NaN where there is nothing.
    """
    total = zeros + sum(count for _, count in bins)
    if total == 0:
        return math.nan
    rank = min(total, max(1, math.ceil(q * total)))
    answer, seen = 0.0, zeros
    for index, count in bins:
        if seen >= rank:
            break
        seen += count
        answer = midpoint(index)
    return min(high, max(low, answer))
