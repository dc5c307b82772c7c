"""The cffi backend: libargus' core through its C interface, for interpreters where an extension is slow.

A call through cffi costs several times one of the native backend on CPython; on PyPy the just-in-time compiler
makes it a plain C call.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, SupportsFloat

from argus.aggregate._cffi import ffi, lib
from argus.aggregate.base import IDLE_WINDOWS, MAX_SERIES, Stats, Tags
from argus.aggregate.flow import TimedBlocks
from argus.aggregate.series import check
from argus.aggregate.summary import Bins, Counters, Gauges, Timings, Window


def _number(value: SupportsFloat) -> float:
    if isinstance(value, (str, bytes)) or not hasattr(value, "__float__"):
        raise TypeError(f"a value must be a number, not {type(value).__name__}: {value!r}")
    try:
        return float(value)
    except OverflowError:
        return float("inf")


class _Text:
    """A str as libargus wants it; keeps the bytes alive for the length of a call."""

    __slots__ = ("bytes", "c")

    def __init__(self, text: str) -> None:
        self.bytes = ffi.from_buffer(text.encode())
        self.c = {"data": self.bytes, "size": len(self.bytes)}


class _Tags:
    """Tags as libargus wants them; keeps the bytes alive for the length of a call."""

    __slots__ = ("c", "size", "texts")

    def __init__(self, tags: Tags | None) -> None:
        pairs = [(_Text(key), _Text(value)) for key, value in (tags or {}).items()]
        self.texts = pairs
        self.size = len(pairs)
        self.c = ffi.new("argus_tag[]", [{"key": key.c, "value": value.c} for key, value in pairs])


class _Handle:
    """What counter and timer handles share: the C handle, freed with them."""

    __slots__ = ("_c", "_owner")

    def __init__(self, owner: CffiAggregator, kind: int, name: str, tags: Tags | None) -> None:
        self._owner = owner  # the registry must outlive its handles
        text, pairs = _Text(name), _Tags(tags)
        self._c: Any = lib.argus_series_new(owner.registry, kind, text.c, pairs.c, pairs.size)
        if self._c == ffi.NULL:
            raise MemoryError

    def __del__(self) -> None:
        lib.argus_series_free(self._c)


class CffiCounter(_Handle):
    """A handle on one counter series."""

    __slots__ = ()

    def increment(self, value: float = 1, /) -> None:
        lib.argus_counter_add(self._c, _number(value))


class CffiTimer(_Handle, TimedBlocks):
    """A handle on one timing series; entering it starts a clock of the entering thread or task."""

    __slots__ = ("_running",)

    def __init__(self, owner: CffiAggregator, name: str, tags: Tags | None) -> None:
        super().__init__(owner, lib.ARGUS_TIMING, name, tags)
        self._running: dict[object, list[float]] = {}

    def record(self, seconds: float, /) -> None:
        lib.argus_timer_record(self._c, _number(seconds))


class CffiAggregator:
    """See :class:`argus.aggregate.base.Aggregator`."""

    def __init__(self, max_series: int = MAX_SERIES, idle_windows: int = IDLE_WINDOWS) -> None:
        size = ffi.sizeof("argus_options")
        options = ffi.new("argus_options *", {"size": size, "max_series": max_series, "idle_windows": idle_windows})
        self.registry: Any = ffi.gc(lib.argus_registry_new(options), lib.argus_registry_free)

    def increment(self, name: str, value: float = 1, tags: Tags | None = None) -> None:
        check(name, tags)
        text, pairs = _Text(name), _Tags(tags)
        lib.argus_increment(self.registry, text.c, _number(value), pairs.c, pairs.size)

    def gauge(self, name: str, value: float, tags: Tags | None = None) -> None:
        check(name, tags)
        text, pairs = _Text(name), _Tags(tags)
        lib.argus_gauge(self.registry, text.c, _number(value), pairs.c, pairs.size)

    def timing(self, name: str, seconds: float, tags: Tags | None = None) -> None:
        check(name, tags)
        text, pairs = _Text(name), _Tags(tags)
        lib.argus_timing(self.registry, text.c, _number(seconds), pairs.c, pairs.size)

    def counter(self, name: str, tags: Tags | None = None) -> CffiCounter:
        check(name, tags)
        return CffiCounter(self, lib.ARGUS_COUNTER, name, tags)

    def timer(self, name: str, tags: Tags | None = None) -> CffiTimer:
        check(name, tags)
        return CffiTimer(self, name, tags)

    def set_constant_tags(self, tags: Tags) -> None:
        check("constant tags", tags)
        pairs = _Tags(tags)
        lib.argus_set_constant_tags(self.registry, pairs.c, pairs.size)

    def drain(self, start: float, end: float) -> Window:
        return self._window(lib.argus_drain(self.registry), start, end)

    def peek(self, start: float, end: float) -> Window:
        return self._window(lib.argus_peek(self.registry), start, end)

    def rebaseline(self) -> None:
        lib.argus_rebaseline(self.registry)

    def stats(self) -> Stats:
        now = ffi.new("argus_stats *")
        lib.argus_get_stats(self.registry, now)
        return Stats(now.series, now.rejected, now.overflowed, now.expired)

    def _window(self, raw: Any, start: float, end: float) -> Window:
        if raw == ffi.NULL:
            raise MemoryError
        window = ffi.gc(raw, lib.argus_window_free)
        counters = list(_rows(window, lib.ARGUS_COUNTER))
        gauges = list(_rows(window, lib.ARGUS_GAUGE))
        timings = list(_rows(window, lib.ARGUS_TIMING))
        return Window(
            start,
            end,
            Counters(*_columns(counters, "sum", "count")),
            Gauges(*_columns(gauges, "last", "min", "max", "sum", "count")),
            Timings(*[*_columns(timings, "count", "sum", "min", "max"), [_bins(row) for row in timings]]),
        )


def _rows(window: Any, kind: int) -> Iterator[Any]:
    for row in range(lib.argus_window_size(window, kind)):
        summary = ffi.new("argus_summary *")
        lib.argus_window_row(window, kind, row, summary)
        yield summary


def _columns(rows: list[Any], *names: str) -> list[Any]:
    keys = [ffi.unpack(row.key.data, row.key.size).decode() for row in rows]
    return [keys, *([getattr(row, name) for row in rows] for name in names)]


def _bins(row: Any) -> Bins:
    return [(row.bins[i].index, row.bins[i].count) for i in range(row.bin_count)]
