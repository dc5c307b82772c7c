"""The head: rows that are not sealed yet, in memory and, as one record per commit, in the ``head`` table.

Commits append blocks; a query merges small blocks into larger ones ordered by series, so that ingestion never pays for
order that nobody asks for.

Thread rule: every method is called under the store's lock.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from argus.server.stores.metrics.rows import EMPTY, Rows, concatenate

GROWTH = 4
"""Blocks merge when the newer one reaches a fourth of the older one's size: each row is merged about log4 times."""

NEVER = 2**62


class Head:
    """The unsealed rows."""

    def __init__(self, parts: Sequence[Rows] = ()) -> None:
        self._fresh: list[Rows] = [part for part in parts if part.size]
        self._ordered: list[Rows] = []
        self.size = sum(part.size for part in self._fresh)
        self.earliest = min((int(part.time.min()) for part in self._fresh), default=NEVER)
        """The least time of a row, in milliseconds."""

    def add(self, rows: Rows) -> None:
        """Take in the rows of a commit."""
        if rows.size:
            self._fresh.append(rows)
            self.size += rows.size
            self.earliest = min(self.earliest, int(rows.time.min()))

    def ordered(self) -> Sequence[Rows]:
        """Return all rows in blocks, each ordered by series; the arrays are never changed afterwards."""
        if self._fresh:
            self._ordered.append(_by_series(concatenate(self._fresh)))
            self._fresh = []
            while len(self._ordered) > 1 and self._ordered[-1].size * GROWTH >= self._ordered[-2].size:
                newer, older = self._ordered.pop(), self._ordered.pop()
                self._ordered.append(_by_series(concatenate([older, newer])))
        return tuple(self._ordered)

    def all(self) -> Rows:
        """Return all rows in one block, which takes the place of those that they were in: memory holds them once."""
        if not self.size:
            return EMPTY
        whole = concatenate([*self._ordered, *self._fresh])
        self._ordered, self._fresh = [], [whole]
        return whole


def _by_series(rows: Rows) -> Rows:
    return rows.take(np.argsort(rows.series, kind="stable"))


def select(block: Rows, ids: NDArray[np.uint32], start: int, end: int) -> Rows:
    """Return a block's rows of the given series (ascending) with ``start`` ≤ time < ``end`` (milliseconds)."""
    begins = np.searchsorted(block.series, ids, side="left")
    ends = np.searchsorted(block.series, ids, side="right")
    lengths = ends - begins
    total = int(lengths.sum())
    if total == 0:
        return EMPTY
    offsets = np.arange(total) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    places = np.repeat(begins, lengths) + offsets
    times = block.time[places]
    return block.take(places[(times >= start) & (times < end)])
