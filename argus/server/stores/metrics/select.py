"""The range query: which rows belong to which line and bucket, and what each bucket's value is."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from argus.errors import QueryError
from argus.server.stores.base import AGGREGATIONS, Line, RangeQuery
from argus.server.stores.metrics import sketches
from argus.server.stores.metrics.catalog import Catalog, Entry
from argus.wire.columns import Kind

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_POINTS = 100_000
PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?)")

NEEDED = {
    "avg": ("sum", "count"),
    "min": ("min",),
    "max": ("max",),
    "last": ("last",),
    "sum": ("sum",),
    "rate": ("sum",),
    "count": ("count",),
}
"""Columns an aggregation reads; a percentile reads count, min, max and the sketches."""


class Grid(NamedTuple):
    """The buckets of a query: ``size`` of ``step`` milliseconds from ``start`` on."""

    start: int
    step: int
    size: int

    @property
    def end(self) -> int:
        """Where the last bucket ends."""
        return self.start + self.step * self.size

    def times(self) -> Floats:
        """Return the buckets' times in Unix seconds."""
        times: Floats = (self.start + self.step * np.arange(self.size)) / 1000.0
        return times


class Plan(NamedTuple):
    """Which series make up which line of the answer."""

    lines: list[tuple[str, dict[str, str]]]
    line_of: dict[int, int]


class Selected(NamedTuple):
    """Rows found for a query; ``line`` is each row's line. Columns that were not asked for are missing."""

    line: Ints
    time: Ints
    columns: dict[str, Floats]
    lengths: NDArray[np.uint32]
    flat: NDArray[np.uint32]


def percentile_of(agg: str) -> float | None:
    """Return 0.99 for ``p99``, ``None`` for an aggregation that is no percentile."""
    match = PERCENTILE.fullmatch(agg)
    return float(match[1]) / 100.0 if match else None


def grid_of(query: RangeQuery) -> Grid:
    """Check a query and return its buckets. Raises :class:`QueryError` naming the parameter."""
    if query.agg not in AGGREGATIONS and percentile_of(query.agg) is None:
        raise QueryError(f"unknown aggregation {query.agg!r}; use {', '.join(AGGREGATIONS)} or p50 to p99.9", "agg")
    if not (math.isfinite(query.start) and math.isfinite(query.end) and query.start < query.end):
        raise QueryError(f"end must be after start, got {query.start:g} to {query.end:g}", "end")
    if not (math.isfinite(query.step) and query.step >= 0.001):  # noqa: PLR2004  # a millisecond, the stores' resolution
        raise QueryError(f"step must be at least 0.001 s, got {query.step:g}", "step")
    step = round(query.step * 1000)
    start = math.floor(query.start * 1000 / step) * step
    size = math.ceil((query.end * 1000 - start) / step)
    if size > MOST_POINTS:
        raise QueryError(f"{size} points; at most {MOST_POINTS} can be asked for: use a larger step", "step")
    return Grid(start, step, size)


def plan_of(query: RangeQuery, catalog: Catalog) -> Plan:
    """Find the series a query is about and the line each belongs to.

    Raises :class:`QueryError` for a percentile of something that is no timing.
    """
    lines: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}
    line_of: dict[int, int] = {}
    for name in query.names:
        for entry in catalog.named(query.app, name):
            if not all(entry.tag(key) == value for key, value in query.tags):
                continue
            if percentile_of(query.agg) is not None and entry.kind is not Kind.TIMING:
                raise QueryError(f"{name!r} is a {entry.kind.name.lower()}; only timings have percentiles", "agg")
            group = _group(entry, query.group_by)
            line_of[entry.id] = lines.setdefault((name, group), len(lines))
    return Plan([(name, dict(tags)) for name, tags in lines], line_of)


def _group(entry: Entry, group_by: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple((key, value) for key in group_by if (value := entry.tag(key)) is not None)


def columns_of(agg: str) -> tuple[str, ...]:
    """Return the columns an aggregation reads."""
    return NEEDED.get(agg, ("count", "min", "max"))


def answer(query: RangeQuery, grid: Grid, plan: Plan, parts: Sequence[Selected]) -> list[Line]:
    """Merge the rows into one value per line and bucket."""
    cells = len(plan.lines) * grid.size
    place = np.concatenate([part.line * grid.size + (part.time - grid.start) // grid.step for part in parts])
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in columns_of(query.agg)}
    quantile = percentile_of(query.agg)
    if quantile is not None:
        values = _quantiles(quantile, cells, place, columns, parts)
    else:
        time = np.concatenate([part.time for part in parts]) if query.agg == "last" else np.empty(0, np.int64)
        values = _aggregate(query, cells, place, columns, time)
    times = grid.times()
    by_line = values.reshape(len(plan.lines), grid.size)
    return [Line(name, tags, times, by_line[i]) for i, (name, tags) in enumerate(plan.lines)]


def _aggregate(query: RangeQuery, cells: int, place: Ints, columns: dict[str, Floats], time: Ints) -> Floats:
    agg = query.agg
    if agg in {"min", "max"}:
        empty = np.inf if agg == "min" else -np.inf
        values = np.full(cells, empty)
        (np.minimum if agg == "min" else np.maximum).at(values, place, columns[agg])
        values[np.isinf(values)] = np.nan
        return values
    if agg == "last":
        values = np.full(cells, np.nan)
        newest = np.argsort(time, kind="stable")  # a later assignment to the same place wins
        values[place[newest]] = columns["last"][newest]
        return values
    totals = {name: np.bincount(place, weights=columns[name], minlength=cells) for name in columns}
    if agg == "avg":
        with np.errstate(invalid="ignore"):
            return np.asarray(totals["sum"] / totals["count"], np.float64)
    values = np.asarray(totals["count"] if agg == "count" else totals["sum"], np.float64)
    values[np.bincount(place, minlength=cells) == 0] = np.nan
    return values / query.step if agg == "rate" else values


def _quantiles(q: float, cells: int, place: Ints, columns: dict[str, Floats], parts: Sequence[Selected]) -> Floats:
    lengths, flat = (np.concatenate(column) for column in zip(*((p.lengths, p.flat) for p in parts), strict=True))
    low, high = np.full(cells, np.inf), np.full(cells, -np.inf)
    np.minimum.at(low, place, columns["min"])
    np.maximum.at(high, place, columns["max"])
    total = np.bincount(place, weights=columns["count"], minlength=cells).astype(np.int64)
    return sketches.merged_quantiles(place, (lengths, flat), total, q, (low, high))
