"""Merging windows: what the spool does while the server is away, so that an outage costs no counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from argus.aggregate import sketch
from argus.aggregate.summary import Counters, Gauges, Timings, Window


def empty_window(start: float, end: float) -> Window:
    """Return a window in which nothing was recorded."""
    return Window(start, end, Counters([], [], []), Gauges([], [], [], [], [], []), Timings([], [], [], [], [], []))


def merge_windows(earlier: Window, later: Window) -> Window:
    """Return one window from the start of the first to the end of the last; the inputs stay as they are."""
    return Window(
        min(earlier.start, later.start),
        max(earlier.end, later.end),
        _merge_counters(earlier.counters, later.counters),
        _merge_gauges(earlier.gauges, later.gauges),
        _merge_timings(earlier.timings, later.timings),
    )


def _merge_counters(earlier: Counters, later: Counters) -> Counters:
    merged = Counters(*(list(column) for column in earlier))  # type: ignore[arg-type]  # columns stay of their types
    row_of = {key: row for row, key in enumerate(merged.keys)}
    for i, key in enumerate(later.keys):
        row = row_of.get(key)
        if row is None:
            _append_row(merged, later, i)
        else:
            merged.sum[row] += later.sum[i]
            merged.count[row] += later.count[i]
    return merged


def _merge_gauges(earlier: Gauges, later: Gauges) -> Gauges:
    merged = Gauges(*(list(column) for column in earlier))  # type: ignore[arg-type]  # columns stay of their types
    row_of = {key: row for row, key in enumerate(merged.keys)}
    for i, key in enumerate(later.keys):
        row = row_of.get(key)
        if row is None:
            _append_row(merged, later, i)
        else:
            merged.last[row] = later.last[i]
            merged.min[row] = min(merged.min[row], later.min[i])
            merged.max[row] = max(merged.max[row], later.max[i])
            merged.sum[row] += later.sum[i]
            merged.count[row] += later.count[i]
    return merged


def _merge_timings(earlier: Timings, later: Timings) -> Timings:
    merged = Timings(*(list(column) for column in earlier))  # type: ignore[arg-type]  # columns stay of their types
    row_of = {key: row for row, key in enumerate(merged.keys)}
    for i, key in enumerate(later.keys):
        row = row_of.get(key)
        if row is None:
            _append_row(merged, later, i)
        else:
            merged.count[row] += later.count[i]
            merged.sum[row] += later.sum[i]
            merged.min[row] = min(merged.min[row], later.min[i])
            merged.max[row] = max(merged.max[row], later.max[i])
            merged.bins[row] = sketch.merge(merged.bins[row], later.bins[i])
    return merged


def _append_row(target: Sequence[list[Any]], source: Sequence[list[Any]], row: int) -> None:
    for kept, column in zip(target, source, strict=True):
        kept.append(column[row])
