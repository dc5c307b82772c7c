"""One pass of the checker on the embedded stores: 1 000 rules, each for all of 20 applications.

The rules ask 250 different questions (50 metrics, 5 aggregations) of 2 windows; every application sends all metrics
every 10 s. The clock is turned by a minute from pass to pass, so each judges one new window of every rule and stores
20 000 states.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from alerts import NOW, rule

from argus.server.alerts.checker import Checker
from argus.server.stores.base import App, Key, MetricBatch
from argus.server.stores.metrics.store import SqliteMetricStore
from argus.server.stores.records.store import SqliteRecordStore
from argus.wire.columns import KeySet, Kind, Section, SeriesKey

RULES, APPS, METRICS = 1_000, 20, 50
AGGREGATIONS = ("avg", "max", "min", "last", "sum")
WINDOWS = (60.0, 300.0)
FED_SECONDS, PASSES = 3_600, 5
KEYS = KeySet(tuple(SeriesKey(f"metric{n}") for n in range(METRICS)))
CHANCE = np.random.default_rng(5)


def feed(store: SqliteMetricStore, start: float, end: float) -> None:
    """Store what all applications send from ``start`` to ``end``."""
    for at in np.arange(start, end, 10.0).tolist():
        batches = []
        for app in range(APPS):
            values = CHANCE.random(METRICS)
            section = Section(Kind.GAUGE, KEYS, np.ones(METRICS, np.int64), values, values, values, values)
            batches.append(MetricBatch(f"app{app}", "web-1", at, at + 10, (section,)))
        store.append(batches)


def test_one_pass(tmp_path: Path, claim: Callable[..., None]) -> None:
    """Seconds of a pass, the first one (which makes every state) left out."""
    now, steady = NOW + 30.0, 0.0
    metrics = SqliteMetricStore(tmp_path / "metrics.db", clock=lambda: now)
    records = SqliteRecordStore(tmp_path / "records.db")
    for app in range(APPS):
        records.create_app(App(f"app{app}", f"app{app}", 1.0), Key(bytes([app]) * 32, "p", f"app{app}", 1.0))
    store = records.alerts()
    for n in range(RULES):
        asked = {"metric_name": f"metric{n % METRICS}", "aggregation": AGGREGATIONS[n // METRICS % 5]}
        store.add_rule(rule(app_id=None, window=WINDOWS[n // 250 % 2], threshold=2.0 + n, **asked), RULES)
    feed(metrics, NOW - FED_SECONDS, NOW)
    checker = Checker(metrics, records, delay=30.0, clock=lambda: now, steady=lambda: steady)
    seconds = []
    for _ in range(PASSES + 1):
        began = time.perf_counter()
        checker.run()
        seconds.append(time.perf_counter() - began)
        assert checker.health.judged == RULES * APPS
        feed(metrics, now - 30, now + 30)
        now, steady = now + 60.0, steady + 60.0
    assert [known.value is None for known in store.states()] == [False] * (RULES * APPS)
    print("passes:", " ".join(f"{one:.2f} s" for one in seconds))
    claim("alerts: one pass of 1 000 rules for 20 applications", statistics.median(seconds[1:]), 2.0, "s")
    metrics.close()
    records.close()
