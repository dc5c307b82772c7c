"""Sketches of many rows as bytes, and back: each number in groups of seven bits, the lowest first.

A row's numbers are its pairs; or, where that is shorter, the first bin's index, a zero, and the counts of all bins up
to the last one, empty ones too. No pair has a count of zero, so the zero tells. Most rollups are shorter so: their
bins lie side by side.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argus.server.stores.metrics import sketches

U32 = NDArray[np.uint32]
Ints = NDArray[np.int64]

log = logging.getLogger("argus.server.store")

MORE = 0x80
"""The bit of a byte that says that more of its number follows."""

_MOST = 5
"""Groups of seven bits that hold 32 bits."""

_HEAD = 2
"""Numbers before the counts: the first index, and the zero."""


def pack(lengths: U32, flat: U32) -> list[bytes]:
    """Return one text of bytes per row; it never ends with a zero byte, for the last number is a count."""
    return pack_sketches(lengths, flat)


def packed(lengths: U32, flat: U32) -> list[bytes]:
    """Return the same: the twin of the extension's ``pack_sketches``."""
    if not len(flat):
        return [b""] * len(lengths)
    sizes, values = _shortened(lengths, flat)
    used = 1 + sum((values >= 1 << bits).astype(np.int64) for bits in range(7, 7 * _MOST, 7))
    numbers = np.concatenate([[0], np.cumsum(used)])
    data = np.empty(numbers[-1], np.uint8)
    place, rest = numbers[:-1], values
    while len(place):  # most numbers are one byte, so few are left after the first round
        longer = rest >= MORE
        data[place] = rest & 0x7F | np.where(longer, MORE, 0)
        place, rest = place[longer] + 1, rest[longer] >> 7
    body = data.tobytes()
    ends = numbers[np.concatenate([[0], np.cumsum(sizes)])].tolist()
    return [body[begin:end] for begin, end in itertools.pairwise(ends)]


def _shortened(lengths: U32, flat: U32) -> tuple[Ints, Ints]:
    """Return how many numbers each row takes in its shorter form, and all numbers."""
    bins = lengths.astype(np.int64)
    indexes, counts = (column.astype(np.int64) for column in sketches.absolute(lengths, flat))
    row = np.repeat(np.arange(len(bins)), bins)
    ends = np.cumsum(bins)
    first = indexes[np.minimum(ends - bins, len(indexes) - 1)]
    span = np.where(bins > 0, indexes[ends - 1] - first + 1, 0)
    dense = _HEAD + span < 2 * bins
    sizes = np.where(dense, _HEAD + span, 2 * bins)
    begins = np.cumsum(sizes) - sizes
    values = np.zeros(int(sizes.sum()), np.int64)
    values[begins[dense]] = first[dense]
    in_dense = dense[row]
    values[(begins[row] + _HEAD + indexes - first[row])[in_dense]] = counts[in_dense]
    pairs = (begins[row] + 2 * (np.arange(len(row)) - (ends - bins)[row]))[~in_dense]
    values[pairs], values[pairs + 1] = flat[0::2][~in_dense], counts[~in_dense]
    return sizes, values


def unpack(rows: Sequence[bytes]) -> tuple[U32, U32]:
    """Return the rows' sketches as lengths and pairs. Raises ``ValueError`` for bytes that are none."""
    return unpack_joined(np.frombuffer(b"".join(rows), np.uint8), np.cumsum([len(row) for row in rows]))


def unpack_joined(data: NDArray[np.uint8], row_ends: Ints) -> tuple[U32, U32]:
    """Return the sketches of rows whose bytes are in one array, by where each row ends."""
    found = unpack_sketches(data, row_ends.astype(np.int64))
    if found is None:
        raise ValueError("a stored sketch is damaged")
    lengths, flat = (np.frombuffer(column, np.uint32) for column in found)
    return lengths, flat


def unpacked(data: NDArray[np.uint8], row_ends: Ints) -> tuple[U32, U32]:
    """Return the same: the twin of the extension's ``unpack_sketches``, but for what it does with damage."""
    if not len(data):
        return np.zeros(len(row_ends), np.uint32), np.empty(0, np.uint32)
    more = data >= MORE
    ends = np.flatnonzero(~more)
    sizes = np.diff(np.searchsorted(ends, row_ends), prepend=0)
    filled = row_ends[np.diff(row_ends, prepend=0) > 0]
    if (data[filled - 1] >= MORE).any():
        raise ValueError("a stored sketch is damaged")
    values = data[ends].astype(np.int64)
    place = np.flatnonzero(np.concatenate([[False], more[:-1]])[ends])
    before = ends[place] - 1
    for _ in range(_MOST):  # most numbers are one byte, so few are left from the first round on
        if not len(place):
            return _pairs(sizes, values)
        values[place] = values[place] << 7 | (data[before] & 0x7F)
        before -= 1
        longer = (before >= 0) & (data[before] >= MORE)
        place, before = place[longer], before[longer]
    raise ValueError("a stored sketch is damaged")


def _pairs(sizes: Ints, values: Ints) -> tuple[U32, U32]:
    """Return rows of numbers in either form as lengths and pairs."""
    begins = np.cumsum(sizes) - sizes
    dense = sizes > _HEAD
    dense[dense] = values[begins[dense] + 1] == 0
    if (sizes[~dense] % 2).any():
        raise ValueError("a stored sketch is damaged")
    counts = values > 0
    counts[begins[dense]] = False
    sparse = np.flatnonzero(np.repeat(~dense, sizes)) if not dense.all() else np.empty(0, np.int64)
    counts[sparse[0::2]], counts[sparse[1::2]] = False, True
    bins = np.flatnonzero(counts)
    ends = np.searchsorted(bins, begins + sizes)
    lengths = np.diff(ends, prepend=0)
    differences = np.diff(bins, prepend=0)
    filled = dense & (lengths > 0)
    firsts = (ends - lengths)[filled]
    differences[firsts] = values[begins[filled]] + bins[firsts] - begins[filled] - _HEAD
    pairs = np.empty(2 * len(bins), np.uint32)
    pairs[0::2], pairs[1::2] = differences, values[bins]
    pairs[2 * np.searchsorted(bins, sparse[1::2])] = values[sparse[0::2]]
    return lengths.astype(np.uint32), pairs


try:
    from argus.wire._columns import pack_sketches, unpack_sketches
except ImportError:  # built without a C++ compiler
    pack_sketches = packed

    def unpack_sketches(data: NDArray[np.uint8], row_ends: Ints) -> tuple[Any, Any] | None:
        """Return lengths and pairs; ``None``: something in them is damaged."""
        try:
            return unpacked(data, row_ends)
        except ValueError:
            return None


def unpack_whole(rows: Sequence[bytes]) -> tuple[Ints, U32, U32]:
    """Return the rows whose bytes are sketches, and these; others are said and left out."""
    return unpack_whole_joined(np.frombuffer(b"".join(rows), np.uint8), np.cumsum([len(row) for row in rows]))


def unpack_whole_joined(data: NDArray[np.uint8], row_ends: Ints) -> tuple[Ints, U32, U32]:
    """Return the same of rows whose bytes are in one array, by where each row ends."""
    try:
        return np.arange(len(row_ends)), *unpack_joined(data, row_ends)
    except ValueError:
        rows = [piece.tobytes() for piece in np.split(data, row_ends[:-1])]
        whole = [place for place, row in enumerate(rows) if _is_whole(row)]
        log.error("%d of %d stored sketches are damaged; the rest answers", len(rows) - len(whole), len(rows))  # noqa: TRY400  # whole
        return np.array(whole, np.int64), *unpack([rows[place] for place in whole])


def _is_whole(row: bytes) -> bool:
    try:
        unpack([row])
    except ValueError:
        return False
    return True
