"""Rollups of many applications: few questions, one settling, and no run longer than ingestion can wait."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace

from memory_engine import MemoryEngine
from summaries import one, total

from argus.server.stores.base import RangeQuery
from argus.server.stores.remote import rollups
from argus.server.stores.remote.engine import Tier
from argus.server.stores.remote.facts import Facts
from argus.server.stores.remote.rollups import Rollups
from argus.server.stores.remote.store import RemoteMetricStore

HOUR, DAY = 3_600.0, 86_400.0
T0 = time.time() // DAY * DAY - 3 * DAY
APPS = [f"app{number:03d}" for number in range(200)]
SUMS = RangeQuery("", ("n",), T0, T0 + HOUR, 300.0, "sum")


def filled(now: float) -> tuple[MemoryEngine, RemoteMetricStore]:
    """Return an engine with a row of every application, on time for ``now`` within the hour."""
    engine = MemoryEngine()
    store = RemoteMetricStore(engine, raw_retention=7 * DAY, rollup_retention=30 * DAY, clock=lambda: now)
    store.append([one(T0 + 600, float(number), app=app) for number, app in enumerate(APPS)])
    return engine, store


def rolled(engine: MemoryEngine) -> int:
    """Return how many applications have rollups."""
    return sum((Tier.ROLLUP, app) in engine._rows for app in APPS)


def test_two_hundred_applications_take_few_questions_and_one_settling() -> None:
    engine, store = filled(T0 + HOUR)
    store.maintain(T0 + HOUR + 60)  # not due yet
    before = engine.settled
    del engine.asked[:]
    store.maintain(T0 + HOUR + 301)
    assert len(engine.asked) <= 24
    assert engine.settled == before + 3  # twice to see what others wrote, once for all that was rolled up
    assert rolled(engine) == 200
    assert [total(store, replace(SUMS, app=app)) for app in APPS] == list(range(200))


def test_of_large_applications_fewer_are_read_at_once(monkeypatch) -> None:
    monkeypatch.setattr(rollups, "ROWS", 10)
    engine, store = filled(T0 + HOUR)
    del engine.asked[:]
    store.maintain(T0 + HOUR + 301)
    assert len(engine.asked) >= 2 * 200 / 10
    assert rolled(engine) == 200


def test_a_run_ends_when_its_time_is_over_and_the_next_one_goes_on() -> None:
    engine, _ = filled(T0 + HOUR)
    now, counts = round((T0 + HOUR + 301) * 1000), []
    for _ in range(2):
        seconds = itertools.count()  # one for each look at the clock
        Rollups(engine, Facts(engine)).run(now, 0, clock=lambda: next(seconds))  # noqa: B023  # used at once
        counts.append(rolled(engine))
    assert 0 < counts[0] < counts[1]
