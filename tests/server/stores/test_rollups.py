"""Rollups of many applications: few questions, one settling, and no run longer than ingestion can wait."""

from __future__ import annotations

import itertools
import threading
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
    store = RemoteMetricStore(engine, raw_retention=7 * DAY, rollup_retention=30 * DAY, clock=lambda: now, fresh=0.0)
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
    assert engine.settled == before + 5  # to see what others wrote, close the hour and hear of it; once at the end
    assert rolled(engine) == 200
    assert [total(store, replace(SUMS, app=app)) for app in APPS] == list(range(200))


def test_of_large_applications_fewer_are_read_at_once(monkeypatch) -> None:
    monkeypatch.setattr(rollups, "ROWS", 10)
    engine, store = filled(T0 + HOUR)
    del engine.asked[:]
    store.maintain(T0 + HOUR + 301)
    assert len(engine.asked) >= 2 * 200 / 10
    assert rolled(engine) == 200


def test_a_run_ends_when_its_time_is_over_and_the_next_one_goes_on(monkeypatch) -> None:
    monkeypatch.setattr(rollups, "BUDGET", 5.0)
    engine, _ = filled(T0 + HOUR)
    now, counts = round((T0 + HOUR + 301) * 1000), []
    for _ in range(2):
        seconds = itertools.count()  # one for each look at the clock
        Rollups(engine, Facts(engine), 0.0).run(now, 0, clock=lambda: next(seconds))  # noqa: B023  # used at once
        counts.append(rolled(engine))
    assert 0 < counts[0] < counts[1]


class TwoServers:
    """Two servers over one engine: the first one stores, the second one rolls up. No clock of theirs is right."""

    def __init__(self) -> None:
        self.engine = MemoryEngine()
        self.storing, self.rolling = (
            RemoteMetricStore(self.engine, raw_retention=7 * DAY, rollup_retention=30 * DAY, clock=clock, fresh=0.0)
            for clock in (lambda: T0 - 5 * HOUR, lambda: T0 + 9 * HOUR)
        )

    def rolled(self) -> float:
        """Return what the rollups add up to once everything late is in them, asked by a server that knows nothing."""
        self.rolling.maintain(T0 + HOUR + 301)
        fresh = RemoteMetricStore(self.engine, raw_retention=60, rollup_retention=30 * DAY, clock=lambda: T0 + DAY)
        return total(fresh, replace(SUMS, app="shop"))


def test_rows_of_an_hour_that_a_fast_clock_rolled_up_early_are_in_the_rollups() -> None:
    servers = TwoServers()
    servers.storing.append([one(T0 + 10, 1.0, seq=1)])
    servers.rolling.maintain(T0 + HOUR + 301)  # by its clock; the other one's says that the hour has not begun
    for seq in range(2, 5):
        servers.storing.append([one(T0 + 10 * seq, 1.0, seq=seq)])
    assert servers.rolled() == 4.0


def test_rows_that_are_stored_while_their_hour_is_rolled_up_are_in_the_rollups() -> None:
    servers = TwoServers()
    servers.storing.append([one(T0 + 10, 1.0, seq=1)])
    read, numbers = servers.engine.read, itertools.count(2)

    def and_store(*asked):
        found = read(*asked)
        seq = next(numbers)
        servers.storing.append([one(T0 + 10 * seq, 1.0, seq=seq)])
        return found

    servers.engine.read = and_store  # type: ignore[method-assign]
    servers.rolling.maintain(T0 + HOUR + 301)
    servers.engine.read = read  # type: ignore[method-assign]
    assert servers.rolled() == next(numbers) - 1 > 2


def test_late_rows_of_two_servers_are_told_apart_whatever_their_numbers() -> None:
    """The second one's first late row comes after the first one's tenth was rolled up."""
    servers = TwoServers()
    servers.rolling.append([one(T0 + 10 * seq, 1.0, seq=seq, instance="k") for seq in range(10)])
    servers.rolling.maintain(T0 + HOUR + 301)
    for seq in range(10, 20):
        servers.rolling.append([one(T0 + 10 * seq, 1.0, seq=seq, instance="k")])
    servers.rolling.maintain(T0 + HOUR + 301)
    servers.storing.append([one(T0 + 10, 1.0, seq=1)])
    assert servers.rolled() == 20.0


def test_an_hour_is_rolled_up_after_every_server_has_had_time_to_hear_that_it_is_closed(monkeypatch) -> None:
    engine, slept = MemoryEngine(), list[float]()
    monkeypatch.setattr(time, "sleep", slept.append)
    for _ in range(2):  # the second server leads from now on; the first may have closed the hour a moment ago
        store = RemoteMetricStore(engine, raw_retention=7 * DAY, rollup_retention=30 * DAY, clock=lambda: T0 + HOUR)
        store.append([one(T0 + 10, 1.0)])
        for _ in range(2):
            store.maintain(T0 + HOUR + 301)
    assert slept == [rollups.FRESH] * 2


def test_a_deletion_does_not_wait_for_the_rollups_of_all_applications() -> None:
    engine, store = filled(T0 + HOUR)
    read, deletions = engine.read, list[threading.Thread]()

    def and_delete(*asked):
        if not deletions:
            deletions.append(threading.Thread(target=store.delete_app, args=("app199",)))
            deletions[0].start()
            while not store._rollups._interrupted.is_set():
                time.sleep(0.001)
        return read(*asked)

    engine.read = and_delete  # type: ignore[method-assign]
    store.maintain(T0 + HOUR + 301)
    deletions[0].join()
    assert 0 < rolled(engine) < 10
    store.maintain(T0 + HOUR + 301)
    assert rolled(engine) == 199
