"""What a rule sees is the same in every metric store: windows put together from buckets are what was sent."""

from __future__ import annotations

import math
import random
import time
from pathlib import Path

import numpy as np
import pytest
import summaries
from alerts import rule
from metric_backends import Backend

from argus.server.alerts.observe import Observer, Wanted, hop
from argus.server.stores.records.store import SqliteRecordStore
from argus.wire.columns import Kind, SeriesKey

T0 = time.time() // 3600 * 3600 - 7200
MINUTES = 30
AGGREGATIONS = ("avg", "min", "max", "sum", "count", "rate", "last", "p50")


def value_of(aggregation: str, values: list[float], seconds: float) -> float:
    """Compute a window's value by walking through what was sent."""
    if not values:
        return math.nan
    if aggregation == "p50":
        return sorted(values)[(len(values) - 1) // 2]
    found = {
        "avg": math.fsum(values) / len(values),
        "min": min(values),
        "max": max(values),
        "sum": math.fsum(values),
        "count": float(len(values)),
        "rate": math.fsum(values) / seconds,
        "last": values[-1],
    }
    return found[aggregation]


def test_a_window_is_the_same_in_every_store(backend: Backend, tmp_path: Path) -> None:
    chance = random.Random(4)
    sent = [(T0 + 10.0 * n, chance.uniform(1, 100)) for n in range(MINUTES * 6) if chance.random() < 0.3]
    store, records = backend.open(), SqliteRecordStore(tmp_path / "records.db")
    store.append([summaries.one(at, value, kind=Kind.TIMING, key=SeriesKey("m")) for at, value in sent])
    wanted = []
    for number, (aggregation, window) in enumerate((a, w) for a in AGGREGATIONS for w in (60.0, 300.0)):
        of = rule(id=number, metric_name="m", aggregation=aggregation, window=window)
        wanted.append(Wanted(of, "shop", T0 + 300.0, T0 + MINUTES * 60.0))
    observer = Observer(store, records)
    seen = observer.look(wanted)
    assert observer.faults == 0
    for of, _, first, last in wanted:
        series = seen[of.id, "shop"]
        ends = np.arange(first, last + 1, hop(of))
        windows = [[value for at, value in sent if end - of.window <= at < end] for end in ends.tolist()]
        expected = [value_of(of.aggregation, values, of.window) for values in windows]
        assert series.ends.tolist() == ends.tolist()
        # a sketch answers within 1/128, and chooses between the two in the middle as it likes
        odd = np.array([len(values) % 2 == 1 or not values for values in windows])
        use = odd if of.aggregation == "p50" else np.ones(len(ends), bool)
        assert series.values[use].tolist() == pytest.approx(np.array(expected)[use].tolist(), rel=0.02, nan_ok=True)
    store.close()
    records.close()
