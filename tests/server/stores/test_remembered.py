"""What is remembered of charts is what the engine would answer, whatever came late, was deleted, or moved the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_engine import MemoryEngine
from metric_backends import Backend
from summaries import one, total

from argus.server.stores.base import Appended, RangeAnswer, RangeQuery
from argus.server.stores.metrics.select import Grid
from argus.server.stores.remote import remembered, rollups
from argus.server.stores.remote import store as stores
from argus.server.stores.remote.engine import Tier
from argus.server.stores.remote.remembered import Closed, Question, Remembered, Table
from argus.server.stores.remote.store import RemoteMetricStore
from argus.server.stores.victoria.engine import VictoriaEngine
from argus.wire.columns import Kind, SeriesKey

HOUR, DAY = 3_600.0, 86_400.0
T0 = time.time() // DAY * DAY - 3 * DAY
WEEK = RangeQuery("shop", ("n",), T0, T0 + DAY, 300.0, "sum")


class World:
    """Servers over one engine, each with a clock of its own, which is off by so many seconds."""

    def __init__(self, *offsets: float) -> None:
        self.now = T0 + DAY
        self.offsets = offsets or (0.0,)
        self.engine = MemoryEngine()
        self.servers = [self.opened() for _ in self.offsets]

    def opened(self) -> RemoteMetricStore:
        return RemoteMetricStore(
            self.engine, raw_retention=2 * DAY, rollup_retention=4 * DAY, clock=lambda: self.now, fresh=0.0
        )

    def append(self, number: int, at: float, app: str, key: SeriesKey) -> None:
        self.servers[number].append([one(at, at - T0 + 1, app=app, key=key, kind=Kind.TIMING)])

    def made(self, number: int, what: str, *how: Any) -> bool:
        """Make a move; return whether a question, if it was one, was answered right."""
        match what, how:
            case "append", (at, place, app):
                self.append(number, T0 + 10 * at, app, SERIES[place])
            case "redo", (at,):
                self.append(number, T0 + 10 * at, "shop", SERIES[0])
                self.servers[number].maintain(self.now + self.offsets[number])
            case "maintain", ():
                self.servers[number].maintain(self.now + self.offsets[number])
            case "clock", (seconds,):
                self.now += seconds
            case "delete", (app,):
                self.servers[number].delete_app(app)
                for server in self.servers:
                    server.forget(app)
            case "ask", (query,):
                return self.same(self.servers[number].query(query))
        return True

    def same(self, answer: RangeAnswer) -> bool:
        """Return whether a server that remembers nothing answers the same."""
        fresh = self.opened().query(answer.query)
        return (
            fresh.tier == answer.tier
            and [(line.name, line.tags) for line in fresh.lines] == [(line.name, line.tags) for line in answer.lines]
            and all(
                np.allclose(mine.values, theirs.values, rtol=1e-12, atol=0, equal_nan=True)
                for mine, theirs in zip(answer.lines, fresh.lines, strict=True)
            )
        )


@pytest.fixture(autouse=True)
def _facts_are_read_at_every_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollups, "REFRESH", -1.0)


SERIES = [SeriesKey("n"), SeriesKey("n", (("i", "1"),)), SeriesKey("n", (("i", "2"),))]
QUERIES = st.builds(
    RangeQuery,
    st.sampled_from(["shop", "bank"]),
    st.just(("n",)),
    st.sampled_from([T0, T0 + 2.5 * HOUR, T0 + DAY / 2, T0 + DAY + 130]),
    st.sampled_from([T0 + DAY + 200, T0 + 1.4 * DAY, T0 + 2 * DAY]),
    st.sampled_from([120.0, 300.0, 900.0, 7_200.0, 10_800.0]),
    st.sampled_from(["sum", "avg", "last", "max", "count", "p50", "rate"]),
    st.sampled_from([(), ("i",)]),
    st.sampled_from([(), (("i", "1"),)]),
)
MOVES = st.one_of(
    st.tuples(st.just("append"), st.integers(0, 17_000), st.integers(0, 2), st.sampled_from(["shop", "bank"])),
    st.tuples(st.just("append"), st.integers(2_000, 2_800), st.integers(0, 2), st.just("shop")),
    st.tuples(st.just("ask"), QUERIES),
    st.tuples(st.just("ask"), QUERIES),
    st.tuples(st.just("maintain")),
    st.tuples(st.just("redo"), st.integers(2_000, 8_000)),
    st.tuples(st.just("clock"), st.sampled_from([-1.5 * DAY, -HOUR, 600.0, HOUR, 6 * HOUR, DAY])),
    st.tuples(st.just("delete"), st.sampled_from(["shop", "bank"])),
)


@pytest.mark.parametrize("offsets", [(0.0,), (0.0, 0.0), (0.0, 5_000.0)])
def test_what_is_remembered_is_what_a_server_that_remembers_nothing_answers(offsets: tuple[float, ...]) -> None:
    remembered_some: set[bool] = set()
    servers = len(offsets)

    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, servers - 1), MOVES), max_size=25), QUERIES)
    def check(moves, first) -> None:
        world = World(*offsets)
        for place, key in enumerate(SERIES):
            for at in range(0, 86_400, 5_400):
                world.append(0, T0 + at + 10 * place, "shop", key)
        world.servers[0].maintain(world.now)
        for number, move in [(0, ("ask", first)), *moves, *((n, ("ask", first)) for n in range(servers))]:
            assert world.made(number, *move)
        remembered_some.update(one.stats()["store.metrics.remembered_buckets"] > 0 for one in world.servers)

    check()
    assert True in remembered_some


def test_a_chart_that_is_refreshed_asks_for_its_open_end_only() -> None:
    world = World()
    store = world.servers[0]
    store.append([one(T0 + at, 1.0) for at in range(0, 86_400, 600)])
    store.maintain(world.now)
    assert total(store, WEEK) == 144.0
    del world.engine.asked[:]
    moved = replace(WEEK, start=WEEK.start + 600, end=WEEK.end + 600)
    assert total(store, moved) == 143.0
    assert sum(world.engine.asked) <= 2 * HOUR * 1000
    assert store.stats()["store.metrics.remembered_buckets"] == (23 * HOUR - 600) / 300


def test_late_rows_show_at_once_and_only_their_hour_is_asked_for_again() -> None:
    world = World()
    store = world.servers[0]
    store.append([one(T0 + at, 1.0) for at in range(0, 86_400, 600)])
    store.maintain(world.now)
    total(store, WEEK)
    store.append([one(T0 + 5 * HOUR, 7.0)])
    del world.engine.asked[:]
    assert total(store, WEEK) == 151.0
    assert sum(world.engine.asked) <= 3 * HOUR * 1000
    store.maintain(world.now)
    assert total(store, WEEK) == total(store, WEEK) == 151.0
    store.append([one(T0 + 5 * HOUR, 2.0), one(T0 + 9 * HOUR, 2.0)])
    store.maintain(world.now)
    assert total(store, WEEK) == 155.0


def test_what_retention_cuts_is_not_shown_any_more() -> None:
    world = World()
    store = world.servers[0]
    store.append([one(T0 + at, 1.0) for at in range(0, 86_400, 600)])
    store.maintain(world.now)
    total(store, WEEK)
    world.now += 3 * DAY + 5 * HOUR  # the last hour was not rolled up, so it goes with the raw rows
    assert total(store, WEEK) == total(world.opened(), WEEK) == 144 - (5 + 1) * 6


def test_an_application_that_is_deleted_while_it_is_asked_for_leaves_nothing() -> None:
    world = World()
    store = world.servers[0]
    store.append([one(T0, 1.0)])
    store.maintain(world.now)
    read = world.engine.read

    def and_delete(*asked):
        found = read(*asked)
        store.delete_app("shop")
        return found

    world.engine.read = and_delete  # type: ignore[method-assign]
    assert total(store, WEEK) == 1.0
    world.engine.read = read  # type: ignore[method-assign]
    store.append([one(T0 + DAY, 1.0)])
    assert store.query(WEEK).lines == ()


@pytest.mark.parametrize("agg", ["p50", "p99"])
def test_a_long_percentile_is_read_bit_by_bit_and_is_the_same(monkeypatch, agg: str) -> None:
    world, query = World(), replace(WEEK, agg=agg, group_by=("i",), step=900.0)
    for place, key in enumerate(SERIES):  # each begins some hours later than the one before
        for at in range(place * 20_000, 86_400, 700):
            world.append(0, T0 + at, "shop", key)
    world.servers[0].maintain(world.now)
    world.append(0, T0 + 40_000, "shop", SERIES[1])  # its hour is read raw
    whole = world.opened().query(query)
    monkeypatch.setattr(stores, "AT_ONCE", {Tier.RAW: 3_600_000, Tier.ROLLUP: 10_800_000})
    del world.engine.asked[:]
    assert world.same(whole)
    assert max(world.engine.asked) == 10_800_000


def test_what_a_backup_brought_back_under_a_server_is_not_hidden_by_what_it_remembers() -> None:
    world = World(0.0, 0.0)
    store, restoring = world.servers
    store.append([one(T0 + at, 1.0, seq=1 + at // 600) for at in range(0, 86_400, 600)])
    store.maintain(world.now)
    assert total(store, WEEK) == 144.0
    world.engine.delete_app("shop")
    restoring.append([one(T0 + at, 3.0, seq=1 + at // 600) for at in range(0, 43_200, 600)])
    restoring.maintain(world.now)
    rollups.tell_replaced(world.engine)
    assert total(store, WEEK) == 72 * 3.0
    assert store.append([one(T0 + 50_000, 1.0, seq=100)]) == [Appended.STORED]  # the mark is the backup's, too
    assert total(store, WEEK) == 72 * 3.0 + 1.0


QUESTION = Question("shop", ("n",), (), (), "sum", 300.0, Tier.ROLLUP)
CLOSED = Closed(until=1_000, open=frozenset(), versions={}, lasting=True)


def asking(memory: Remembered, question: Question = QUESTION, closed: Closed = CLOSED, size: int = 12) -> int:
    """Return how many buckets the engine was asked for."""
    asked = []

    def ask(grid: Grid) -> Table:
        asked.append(grid.size)
        return Table(((0, ()),), np.ones((1, grid.size)), np.ones((1, grid.size), bool))

    answer = memory.answer(question, Grid(0, 300_000, size), closed, lambda: 0, ask)
    assert answer.values.tolist() == [[1.0] * size]
    return sum(asked)


def test_what_not_every_process_can_read_yet_is_not_remembered() -> None:
    memory = Remembered()
    young = CLOSED._replace(lasting=False)
    assert [asking(memory, closed=young), asking(memory), asking(memory, closed=young)] == [12, 12, 0]


def test_after_an_hour_a_chart_is_asked_for_anew() -> None:
    now = [0.0]
    memory = Remembered(clock=lambda: now[0])
    asked = [asking(memory)]
    for moment in (remembered.LONGEST - 1, remembered.LONGEST):
        now[0] = moment
        asked.append(asking(memory))
    assert asked == [12, 0, 12]


def test_memory_is_bounded_and_the_chart_asked_for_last_stays() -> None:
    memory = Remembered(most_bytes=600)  # four charts of 12 buckets with a value, whether it is there, and is known
    questions = [QUESTION._replace(app=f"app{number}") for number in range(9)]
    for question in questions:
        asking(memory, question)
    assert memory.stats()["remembered_bytes"] <= 600
    assert [asking(memory, question) for question in (questions[-1], questions[0])] == [0, 12]
    assert [asking(memory, size=100), asking(memory, size=100)] == [100, 100]  # it would drive out all others


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch, remote: Backend) -> Callable[[], RemoteMetricStore]:
    monkeypatch.setattr(VictoriaEngine, "lag", 0.0)  # a single node shows all when it has settled
    return lambda: remote.open(clock=lambda: T0 + DAY)  # type: ignore[return-value]


@pytest.mark.parametrize("agg", ["avg", "last", "p90"])
def test_every_engine_is_remembered_as_it_answers(settled, agg: str) -> None:
    store = settled()
    query = replace(WEEK, agg=agg, group_by=("i",), step=900.0)
    rows = [one(T0 + 700 * k, 1.0 + k, key=SERIES[k % 3], kind=Kind.TIMING, seq=k + 1) for k in range(120)]
    store.append(rows)
    store.maintain(T0 + DAY)
    for seq in (200, 201):
        answers = [store.query(query) for _ in range(2)]
        fresh = settled()
        answers.append(fresh.query(query))
        fresh.close()
        for answer in answers[1:]:
            assert [line.tags for line in answer.lines] == [line.tags for line in answers[0].lines]
            for mine, theirs in zip(answer.lines, answers[0].lines, strict=True):
                np.testing.assert_allclose(mine.values, theirs.values, rtol=1e-12)
        store.append([one(T0 + 5 * HOUR, 50.0, key=SERIES[0], kind=Kind.TIMING, seq=seq)])
    assert store.stats()["store.metrics.remembered_buckets"] > 80
    store.close()
