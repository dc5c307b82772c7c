"""Sketches of many rows as bytes, and back: each number of a row's pairs in groups of seven bits, the lowest first."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

U32 = NDArray[np.uint32]
Ints = NDArray[np.int64]

log = logging.getLogger("argus.server.store")

MORE = 0x80
"""The bit of a byte that says that more of its number follows."""

_MOST = 5
"""Groups of seven bits that hold 32 bits."""


def pack(lengths: U32, flat: U32) -> list[bytes]:
    """Return one text of bytes per row; it never ends with a zero byte, for the last number is a count."""
    if not len(flat):
        return [b""] * len(lengths)
    used = 1 + sum((flat >= 1 << bits).astype(np.int64) for bits in range(7, 7 * _MOST, 7))
    numbers = np.concatenate([[0], np.cumsum(used)])
    data = np.empty(numbers[-1], np.uint8)
    place, rest = numbers[:-1], flat.astype(np.int64)
    while len(place):  # most numbers are one byte, so few are left after the first round
        longer = rest >= MORE
        data[place] = rest & 0x7F | np.where(longer, MORE, 0)
        place, rest = place[longer] + 1, rest[longer] >> 7
    body = data.tobytes()
    ends = numbers[2 * np.concatenate([[0], np.cumsum(lengths.astype(np.int64))])].tolist()
    return [body[begin:end] for begin, end in itertools.pairwise(ends)]


def unpack(rows: Sequence[bytes]) -> tuple[U32, U32]:
    """Return the rows' sketches as lengths and pairs. Raises ``ValueError`` for bytes that are none."""
    data = np.frombuffer(b"".join(rows), np.uint8)
    if not len(data):
        return np.zeros(len(rows), np.uint32), np.empty(0, np.uint32)
    row_ends = np.cumsum([len(row) for row in rows])
    ends = np.flatnonzero(data < MORE)
    counted = np.searchsorted(ends, row_ends)
    numbers = np.diff(counted, prepend=0)
    filled = row_ends[np.diff(row_ends, prepend=0) > 0]
    if (data[filled - 1] >= MORE).any() or (numbers % 2).any():
        raise ValueError("a stored sketch is damaged")
    values = data[ends].astype(np.uint64)
    place, before = np.arange(len(ends)), ends - 1
    for _ in range(_MOST):  # most numbers are one byte, so few are left after the first round
        longer = (before >= 0) & (data[before] >= MORE)
        place, before = place[longer], before[longer]
        if not len(place):
            return (numbers // 2).astype(np.uint32), values.astype(np.uint32)
        values[place] = values[place] << np.uint64(7) | (data[before] & 0x7F)
        before -= 1
    raise ValueError("a stored sketch is damaged")


def unpack_whole(rows: Sequence[bytes]) -> tuple[Ints, U32, U32]:
    """Return the rows whose bytes are sketches, and these; others are said and left out."""
    try:
        return np.arange(len(rows)), *unpack(rows)
    except ValueError:
        whole = [place for place, row in enumerate(rows) if _is_whole(row)]
        log.error("%d of %d stored sketches are damaged; the rest answers", len(rows) - len(whole), len(rows))  # noqa: TRY400  # whole
        return np.array(whole, np.int64), *unpack([rows[place] for place in whole])


def _is_whole(row: bytes) -> bool:
    try:
        unpack([row])
    except ValueError:
        return False
    return True
