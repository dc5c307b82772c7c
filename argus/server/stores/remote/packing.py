"""Sketches of many rows as bytes, and back: each number of a row's pairs in groups of seven bits, the lowest first."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

U32 = NDArray[np.uint32]

_MOST = 5
"""Groups of seven bits that hold 32 bits."""


def pack(lengths: U32, flat: U32) -> list[bytes]:
    """Return one text of bytes per row; it never ends with a zero byte, for the last number is a count."""
    if not len(flat):
        return [b""] * len(lengths)
    groups = (flat.astype(np.uint64)[:, None] >> np.arange(0, 7 * _MOST, 7, dtype=np.uint64)) & np.uint64(0x7F)
    used = np.maximum(1, (groups != 0).cumsum(axis=1).argmax(axis=1) + 1)
    place = np.arange(_MOST)
    groups[place < used[:, None] - 1] |= np.uint64(0x80)
    body = groups[place < used[:, None]].astype(np.uint8).tobytes()
    numbers = np.concatenate([[0], np.cumsum(used)])
    ends = numbers[2 * np.concatenate([[0], np.cumsum(lengths.astype(np.int64))])].tolist()
    return [body[begin:end] for begin, end in itertools.pairwise(ends)]


def unpack(rows: Sequence[bytes]) -> tuple[U32, U32]:
    """Return the rows' sketches as lengths and pairs. Raises ``ValueError`` for bytes that are none."""
    data = np.frombuffer(b"".join(rows), np.uint8)
    if not len(data):
        return np.zeros(len(rows), np.uint32), np.empty(0, np.uint32)
    last = data < 0x80  # noqa: PLR2004  # the top bit says that more follows
    starts = np.concatenate([[0], np.flatnonzero(last) + 1])[:-1]
    position = np.arange(len(data)) - np.repeat(starts, np.diff(np.append(starts, len(data))))
    if not last[-1] or position.max() >= _MOST:
        raise ValueError("a stored sketch is damaged")
    values = np.add.reduceat((data & 0x7F).astype(np.uint64) << (7 * position).astype(np.uint64), starts)
    ends = np.cumsum([len(row) for row in rows])
    counted = np.concatenate([[0], np.cumsum(last)])[ends]
    numbers = np.diff(counted, prepend=0)
    if (numbers % 2).any():
        raise ValueError("a stored sketch is damaged")
    return (numbers // 2).astype(np.uint32), values.astype(np.uint32)
