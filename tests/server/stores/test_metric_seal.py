"""Sealing the embedded store's head: in slices that bound its memory, and never in the middle of a query's ordering."""

from __future__ import annotations

import itertools
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from summaries import one, section, total

from argus.server.stores.base import MetricBatch, RangeQuery
from argus.server.stores.metrics import seal
from argus.server.stores.metrics.rows import Rows, concatenate
from argus.server.stores.metrics.store import SqliteMetricStore
from argus.wire.columns import Kind, SeriesKey

HOUR, DAY = 3600.0, 86_400.0
T0 = time.time() // DAY * DAY - 2 * DAY
FINE = RangeQuery("shop", ("n",), T0, T0 + DAY, 60.0, "sum")


@pytest.fixture
def store(tmp_path: Path):
    made = SqliteMetricStore(tmp_path / "metrics.db", clock=lambda: T0 + DAY)
    yield made
    made.close()


def test_slices_cover_every_row_once_and_never_cut_a_series(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "SLICE_ROWS", 10)
    sizes = [3, 3, 3, 3, 25, 1, 9, 10, 11]
    series = np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes)
    slices = list(seal._slices(series))
    assert [slices[0][0], slices[-1][1]] == [0, sum(sizes)]
    assert all(first[1] == second[0] for first, second in itertools.pairwise(slices))
    assert all(begin in np.cumsum([0, *sizes]) for begin, _ in slices)
    assert list(seal._slices(series[:0])) == []


def test_what_is_sealed_in_slices_is_answered_whole(store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "SLICE_ROWS", 7)
    keys = [SeriesKey("n", (("i", str(number)),)) for number in range(30)]
    for place in range(20):
        at = T0 + place * 300
        rows = section(Kind.TIMING, [(key, [0.5 + number, 0.7 + number]) for number, key in enumerate(keys)])
        store.append([MetricBatch("shop", "h", at, at + 10, (rows,))])
    asked = [RangeQuery("shop", ("n",), T0, T0 + DAY, 300.0, agg, ("i",)) for agg in ("sum", "count", "p90")]
    before = [[(line.tags, line.values.tolist()) for line in store.query(query).lines] for query in asked]
    store.maintain(T0 + HOUR)  # the second hour stays open
    store.maintain(T0 + DAY)
    for query, known in zip(asked, before, strict=True):
        for line, (tags, values) in zip(store.query(query).lines, known, strict=True):
            assert line.tags == tags
            np.testing.assert_allclose(line.values, values)
    assert store.stats()["store.metrics.head_rows"] == 0


def test_rows_that_a_query_is_about_to_order_are_sealed_too(store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The query has taken blocks out to merge them when the hour is sealed: none may be missing, none twice."""
    for number in range(8):
        store.append([one(T0 + number * 10)])
        store.query(FINE)
    store.append([one(T0 + 100 + number * 10) for number in range(8)])
    merging, sealed = threading.Event(), threading.Event()

    def slow(parts: list[Rows]) -> Rows:
        if threading.current_thread() is reader and len(parts) == 2:  # both are in no list of the head's now
            merging.set()
            sealed.wait(0.2)  # as long as a seal that does not wait for us would take
        return concatenate(parts)

    monkeypatch.setattr("argus.server.stores.metrics.head.concatenate", slow)
    reader = threading.Thread(target=store.query, args=(FINE,))
    reader.start()
    assert merging.wait(10)
    store.maintain(T0 + DAY)
    sealed.set()
    reader.join()
    assert total(store, FINE) == 16.0
