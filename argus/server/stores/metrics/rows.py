"""Rows of summaries in columns: what moves between the head, the chunks and a query."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

COLUMNS = ("count", "sum", "min", "max", "last")

_HEADER = struct.Struct("<HHQQ")  # format, columns left out, rows, numbers in ``flat``
_FORMAT = 1

_LAST = 6
_LIKE_LAST = (3, 4, 5)
"""Columns that are left out of a head record where they equal ``last``: sum, min and max of what was set once."""


class Rows(NamedTuple):
    """Position ``i`` of every array is one summary; its sketch is ``lengths[i]`` pairs of ``flat`` (``Sketches``)."""

    series: NDArray[np.uint32]
    time: NDArray[np.int64]
    """Start of the window, in milliseconds."""
    count: NDArray[np.int64]  # type: ignore[assignment]  # tuple.count is not missed
    sum: NDArray[np.float64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    last: NDArray[np.float64]
    lengths: NDArray[np.uint32]
    flat: NDArray[np.uint32]

    @property
    def size(self) -> int:
        """How many summaries these are."""
        return len(self.series)

    def take(self, chosen: NDArray[Any]) -> Rows:
        """Return the chosen rows, by index array or mask, each with its sketch."""
        if chosen.dtype == bool:
            chosen = np.flatnonzero(chosen)
        flat = gather(self.flat.reshape(-1, 2), self.lengths, chosen).reshape(-1) if len(self.flat) else self.flat
        columns: list[NDArray[Any]] = [column[chosen] for column in self[:-1]]
        return Rows(*columns, flat)  # type: ignore[call-arg]  # eight columns and the pairs

    def pack(self) -> bytes:
        """Return the rows as the bytes of one head record."""
        same = [place for place in _LIKE_LAST if same_bits(self[place], self.last)]
        header = _HEADER.pack(_FORMAT, sum(1 << place for place in same), self.size, len(self.flat))
        columns: list[NDArray[Any]] = [column for place, column in enumerate(self) if place not in same]  # type: ignore[misc]  # nine arrays
        return b"".join([header, *(column.tobytes() for column in columns)])


def same_bits(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Return whether two columns of doubles are the same to the bit: 0.0 and -0.0 are not."""
    return bool(np.array_equal(a.view(np.uint64), b.view(np.uint64)))


def gather(items: NDArray[Any], lengths: NDArray[Any], chosen: NDArray[Any]) -> NDArray[Any]:
    """Return the items of the chosen rows, where row ``i`` owns ``lengths[i]`` consecutive items."""
    lengths = lengths.astype(np.int64)
    starts = np.cumsum(lengths) - lengths
    picked = lengths[chosen]
    offsets = np.arange(int(picked.sum())) - np.repeat(np.cumsum(picked) - picked, picked)
    result: NDArray[Any] = items[np.repeat(starts[chosen], picked) + offsets]
    return result


_TYPES = ("<u4", "<i8", "<i8", "<f8", "<f8", "<f8", "<f8", "<u4", "<u4")


def unpack(data: bytes) -> Rows:
    """Return the rows of a head record. Raises ``ValueError`` where the bytes are none."""
    if len(data) < _HEADER.size:
        raise ValueError("a head record is cut short")
    version, same, size, flat_size = _HEADER.unpack_from(data)
    if version != _FORMAT:
        raise ValueError(f"a head record has format {version}; this Argus reads {_FORMAT}")
    columns: list[NDArray[Any] | None] = []
    offset = _HEADER.size
    for place, kind in enumerate(_TYPES):
        if same >> place & 1:
            columns.append(None)
            continue
        length = flat_size if place == len(_TYPES) - 1 else size
        column = np.frombuffer(data, kind, length, offset)
        columns.append(column)
        offset += column.nbytes
    return Rows(*(columns[_LAST] if column is None else column for column in columns))  # type: ignore[arg-type]  # last is never left out


def concatenate(parts: Sequence[Rows]) -> Rows:
    """Return all rows of the parts, in their order."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return EMPTY
    return Rows(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


EMPTY = Rows(*(np.empty(0, kind) for kind in _TYPES))
