"""Batches of summaries for tests of metric stores, made from the values that were recorded."""

from __future__ import annotations

import math

import numpy as np

from argus.aggregate import sketch
from argus.server.stores.base import MetricBatch, MetricStore, RangeQuery
from argus.wire.columns import KeySet, Kind, Section, SeriesKey, Sketches


def section(kind: Kind, rows: list[tuple[SeriesKey, list[float]]]) -> Section:
    """Return a section with what the recorded values of each series come to."""
    keys = KeySet(tuple(key for key, _ in rows))
    values = [sorted(found) for _, found in rows]
    totals = np.array([math.fsum(found) for found in values])
    counts = np.array([len(found) for found in values])
    low, high = np.array([found[0] for found in values]), np.array([found[-1] for found in values])
    if kind is Kind.COUNTER:
        return Section(kind, keys, counts, totals, totals, totals, totals)
    if kind is Kind.GAUGE:
        return Section(kind, keys, counts, totals, low, high, np.array([found[-1] for _, found in rows]))
    lengths, flat = [], []
    for found in values:
        bins = sketch.merge([(sketch.index_of(value), 1) for value in found if value > 0])
        before = 0
        for index, count in bins:
            flat += [index - before, count]
            before = index
        lengths.append(len(bins))
    sketches = Sketches(np.array(lengths, np.uint32), np.array(flat, np.uint32))
    return Section(kind, keys, counts, totals, low, high, totals / counts, sketches)


def one(
    at: float,
    value: float = 1.0,
    seq: int | None = None,
    *,
    kind: Kind = Kind.COUNTER,
    app: str = "shop",
    key: SeriesKey = SeriesKey("n"),  # noqa: B008  # it cannot be changed
    host: str = "h",
    instance: str = "i",
) -> MetricBatch:
    """Return a batch with one summary of one recorded value."""
    made = (section(kind, [(key, [value])]),)
    return MetricBatch(app, host, at, at + 10, made, None if seq is None else instance, seq)


def total(store: MetricStore, query: RangeQuery) -> float:
    """Return the sum of all values of an answer."""
    return math.fsum(float(np.nansum(line.values)) for line in store.query(query).lines)
