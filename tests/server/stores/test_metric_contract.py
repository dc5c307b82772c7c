"""The contract of metric stores, over every backend: a store against a plain reference that keeps all in a list."""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import summaries
from hypothesis import given, settings
from hypothesis import strategies as st
from metric_backends import Backend
from summaries import one, section

from argus.errors import QueryError
from argus.server.stores.base import Appended, MetricBatch, MetricStore, RangeQuery
from argus.wire.columns import Kind, SeriesKey

HOUR, DAY = 3600.0, 86_400.0
T0 = time.time() // DAY * DAY - 4 * DAY
"""A midnight that no engine's retention has passed yet: engines go by the machine's clock, whatever ours says."""


class Reference:
    """Every recorded window in a list; answers by walking through all of it."""

    def __init__(self) -> None:
        self.windows: list[tuple[str, str, float, Kind, SeriesKey, list[float]]] = []

    def query(self, query: RangeQuery) -> dict[tuple[str, tuple[tuple[str, str], ...]], dict[float, float]]:
        first = math.floor(query.start / query.step) * query.step
        cells: dict[Any, list[tuple[float, Kind, list[float]]]] = defaultdict(list)
        for app, host, at, kind, key, values in self.windows:
            tags = {"host": host, **dict(key.tags)}
            if (
                app != query.app
                or key.name not in query.names
                or not first <= at < math.ceil((query.end - first) / query.step) * query.step + first
            ):
                continue
            if any(tags.get(name) != value for name, value in query.tags):
                continue
            group = tuple((name, tags[name]) for name in query.group_by if name in tags)
            bucket = math.floor((at - first) / query.step) * query.step + first
            cells[(key.name, group), bucket].append((at, kind, values))
        found: dict[Any, dict[float, float]] = defaultdict(dict)
        for (line, bucket), windows in cells.items():
            found[line][bucket] = self._value(query, windows)
        return found

    @staticmethod
    def _value(query: RangeQuery, windows: list[tuple[float, Kind, list[float]]]) -> float:
        everything = [value for _, _, values in windows for value in values]
        totals = [math.fsum(values) for _, _, values in windows]
        counter = windows[0][1] is Kind.COUNTER
        if query.agg.startswith("p"):
            return sorted(everything)[max(1, math.ceil(float(query.agg[1:]) / 100 * len(everything))) - 1]
        return {
            "sum": math.fsum(everything),
            "rate": math.fsum(everything) / query.step,
            "count": float(len(everything)),
            "avg": math.fsum(everything) / len(everything),
            "min": min(totals if counter else everything),
            "max": max(totals if counter else everything),
        }[query.agg]


VALUES = st.lists(st.integers(0, 5000).map(lambda n: n / 100), min_size=1, max_size=5)
KEYS = [SeriesKey("orders", (("shop", shop),)) for shop in ("oslo", "bergen")] + [SeriesKey("orders"), SeriesKey("cpu")]
WINDOWS = st.tuples(
    st.sampled_from(["a", "b"]),
    st.integers(0, 3 * 8640).map(lambda n: T0 + 10 * n),
    st.sampled_from(Kind),
    st.dictionaries(st.sampled_from(KEYS), VALUES, min_size=1, max_size=3),
)
QUERIES = st.builds(
    RangeQuery,
    app=st.just("shop"),
    names=st.sampled_from([("orders-3",), ("orders-1", "cpu-2"), ("cpu-1",)]),
    start=st.integers(0, 100).map(lambda n: T0 + n * 1000),
    end=st.integers(1, 150).map(lambda n: T0 + 100_000 + n * 1000),
    step=st.sampled_from([10.0, 60.0, 300.0, 3600.0, 86_400.0]),
    agg=st.sampled_from(["sum", "rate", "count", "avg", "min", "max"]),
    group_by=st.sampled_from([(), ("shop",), ("host",), ("shop", "host")]),
    tags=st.sampled_from([(), (("shop", "oslo"),), (("host", "a"),)]),
)


def test_a_store_answers_like_the_reference(make_backend, request: pytest.FixtureRequest) -> None:
    fronted = "1.8" in request.node.name  # it differs from 1.6 in how it is written, not in how it answers
    examples = 40 if "sqlite" in request.node.name else 10 if fronted else 20  # of an engine, each is many requests

    @settings(max_examples=examples, deadline=None)
    @given(
        windows=st.lists(WINDOWS, min_size=1, max_size=25),
        queries=st.lists(QUERIES, min_size=1, max_size=6),
        sealed=st.integers(0, 4),
        reopened=st.booleans(),
    )
    def check(windows, queries, sealed, reopened) -> None:
        backend: Backend = make_backend()
        store, reference = backend.open(raw_retention=30 * DAY, clock=lambda: T0 + 3 * DAY), Reference()
        for number, (host, at, kind, found) in enumerate(windows):
            rows = [(SeriesKey(f"{key.name}-{int(kind)}", key.tags), values) for key, values in found.items()]
            store.append([MetricBatch("shop", host, at, at + 10, (section(kind, rows),))])
            reference.windows += [("shop", host, at, kind, key, values) for key, values in rows]
            if sealed and number % sealed == 0:
                store.maintain(at + HOUR)
        if sealed:
            store.maintain(T0 + 5 * DAY)
        if reopened:
            store.close()
            store = backend.open(raw_retention=30 * DAY, clock=lambda: T0 + 3 * DAY)
        for query in queries:
            answer = store.query(query)
            found = {
                (line.name, tuple(line.tags.items())): {
                    t: v for t, v in zip(line.times.tolist(), line.values.tolist(), strict=True) if not math.isnan(v)
                }
                for line in answer.lines
            }
            expected = reference.query(query)
            assert found.keys() == expected.keys()
            for line, cells in expected.items():
                assert found[line] == pytest.approx(cells, rel=1e-9)
        store.close()

    check()


@pytest.fixture
def store(backend: Backend) -> Iterator[MetricStore]:
    made = backend.open(clock=lambda: T0 + DAY)
    yield made
    made.close()


def total(store: MetricStore, agg: str = "sum", step: float = 60.0, app: str = "shop") -> float:
    return summaries.total(store, RangeQuery(app, ("n",), T0 - DAY, T0 + 3 * DAY, step, agg))


def test_percentiles_are_those_of_all_values_within_the_sketchs_bound(store) -> None:
    chance = np.random.default_rng(4)
    everything: list[float] = []
    for number in range(60):
        values = chance.lognormal(-4, 1, 30).tolist()
        everything += values
        store.append(
            [
                MetricBatch(
                    "shop",
                    "ab"[number % 2],
                    T0 + number * 10,
                    T0 + number * 10 + 10,
                    (section(Kind.TIMING, [(SeriesKey("t"), values)]),),
                )
            ]
        )
    for sealed in (False, True):
        if sealed:
            store.maintain(T0 + 2 * DAY)
        for q in (0.5, 0.9, 0.99, 0.999):
            exact = sorted(everything)[math.ceil(q * len(everything)) - 1]
            answer = store.query(RangeQuery("shop", ("t",), T0, T0 + HOUR, 3600.0, f"p{q * 100:g}"))
            assert float(answer.lines[0].values[0]) == pytest.approx(exact, rel=1 / 128)
            assert answer.tier == "5m"


def test_a_distribution_counts_every_value_in_its_row_and_bucket(store) -> None:
    chance = np.random.default_rng(5)
    everything = []
    for number in range(12):
        values = [0.0, *chance.lognormal(-4, 2, 30).tolist()]
        everything += [(number // 6, value) for value in values]
        key = SeriesKey("t", (("route", "/ab"[number % 3 :]),))
        rows = (section(Kind.TIMING, [(key, values)]), section(Kind.COUNTER, [(SeriesKey("n"), values)]))
        store.append([MetricBatch("shop", "ab"[number % 2], T0 + number * 50, T0 + number * 50 + 10, rows)])
    query = RangeQuery("shop", ("t",), T0, T0 + 600, 300.0)
    for sealed in (False, True):
        if sealed:
            store.maintain(T0 + 2 * DAY)
        found = store.distribution(query)
        assert found.times.tolist() == [T0, T0 + 300]
        assert found.bounds[0] == 0.0
        assert len(found.bounds) <= 50
        rows_of = np.searchsorted(found.bounds, [value for _, value in everything], side="right") - 1
        expected = np.zeros((2, len(found.bounds) - 1), np.int64)
        np.add.at(expected, (np.array([bucket for bucket, _ in everything]), rows_of), 1)
        assert found.counts.tolist() == expected.tolist()
    assert store.distribution(replace(query, names=("nothing",))).counts.size == 0
    with pytest.raises(QueryError, match="only timings"):
        store.distribution(replace(query, names=("n",)))


def test_a_repeat_is_told_apart_also_after_a_restart(backend) -> None:
    store = backend.open()
    assert store.append([one(T0, seq=1), one(T0, seq=1), one(T0, seq=2)]) == [
        Appended.STORED,
        Appended.DUPLICATE,
        Appended.STORED,
    ]
    store.close()
    store = backend.open()
    assert store.append([one(T0, seq=2)]) == [Appended.DUPLICATE]
    assert total(store) == 2.0
    store.close()


def test_the_series_are_listed_by_name_tags_and_host_with_when_they_were_last_seen(store) -> None:
    tagged = SeriesKey("n", (("a", "b"),))
    store.append([one(T0, key=tagged), one(T0), one(T0, host="g"), one(T0, key=SeriesKey("m"), kind=Kind.GAUGE)])
    store.append([one(T0 + HOUR)])
    for _ in range(2):
        found = store.series("shop")
        assert [(info.name, info.tags, info.kind, info.host) for info in found] == [
            ("m", {}, Kind.GAUGE, "h"),
            ("n", {}, Kind.COUNTER, "g"),
            ("n", {}, Kind.COUNTER, "h"),
            ("n", {"a": "b"}, Kind.COUNTER, "h"),
        ]
        assert found[2].last_seen == pytest.approx(T0 + HOUR, abs=300)  # a window, or a rollup
        assert found[0].last_seen == pytest.approx(T0, abs=300)
        store.maintain(T0 + DAY)


def test_late_rows_join_hours_that_are_sealed(store) -> None:
    store.append([one(T0)])
    store.maintain(T0 + 2 * HOUR)
    store.append([one(T0 + 20)])
    store.maintain(T0 + 3 * HOUR)
    store.maintain(T0 + 2 * DAY)
    assert total(store) == total(store, step=3600.0) == 2.0


def test_both_tiers_agree_where_both_exist(store) -> None:
    store.append([one(T0 + number * 10, value=number / 100) for number in range(720)])
    store.maintain(T0 + DAY)
    for agg in ("sum", "avg", "min", "max", "count", "last"):
        fine = store.query(RangeQuery("shop", ("n",), T0, T0 + 7200, 300.0, agg))
        raw = store.query(RangeQuery("shop", ("n",), T0, T0 + 7200, 100.0, agg))
        assert (fine.tier, raw.tier) == ("5m", "raw")
        if agg in {"sum", "count"}:
            assert np.nansum(fine.lines[0].values) == pytest.approx(np.nansum(raw.lines[0].values))
        if agg == "max":
            assert np.nanmax(fine.lines[0].values) == np.nanmax(raw.lines[0].values)


def test_old_rows_go_raw_first_and_rollups_later(backend) -> None:
    now = [T0 + DAY]
    store = backend.open(clock=lambda: now[0])
    store.append([one(T0)])
    for days, expected in ((1, 1.0), (10, 1.0), (40, 0.0)):
        now[0] = T0 + days * DAY
        store.maintain(now[0])
        assert total(store, step=3600.0) == expected
    assert store.query(RangeQuery("shop", ("n",), T0, T0 + DAY, 10.0, "sum")).lines == ()
    store.close()


def test_a_store_that_can_be_written_passes_the_check_and_holds_nothing_of_it(store) -> None:
    store.check()
    store.append([one(T0)])
    store.check()
    assert [info.name for info in store.series("shop")] == ["n"]


def test_deleting_an_application_leaves_the_others(store) -> None:
    store.append([one(T0), one(T0 + HOUR), one(T0, app="other")])
    store.maintain(T0 + HOUR + 400)
    store.append([one(T0 + HOUR, app="other"), one(T0 + 2 * HOUR)])
    store.delete_app("shop")
    assert total(store) == 0.0
    assert store.series("shop") == []
    assert total(store, app="other") == 2.0


@pytest.mark.parametrize("step", [60.0, 3600.0])
def test_a_question_about_nothing_has_no_lines(store, step: float) -> None:
    store.append([one(T0)])
    for app, names in (("shop", ()), ("shop", ("m",)), ("other", ("n",))):
        assert store.query(RangeQuery(app, names, T0, T0 + DAY, step)).lines == ()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"agg": "median"}, "agg"),
        ({"agg": "p99"}, "agg"),
        ({"step": 0.0}, "step"),
        ({"step": math.nan}, "step"),
        ({"step": 0.5}, "step"),
        ({"end": T0 - 5 * DAY}, "end"),
        ({"start": math.nan}, "end"),
    ],
)
def test_a_wrong_question_is_named(store, change: dict[str, Any], where: str) -> None:
    store.append([one(T0)])
    asked = {"app": "shop", "names": ("n",), "start": T0, "end": T0 + 3 * DAY, "step": 60.0, "agg": "sum", **change}
    with pytest.raises(QueryError) as wrong:
        store.query(RangeQuery(**asked))
    assert wrong.value.where == where


def test_readers_always_see_every_acknowledged_row_while_the_writer_seals(store) -> None:
    stored, problems, done = [0], [], threading.Event()

    def read() -> None:
        while not done.is_set():
            least = stored[0]
            found = total(store)
            if found < least:
                problems.append((least, found))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(60):
        store.append([one(T0 + number * 150)])
        stored[0] += 1
        if number % 4 == 0:
            store.maintain(T0 + number * 150 + HOUR)
    done.set()
    for reader in readers:
        reader.join()
    assert problems == []
