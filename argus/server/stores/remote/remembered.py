"""What charts were answered: a chart that is asked for again asks the engine for its open end only.

A bucket is remembered when all its hours are *closed*: rolled up, and without late rows that are not in the rollups.
Then it changes only when late rows come, which raises a version of their hour, or when its application is deleted.
Buckets that retention has begun to cut are always asked for. So a remembered answer is the one the engine would give,
but for late rows that another server took: they show when their fact is read, within ``rollups.REFRESH`` seconds. So
does what a backup brought back. What is changed by hand, behind the servers' back, shows after ``LONGEST``.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from argus.server.stores.metrics import seal
from argus.server.stores.metrics.select import MOST_POINTS, Grid
from argus.server.stores.remote.engine import Tier
from argus.wire.columns import Floats

MOST_BYTES = 32 << 20
"""Of all values together: a chart of ten lines and seven days has 60 000."""

LONGEST = 3_600.0
"""Seconds after which a chart is asked for anew, whole."""

MOST_GAPS = 4
"""Ranges that are asked for one by one; where more are missing, all from the first to the last is asked at once."""

Bools = NDArray[np.bool_]
Place = tuple[int, tuple[tuple[str, str], ...]]
"""A line of an answer: which of the names, and the group's tags."""


class Question(NamedTuple):
    """What a chart asks, whatever the range."""

    app: str
    names: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]
    group_by: tuple[str, ...]
    agg: str
    step: float
    tier: Tier


class Closed(NamedTuple):
    """Which hours of an application are closed."""

    until: int
    """Hours since the epoch before which everything is rolled up."""
    open: frozenset[int]
    """Hours before that with late rows that are not in the rollups."""
    versions: Mapping[int, int]
    """Of the hours that ever had late rows."""
    lasting: bool
    """Every process can read what was rolled up: what is read from now on may be remembered."""

    def buckets(self, grid: Grid, oldest: int) -> Bools:
        """Return which buckets of a grid are closed; rows before ``oldest`` are past retention."""
        starts = grid.start + grid.step * np.arange(grid.size)
        closed: Bools = (starts >= oldest) & (starts + grid.step <= self.until * seal.HOUR)
        for hour in self.open:
            closed[_of_hour(hour, grid)] = False
        return closed


def _of_hour(hour: int, grid: Grid) -> slice:
    """Return the buckets of a grid that an hour is part of."""
    first = (hour * seal.HOUR - grid.start) // grid.step
    last = ((hour + 1) * seal.HOUR - 1 - grid.start) // grid.step
    return slice(max(first, 0), max(last + 1, 0))


class Table(NamedTuple):
    """Values by line and bucket. ``present`` tells a bucket without rows from one whose value is no number."""

    lines: tuple[Place, ...]
    values: Floats
    present: Bools

    @staticmethod
    def empty(lines: tuple[Place, ...], size: int) -> Table:
        """Return a table without rows."""
        shape = len(lines), size
        return Table(lines, np.full(shape, np.nan), np.zeros(shape, bool))

    def put(self, at: int, other: Table) -> Table:
        """Put another table's buckets at a place of this one; return this one, with the other's lines too."""
        table = self
        new = tuple(line for line in other.lines if line not in table.lines)
        if new:
            more = Table.empty(new, table.values.shape[1])
            table = Table(
                table.lines + new,
                np.concatenate([table.values, more.values]),
                np.concatenate([table.present, more.present]),
            )
        until = at + other.values.shape[1]
        table.values[:, at:until], table.present[:, at:until] = np.nan, False
        places = [table.lines.index(line) for line in other.lines]
        table.values[places, at:until], table.present[places, at:until] = other.values, other.present
        return table


class _Kept(NamedTuple):
    """Remembered buckets; never changed. ``known``: which of the grid's were asked for while they were closed."""

    grid: Grid
    known: Bools
    table: Table
    versions: Mapping[int, int]
    since: float
    """The oldest value's time, by the monotonic clock."""

    def size(self) -> int:
        return self.table.values.nbytes + self.table.present.nbytes + self.known.nbytes


class Remembered:
    """For any number of threads."""

    def __init__(self, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_bytes = most_bytes
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[Question, _Kept] = OrderedDict()
        self._bytes = 0
        self._deletions = 0
        self._counted = {"remembered_buckets": 0.0, "asked_buckets": 0.0}

    def answer(
        self,
        question: Question,
        grid: Grid,
        closed: Closed,
        oldest: Callable[[], int],
        ask: Callable[[Grid], Table],
    ) -> Table:
        """Return a grid's values: what is remembered, and what ``ask`` says of the rest.

        ``closed`` is what was known before this call: rows that come meanwhile raise their hour's version afterwards.
        """
        now = self._clock()
        with self._lock:
            kept = self._kept.get(question)
            deletions = self._deletions
        known, table = np.zeros(grid.size, bool), Table.empty((), grid.size)
        if kept is not None and now - kept.since < LONGEST:
            known, table = _shown(kept, grid, closed)
            known &= closed.buckets(grid, oldest())
        gaps = _gaps(known)
        for begin, end in gaps:
            table = table.put(begin, ask(Grid(grid.start + begin * grid.step, grid.step, end - begin)))
        keep = closed.buckets(grid, oldest())
        with self._lock:
            asked = sum(end - begin for begin, end in gaps)
            self._counted["asked_buckets"] += asked
            self._counted["remembered_buckets"] += grid.size - asked
            if closed.lasting and deletions == self._deletions and keep.any():
                self._keep(question, _Kept(grid, keep, table, closed.versions, now), closed)
        return table

    def _keep(self, question: Question, new: _Kept, closed: Closed) -> None:
        old = self._kept.pop(question, None)
        if old is not None:
            self._bytes -= old.size()
            if new.since - old.since < LONGEST:
                new = _joined(old, new, closed)
        if new.size() <= self._most_bytes // 4:  # else the one chart would drive out all others
            self._kept[question] = new
            self._bytes += new.size()
        while self._bytes > self._most_bytes:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= dropped.size()

    def forget(self, app: str) -> None:
        """Forget a deleted application, also what is being asked for just now."""
        with self._lock:
            self._deletions += 1
            for question in [question for question in self._kept if question.app == app]:
                self._bytes -= self._kept.pop(question).size()

    def forget_all(self) -> None:
        """Forget every chart, also what is being asked for just now."""
        with self._lock:
            self._deletions += 1
            self._kept.clear()
            self._bytes = 0

    def stats(self) -> Mapping[str, float]:
        """Return how many buckets of answers were remembered, and how many asked for, since the start."""
        with self._lock:
            return {**self._counted, "remembered_bytes": float(self._bytes)}


def _shown(kept: _Kept, grid: Grid, closed: Closed) -> tuple[Bools, Table]:
    """Return which of a grid's buckets are remembered as they are now, and their values."""
    known = kept.known.copy()
    for hour in kept.versions.keys() | closed.versions.keys():
        if kept.versions.get(hour) != closed.versions.get(hour):
            known[_of_hour(hour, kept.grid)] = False
    before = (grid.start - kept.grid.start) // grid.step
    begin, end = max(before, 0), min(before + grid.size, kept.grid.size)
    shown, table = np.zeros(grid.size, bool), Table.empty(kept.table.lines, grid.size)
    if begin < end:
        to = slice(begin - before, end - before)
        shown[to] = known[begin:end]
        table.values[:, to] = kept.table.values[:, begin:end]
        table.present[:, to] = kept.table.present[:, begin:end] & known[begin:end]
    return shown, table


def _joined(old: _Kept, new: _Kept, closed: Closed) -> _Kept:
    """Return what both know, the new one first; the new one alone where they lie too far apart."""
    step = new.grid.step
    start, end = min(old.grid.start, new.grid.start), max(old.grid.end, new.grid.end)
    if (end - start) // step > MOST_POINTS:
        return new
    grid = Grid(start, step, (end - start) // step)
    known, table = _shown(old, grid, closed)
    at = (new.grid.start - start) // step
    known[at : at + new.grid.size] = new.known
    return _Kept(grid, known, table.put(at, new.table), new.versions, min(old.since, new.since))


def _gaps(known: Bools) -> list[tuple[int, int]]:
    """Return the ranges that are not known."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], known, [True]])))
    gaps = [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]
    return gaps if len(gaps) <= MOST_GAPS else [(gaps[0][0], gaps[-1][1])]
