"""What the backends without a compiler share: an aggregator of lists.

A record is one ``list.append``, which CPython makes atomic under its lock; a drain takes the values that are there and
folds them, with numpy (``with_numpy.py``) or without (``with_python.py``). A list that reaches :data:`FOLD_AT` values
folds at once, so memory stays bounded.

Thread rule: ``append`` from any thread. Folding is guarded by a lock that a record only tries, never waits for: where
another thread is folding already, the record leaves the work to it.
"""

from __future__ import annotations

import operator
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, SupportsFloat

from argus.aggregate.base import IDLE_WINDOWS, MAX_SERIES, Stats, Tags
from argus.aggregate.flow import TimedBlocks
from argus.aggregate.series import TagPairs, check, format_key
from argus.aggregate.summary import Bins, Counters, Gauges, Timings, Window

FOLD_AT = 65_536
OVERFLOW_NAME = "argus.overflow"
OVERFLOW_TAGS = (("argus_overflow", "true"),)


class Sums(NamedTuple):
    """What some values add up to; ``bins`` is filled for timings."""

    sum: float
    min: float
    max: float
    bins: Iterable[tuple[int, int]]


AddUp = Callable[[list[float], bool], Sums]
"""Adds up one or more values; the second argument says whether the bins are wanted."""


class _Row(NamedTuple):
    """What one series did in one window."""

    key: str
    last: float
    min: float
    max: float
    sum: float
    count: int  # type: ignore[assignment]  # tuple.count is not missed
    bins: Bins


class _Series:
    """What was recorded of one series since the last drain: raw values, and what is folded already."""

    def __init__(self, identity: str, name: str, tags: TagPairs, add_up: AddUp) -> None:
        self.add_up = add_up
        self.identity = identity
        self.name = name
        self.tags = tags
        self.key = identity
        self.overflow = False
        self.pins = 0
        self.idle = 0
        self.values: list[float] = []
        self.folding = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Begin a new window."""
        self.count = 0
        self.sum = 0.0
        self.min = float("inf")
        self.max = float("-inf")
        self.last = 0.0
        self.bins: dict[int, int] = {}

    def fold(self, *, timing: bool) -> None:
        """Add the raw values to the window. The caller holds ``folding``."""
        size = len(self.values)
        if size == 0:
            return
        values = self.values[:size]
        del self.values[:size]
        sums = self.add_up(values, timing)
        self.count += size
        self.sum += sums.sum
        self.min = min(self.min, sums.min)
        self.max = max(self.max, sums.max)
        self.last = values[-1]
        for index, count in sums.bins:
            self.bins[index] = self.bins.get(index, 0) + count

    def take(self, *, timing: bool, consume: bool) -> _Row:
        """Return the window so far, and with ``consume`` begin a new one; no record can fall between the two."""
        with self.folding:
            self.fold(timing=timing)
            row = _Row(self.key, self.last, self.min, self.max, self.sum, self.count, sorted(self.bins.items()))
            if consume:
                self.reset()
        return row


class _Handle:
    """What counter and timer handles share: a pinned series, and the check of each value."""

    __slots__ = ("_book", "_series")

    def __init__(self, book: _Book, series: _Series) -> None:
        self._book = book
        self._series = series
        series.pins += 1

    def __del__(self) -> None:
        self._series.pins -= 1


class ListCounter(_Handle):
    """A handle on one counter series."""

    __slots__ = ()

    def increment(self, value: float = 1, /) -> None:
        self._book.record(self._series, value)


class ListTimer(_Handle, TimedBlocks):
    """A handle on one timing series; entering it starts a clock of the entering thread or task."""

    __slots__ = ("_running",)

    def __init__(self, book: _Book, series: _Series) -> None:
        super().__init__(book, series)
        self._running: dict[object, list[float]] = {}

    def record(self, seconds: float, /) -> None:
        self._book.record(self._series, seconds)


class _Book:
    """The series of one kind."""

    def __init__(self, owner: ListAggregator, accepts: Callable[[float], bool], *, timing: bool) -> None:
        self.owner = owner
        self.accepts = accepts
        self.timing = timing
        self.by_identity: dict[str, _Series] = {}
        self.by_call: dict[object, _Series] = {}
        self.name_uses: dict[str, int] = {}
        self.resting: list[_Series] = []
        """Series that were forgotten at the last drain: a record that had already found one is not lost."""

    def record(self, series: _Series, value: SupportsFloat) -> None:
        """Append one value. Raises ``TypeError`` for what is no number."""
        if isinstance(value, (str, bytes)) or not hasattr(value, "__float__"):
            raise TypeError(f"a value must be a number, not {type(value).__name__}: {value!r}")
        try:
            number = float(value)
        except OverflowError:  # an int that no double can hold
            number = float("inf")
        if not self.accepts(number):
            self.owner.reject()
            return
        series.values.append(number)
        if len(series.values) >= FOLD_AT and series.folding.acquire(blocking=False):
            try:
                series.fold(timing=self.timing)
            finally:
                series.folding.release()

    def find(self, name: str, tags: Tags | None) -> _Series:
        """Return the series of name and tags, registering it the first time."""
        try:
            call: object = name if tags is None else (name, *tags.items())
            found = self.by_call.get(call)
        except (TypeError, AttributeError):  # an unhashable or wrong argument: `check` names it
            call, found = None, None
        if found is None:
            found = self.register(name, check(name, tags))
            self.by_call[call] = found
        return found

    def register(self, name: str, tags: TagPairs) -> _Series:
        """Return the series, made if it is new; over the limit, the overflow series."""
        identity = format_key(name, tags)
        with self.owner.lock:
            found = self.by_identity.get(identity)
            if found is not None:
                return found
            if self.owner.live < self.owner.max_series:
                return self._add(name, tags, identity, overflow=False)
            known = name in self.name_uses
            target, extra = (name, OVERFLOW_TAGS) if known else (OVERFLOW_NAME, ())
            identity = format_key(target, extra)
            return self.by_identity.get(identity) or self._add(target, extra, identity, overflow=True)

    def _add(self, name: str, tags: TagPairs, identity: str, *, overflow: bool) -> _Series:
        series = _Series(identity, name, tags, self.owner.add_up)
        series.overflow = overflow
        series.key = self.owner.full_key(series)
        self.by_identity[identity] = series
        self.name_uses[name] = self.name_uses.get(name, 0) + 1
        self.owner.live += 1
        return series

    def collect(self, *, consume: bool) -> list[_Row]:
        """Return what the series with a record did in this window."""
        active = []
        for series in [*self.by_identity.values(), *self.resting]:
            row = series.take(timing=self.timing, consume=consume)
            if row.count:
                active.append(row)
            if consume:
                series.idle = 0 if row.count else series.idle + 1
                if series.overflow:
                    self.owner.overflowed += row.count
        return active

    def expire(self, idle_windows: int) -> None:
        """Forget the series that were idle for long and have no handle."""
        self.resting = [s for s in self.by_identity.values() if s.idle >= idle_windows and s.pins == 0]
        for series in self.resting:
            del self.by_identity[series.identity]
            self.name_uses[series.name] -= 1
            if not self.name_uses[series.name]:
                del self.name_uses[series.name]
            self.by_call = {call: s for call, s in self.by_call.items() if s is not series}
            self.owner.live -= 1
            self.owner.expired += 1


def _is_amount(value: float) -> bool:
    return 0.0 <= value < float("inf")


def _is_finite(value: float) -> bool:
    return float("-inf") < value < float("inf")


class ListAggregator(ABC):
    """See :class:`argus.aggregate.base.Aggregator`; how values add up is a backend's own."""

    @staticmethod
    @abstractmethod
    def add_up(values: list[float], timing: bool, /) -> Sums:
        """Add up one or more values, and count them in bins if they are timings."""

    def __init__(self, max_series: int = MAX_SERIES, idle_windows: int = IDLE_WINDOWS) -> None:
        self.max_series = max_series
        self.idle_windows = idle_windows
        self.lock = threading.RLock()
        self.live = 0
        self.expired = 0
        self.overflowed = 0
        self.constant_tags: TagPairs = ()
        self._counters = _Book(self, _is_amount, timing=False)
        self._gauges = _Book(self, _is_finite, timing=False)
        self._timings = _Book(self, _is_amount, timing=True)
        self._rejected = 0
        self._fresh_rejections: list[None] = []
        self._counting = threading.Lock()

    def increment(self, name: str, value: float = 1, tags: Tags | None = None) -> None:
        self._counters.record(self._counters.find(name, tags), value)

    def gauge(self, name: str, value: float, tags: Tags | None = None) -> None:
        self._gauges.record(self._gauges.find(name, tags), value)

    def timing(self, name: str, seconds: float, tags: Tags | None = None) -> None:
        self._timings.record(self._timings.find(name, tags), seconds)

    def counter(self, name: str, tags: Tags | None = None) -> ListCounter:
        return ListCounter(self._counters, self._counters.find(name, tags))

    def timer(self, name: str, tags: Tags | None = None) -> ListTimer:
        return ListTimer(self._timings, self._timings.find(name, tags))

    def full_key(self, series: _Series) -> str:
        """Return the key with the constant tags a series does not have itself."""
        return format_key(series.name, tuple(sorted({**dict(self.constant_tags), **dict(series.tags)}.items())))

    def set_constant_tags(self, tags: Tags) -> None:
        self.constant_tags = check("constant tags", tags)
        with self.lock:
            for book in (self._counters, self._gauges, self._timings):
                for series in book.by_identity.values():
                    series.key = self.full_key(series)

    def drain(self, start: float, end: float) -> Window:
        return self._collect(start, end, consume=True)

    def peek(self, start: float, end: float) -> Window:
        return self._collect(start, end, consume=False)

    def rebaseline(self) -> None:
        self.lock = threading.RLock()
        for book in (self._counters, self._gauges, self._timings):
            for series in book.by_identity.values():
                series.folding = threading.Lock()
                series.values.clear()
                series.reset()

    def stats(self) -> Stats:
        with self._counting:
            self._count_rejections()
        return Stats(self.live, self._rejected, self.overflowed, self.expired)

    def reject(self) -> None:
        """Count a refused value; an append is atomic where an addition is not."""
        self._fresh_rejections.append(None)
        if len(self._fresh_rejections) >= FOLD_AT and self._counting.acquire(blocking=False):
            try:
                self._count_rejections()
            finally:
                self._counting.release()

    def _count_rejections(self) -> None:
        pending = len(self._fresh_rejections)
        del self._fresh_rejections[:pending]
        self._rejected += pending

    def _collect(self, start: float, end: float, *, consume: bool) -> Window:
        with self.lock:
            counters, gauges, timings = (
                book.collect(consume=consume) for book in (self._counters, self._gauges, self._timings)
            )
            window = Window(
                start,
                end,
                Counters(*_columns(counters, "key", "sum", "count")),
                Gauges(*_columns(gauges, "key", "last", "min", "max", "sum", "count")),
                Timings(*_columns(timings, "key", "count", "sum", "min", "max", "bins")),
            )
            if consume:
                for book in (self._counters, self._gauges, self._timings):
                    book.expire(self.idle_windows)
        return window


def _columns(rows: list[_Row], *names: str) -> list[list[Any]]:
    return [list(map(operator.attrgetter(name), rows)) for name in names]
