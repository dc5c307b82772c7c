"""The embedded stores' files shrink again after a burst, a deletion or an end of retention."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np

from argus.server.stores.base import LogBatch, MetricBatch, RangeQuery
from argus.server.stores.metrics.store import SqliteMetricStore
from argus.server.stores.records.store import SqliteRecordStore
from argus.wire.columns import KeySet, Kind, LogLine, Section, SeriesKey

DAY = 86_400.0
T0 = 1_763_856_000.0  # a midnight
SERIES, BATCHES = 500, 300


def size(path: Path) -> int:
    """Bytes of the file with its write-ahead log folded in."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path.stat().st_size


def burst(at: float) -> MetricBatch:
    keys = KeySet(tuple(SeriesKey("n", (("i", str(i)),)) for i in range(SERIES)))
    ones = np.ones(SERIES)
    section = Section(Kind.COUNTER, keys, ones.astype(np.int64), ones, ones, ones, ones)
    return MetricBatch("shop", "h", at, at + 10, (section,))


def test_summaries_that_were_sealed_leave_a_smaller_file(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    store = SqliteMetricStore(path, clock=lambda: T0 + DAY)
    store.append([burst(T0 + 10 * k) for k in range(BATCHES)])
    largest = size(path)
    store.maintain(T0 + DAY)
    answer = store.query(RangeQuery("shop", ("n",), T0, T0 + DAY, 60.0, "sum"))
    assert np.nansum([line.values for line in answer.lines]) == BATCHES * SERIES
    assert size(path) < largest / 2
    store.close()


def test_log_lines_past_their_retention_leave_a_smaller_file(tmp_path: Path) -> None:
    path, now = tmp_path / "records.db", [T0]
    store = SqliteRecordStore(path, log_retention=30 * DAY, clock=lambda: now[0])
    store.append(
        [LogBatch("shop", "h", [LogLine(T0, "INFO", f"{i} " + "x" * 500)] * 20, "i", i + 1) for i in range(200)]
    )
    largest = size(path)
    now[0] += 31 * DAY
    store.maintain(now[0])
    assert size(path) < largest / 2
    store.close()
