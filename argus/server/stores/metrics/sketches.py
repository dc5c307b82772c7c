"""Sketches of many rows at once: merging and quantiles, vectorised. Equal to ``argus.aggregate.sketch``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from argus.aggregate.sketch import INDEX_SHIFT

U32 = NDArray[np.uint32]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DENSE = 8
"""Cells per bin up to which a table of counts is quicker than sorting: a chart's latencies span only a few octaves."""

_LARGEST = np.uint64(2**32 - 1)


def absolute(lengths: U32, flat: U32) -> tuple[U32, U32]:
    """Return every bin's index and count; indexes come as differences within a row."""
    sizes = lengths.astype(np.int64)
    indexes = np.cumsum(flat[0::2], dtype=np.uint32)  # of all rows: it overflows, and so does what is taken off again
    present = sizes > 0
    starts = (np.cumsum(sizes) - sizes)[present]
    indexes -= np.repeat(indexes[starts] - flat[2 * starts], sizes[present])
    return indexes, flat[1::2]


def merge_groups(lengths: U32, flat: U32, starts: Ints) -> tuple[U32, U32]:
    """Return the sketches of groups of consecutive rows; group ``i`` begins at row ``starts[i]``."""
    if not len(flat):
        return np.zeros(len(starts), np.uint32), flat
    sizes = np.diff(np.append(starts, len(lengths)))
    group_of_row = np.repeat(np.arange(len(starts)), sizes)
    groups, indexes, counts = merge(np.repeat(group_of_row, lengths), *absolute(lengths, flat))
    merged = np.bincount(groups, minlength=len(starts)).astype(np.uint32)
    differences = np.diff(indexes, prepend=0)
    first = np.flatnonzero(np.diff(groups, prepend=-1))
    differences[first] = indexes[first]
    pairs = np.empty(2 * len(groups), np.uint32)
    pairs[0::2] = differences
    pairs[1::2] = np.minimum(counts.astype(np.uint64), _LARGEST)
    return merged, pairs


def merge(groups: Ints, indexes: Ints | U32, counts: Ints | U32) -> tuple[Ints, Ints, Ints]:
    """Add up the counts of equal (group, index); the answer is ordered by group, then index."""
    low, high = (int(indexes.min()), int(indexes.max()) + 1) if len(indexes) else (0, 0)
    cells = (int(groups.max()) + 1) * (high - low) if len(indexes) else 0
    if cells <= DENSE * len(indexes):
        totals = np.bincount(groups * (high - low) + (indexes - low), weights=counts, minlength=cells)
        present = np.flatnonzero(totals)
        return present // (high - low), present % (high - low) + low, totals[present].astype(np.int64)
    code = (groups << 20) | indexes.astype(np.int64)
    unique, inverse = np.unique(code, return_inverse=True)
    totals = np.bincount(inverse, weights=counts, minlength=len(unique)).astype(np.int64)
    return unique >> 20, unique & 0xFFFFF, totals


def merged_quantiles(
    groups: Ints, sketches: tuple[U32, U32], total: Ints, q: float, bounds: tuple[Floats, Floats]
) -> Floats:
    """Return the nearest-rank quantile of groups of rows, as :func:`quantiles` does.

    ``groups`` says which one each row is of, ``sketches`` are the rows' lengths and pairs.
    """
    lengths, flat = sketches
    found = choose_bins(groups, lengths, flat, total, _ranks(q, total), DENSE)
    if found is None:
        indexes, counts = absolute(lengths, flat)
        return quantiles(merge(np.repeat(groups, lengths), indexes, counts), total, q, bounds)
    chosen = np.frombuffer(found, np.int64)
    return _answers(chosen, chosen > 0, total, bounds)


def chosen_bins(  # noqa: PLR0917  # as the extension has them
    groups: Ints, lengths: U32, flat: U32, total: Ints, rank: Ints, dense: int
) -> bytes | None:
    """Return the bin in which each group's count reaches its rank, 0 where values of zero do, as 64 bits each.

    ``None`` where the bins lie too far apart for a table of at most ``dense`` cells each. The twin of the extension's
    ``choose_bins``.
    """
    indexes, counts = absolute(lengths, flat)
    low, high = (int(indexes.min()), int(indexes.max()) + 1) if len(indexes) else (0, 0)
    width = high - low
    if len(total) * width > dense * len(indexes) or not width:
        return None
    cells = np.repeat(groups * width - low, lengths)
    cells += indexes
    running = np.bincount(cells, weights=counts, minlength=len(total) * width).reshape(len(total), width)
    np.cumsum(running, axis=1, out=running)
    zeros = total - running[:, -1].astype(np.int64)
    chosen = (running < (rank - zeros)[:, None]).sum(axis=1)
    return np.where(rank > zeros, np.minimum(chosen, width - 1) + low, 0).astype(np.int64).tobytes()


try:
    from argus.wire._columns import choose_bins
except ImportError:  # built without a C++ compiler
    choose_bins = chosen_bins


def quantiles(
    merged: tuple[Ints, Ints | U32, Ints | U32], total: Ints, q: float, bounds: tuple[Floats, Floats]
) -> Floats:
    """Return the nearest-rank quantile of every group; NaN for one without values.

    ``merged`` is what :func:`merge` returns; ``total[g]`` is the group's count with its
    zero bucket; ``bounds`` are its least and greatest values.
    """
    groups, indexes, counts = merged
    in_bins = np.bincount(groups, weights=counts, minlength=len(total)).astype(np.int64)
    zeros = total - in_bins
    rank = _ranks(q, total)
    chosen = np.zeros(len(total), np.int64)
    if len(groups):
        running = np.cumsum(counts, dtype=np.int64)
        first = np.searchsorted(groups, np.arange(len(total)), side="left")
        before = np.concatenate([[0], running])[first]
        # The first bin at which the group's running count reaches the rank.
        place = np.searchsorted(running, before + rank - zeros, side="left")
        place = np.minimum(place, len(groups) - 1)
        chosen = indexes[place].astype(np.int64)
    return _answers(chosen, rank > zeros if len(groups) else np.zeros(len(total), bool), total, bounds)


def _ranks(q: float, total: Ints) -> Ints:
    ranks: Ints = np.clip(np.ceil(q * total), 1, np.maximum(total, 1)).astype(np.int64)
    return ranks


def _answers(chosen: Ints, in_bins: NDArray[np.bool_], total: Ints, bounds: tuple[Floats, Floats]) -> Floats:
    """Return the middles of the chosen bins; zero where it is none of them that has the rank."""
    indexes = chosen.astype(np.uint64)
    middle = 0.5 * (_lower_bound(indexes) + _lower_bound(indexes + np.uint64(1)))
    answers: Floats = np.minimum(bounds[1], np.maximum(bounds[0], np.where(in_bins, middle, 0.0)))
    answers[total == 0] = np.nan
    return answers


def _lower_bound(indexes: NDArray[np.uint64]) -> Floats:
    return (indexes << np.uint64(INDEX_SHIFT)).view(np.float64)
