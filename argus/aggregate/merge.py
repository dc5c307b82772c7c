"""Merging windows: what the spool does while the server is away, so that an outage costs no counts."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeVar

from argus.aggregate import sketch
from argus.aggregate.base import Tags
from argus.aggregate.series import format_key, parse_key
from argus.aggregate.summary import Counters, Gauges, Timings, Window

Section = TypeVar("Section", Counters, Gauges, Timings)


def empty_window(start: float, end: float) -> Window:
    """Return a window in which nothing was recorded."""
    return Window(start, end, Counters([], [], []), Gauges([], [], [], [], [], []), Timings([], [], [], [], [], []))


def merge_windows(earlier: Window, later: Window) -> Window:
    """Return one window from the start of the first to the end of the last; the inputs stay as they are."""
    return Window(
        min(earlier.start, later.start),
        max(earlier.end, later.end),
        _merge(earlier.counters, later.counters),
        _merge(earlier.gauges, later.gauges),
        _merge(earlier.timings, later.timings),
    )


def with_tags(window: Window, tags: Tags) -> Window:
    """Return the window with these tags on every series; a series' own tag of the same key wins."""

    def tagged(key: str) -> str:
        name, own = parse_key(key)
        return format_key(name, tuple(sorted({**tags, **dict(own)}.items())))

    return Window(
        window.start,
        window.end,
        window.counters._replace(keys=[tagged(key) for key in window.counters.keys]),
        window.gauges._replace(keys=[tagged(key) for key in window.gauges.keys]),
        window.timings._replace(keys=[tagged(key) for key in window.timings.keys]),
    )


def _the_later(_: float, later: float) -> float:
    return later


_HOW: dict[str, Callable[[Any, Any], Any]] = {
    "sum": operator.add,
    "count": operator.add,
    "min": min,
    "max": max,
    "last": _the_later,
    "bins": sketch.merge,
}
"""How the column of that name merges."""


def _merge(earlier: Section, later: Section) -> Section:
    columns: dict[str, list[Any]] = {name: list(column) for name, column in earlier._asdict().items()}
    row_of = {key: row for row, key in enumerate(earlier.keys)}
    for i, key in enumerate(later.keys):
        row = row_of.get(key)
        for name, column in later._asdict().items():
            if row is None:
                columns[name].append(column[i])
            elif name in _HOW:
                columns[name][row] = _HOW[name](columns[name][row], column[i])
    return type(earlier)(**columns)
