"""How long data are kept, over every backend: tiers that agree, expiry by a moved clock, what deleting takes along."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import record_backends
from influx import Influx
from metric_backends import Backend, InfluxBackend, Sqlite
from summaries import one, section

from argus.server.stores.base import App, Appended, Key, LogBatch, LogQuery, MetricBatch, MetricStore, RangeQuery
from argus.wire.columns import Kind, LogLine, SeriesKey

HOUR, DAY = 3600.0, 86_400.0
T0 = time.time() // DAY * DAY - 4 * DAY
"""Within every engine's retention: engines go by the machine's clock, whatever ours says."""

HOURS = 2
KEYS = {Kind.COUNTER: "orders", Kind.GAUGE: "cpu", Kind.TIMING: "t"}
AGGREGATIONS = ["count", "sum", "min", "max", "avg", "last", "p50", "p90", "p99"]


def history(app: str = "shop") -> list[MetricBatch]:
    """Return windows of two hosts, all in the first minute of each five: so raw minutes tell what rollups should."""
    chance = np.random.default_rng(7)
    batches = []
    for place in range(HOURS * 12):
        for window in range(3):
            for number, host in enumerate("ab"):
                at = T0 + place * 300 + window * 20 + number * 5
                sections = tuple(
                    section(kind, [(SeriesKey(name), chance.lognormal(-3, 1, 4).tolist())])
                    for kind, name in KEYS.items()
                )
                seq = place * 3 + window + 1
                batches.append(MetricBatch(app, host, at, at + 10, sections, f"i-{host}", seq))
    return batches


def cells(store: MetricStore, query: RangeQuery, tier: str) -> dict[tuple[str, str], dict[float, float]]:
    """Return the values of an answer by name, host and time; it must come from the tier."""
    answer = store.query(query)
    assert answer.tier == tier
    return {
        (line.name, line.tags.get("host", "")): {
            at: value
            for at, value in zip(line.times.tolist(), line.values.tolist(), strict=True)
            if not np.isnan(value)
        }
        for line in answer.lines
    }


def question(agg: str, step: float) -> RangeQuery:
    names = ("t",) if agg.startswith("p") else tuple(KEYS.values())
    return RangeQuery("shop", names, T0, T0 + HOURS * HOUR, step, agg)


def groupings(agg: str) -> list[tuple[str, ...]]:
    """Return what to group by: the last of several series is that of any of them, for rollups know no moments."""
    return [("host",)] if agg == "last" else [(), ("host",)]


def agree(one: dict[tuple[str, str], dict[float, float]], other: dict[tuple[str, str], dict[float, float]]) -> None:
    assert one.keys() == other.keys()
    for line, values in one.items():
        assert values == pytest.approx(other[line], rel=1e-9)


@pytest.fixture
def moved(backend: Backend) -> Iterator[tuple[MetricStore, list[float]]]:
    """A store with a history, and its clock."""
    now = [T0 + DAY]
    store = backend.open(clock=lambda: now[0])
    store.append(history())
    yield store, now
    store.close()


def test_the_coarse_tier_agrees_with_the_fine_one_and_still_answers_when_that_is_gone(moved) -> None:
    """Every aggregation, over all hosts and by host: before the rollup, after it, and after raw rows are past."""
    store, now = moved
    asked = [replace(question(agg, 300.0), group_by=by) for agg in AGGREGATIONS for by in groupings(agg)]
    unrolled = [cells(store, query, "5m") for query in asked]
    assert all(len(values) == HOURS * 12 for lines in unrolled for values in lines.values())
    store.maintain(now[0])
    for query, before in zip(asked, unrolled, strict=True):
        coarse = cells(store, query, "5m")
        agree(coarse, before)
        agree(coarse, cells(store, replace(query, step=60.0), "raw"))
    now[0] = T0 + 10 * DAY
    store.maintain(now[0])
    for query, before in zip(asked, unrolled, strict=True):
        agree(cells(store, query, "5m"), before)
        agree(cells(store, replace(query, step=60.0), "5m"), before)


def test_long_steps_are_merged_from_the_coarse_tier_as_from_the_fine_one(moved) -> None:
    store, now = moved
    asked = [
        replace(question(agg, step), group_by=groupings(agg)[-1])
        for agg in AGGREGATIONS
        for step in (900.0, 3600.0, 86_400.0)
    ]
    before = [cells(store, query, "5m") for query in asked]
    store.maintain(now[0])
    now[0] = T0 + 10 * DAY
    for query, found in zip(asked, before, strict=True):
        agree(cells(store, query, "5m"), found)


def test_after_the_rollups_retention_nothing_is_left_not_even_the_series(moved) -> None:
    store, now = moved
    store.maintain(now[0])
    now[0] = T0 + 31 * DAY
    store.maintain(now[0])
    assert [store.query(question(agg, step)).lines for agg in ("sum", "p50") for step in (60.0, 3600.0)] == [()] * 4
    assert store.series("shop") == []


def test_the_embedded_store_really_drops_what_is_past(tmp_path) -> None:
    backend, now = Sqlite(tmp_path), [T0 + DAY]
    store = backend.open(clock=lambda: now[0])
    store.append(history())
    for days, kept in ((1, {"raw", "5m", "series", "marks"}), (9, {"5m", "series", "marks"}), (32, set())):
        now[0] = T0 + days * DAY
        store.maintain(now[0])
        assert set(backend.kept("shop")) == kept
    store.append([one(now[0], key=SeriesKey("orders"), host="a")])  # as if it had never been there
    assert [info.name for info in store.series("shop")] == ["orders"]
    store.close()


def test_influxdb_drops_what_a_shorter_retention_no_longer_covers(influx: Influx) -> None:
    """Its own clock cannot be moved, so the data are old: ten days, at a raw retention of thirty and then of seven."""
    backend = InfluxBackend(influx.port)
    old = time.time() // DAY * DAY - 10 * DAY
    store = backend.open(raw_retention=30 * DAY)
    store.append([one(old, seq=1)])
    store.maintain(time.time())
    store.close()
    assert backend.kept("shop").keys() == {"raw", "5m", "facts"}
    store = backend.open()
    store.append([one(time.time() - 60, app="other")])
    deadline = time.monotonic() + 20
    while "raw" in backend.kept("shop"):
        assert time.monotonic() < deadline, "the engine keeps what is past its retention"
        time.sleep(0.05)  # the engine looks once a second, and tells nobody
    coarse = store.query(RangeQuery("shop", ("n",), old, old + DAY, 3600.0, "sum"))
    assert float(np.nansum(coarse.lines[0].values)) == 1.0
    assert backend.kept("other").keys() == {"raw", "facts"}
    store.close()


def test_a_deleted_applications_rows_rollups_sketches_and_marks_go_and_its_neighbours_stay(backend: Backend) -> None:
    """Two applications that are alike in everything but the name; some of their rows are rolled up, some are not."""
    store = backend.open(clock=lambda: T0 + DAY)
    for app in ("shop", "shop2"):
        store.append(history(app))
    store.maintain(T0 + DAY)
    late = [one(T0 + 2 * HOUR, app=app, key=SeriesKey("orders"), seq=500, instance="late") for app in ("shop", "shop2")]
    store.append(late)
    store.close()  # writes the delivery marks that wait
    store = backend.open(clock=lambda: T0 + DAY)

    asked = [
        replace(question(agg, step), group_by=groupings(agg)[-1]) for agg in AGGREGATIONS for step in (60.0, 3600.0)
    ]

    def answers(store: MetricStore, app: str) -> list[float]:
        """Return everything an application is asked for in one row."""
        lines = [line for query in asked for line in store.query(replace(query, app=app)).lines]
        return [value for line in lines for value in np.nan_to_num(line.values).tolist()]

    before, kept, series = answers(store, "shop2"), backend.kept("shop2"), store.series("shop2")
    assert answers(store, "shop") == pytest.approx(before)
    store.delete_app("shop")
    assert backend.kept("shop") == {}
    assert backend.kept("shop2") == kept
    again = backend.open(clock=lambda: T0 + DAY)
    for opened in (store, again):
        assert answers(opened, "shop") == []
        assert opened.series("shop") == []
        assert answers(opened, "shop2") == pytest.approx(before)
        assert opened.series("shop2") == series
    again.close()
    assert store.append(late) == [Appended.STORED, Appended.DUPLICATE]
    store.close()


@pytest.mark.parametrize("kind", record_backends.NAMES)
def test_a_deleted_applications_lines_keys_and_marks_go_and_its_neighbours_stay(
    kind: str, tmp_path: Path, request
) -> None:
    store = record_backends.backend(kind, tmp_path, request).open(log_retention=3 * DAY, clock=lambda: T0)
    apps, made = ("shop", "shop2"), {}
    for app in apps:
        made[app] = Key(app.encode().ljust(32, b"."), app, app, T0)
        store.create_app(App(app, app, T0), made[app])
    lines = [LogLine(T0, "ERROR", "payment failed", "pay", {"order": 7})]
    batches = [LogBatch(app, "web-1", lines, "web:1", 9) for app in apps]
    store.append(batches)
    asked = (LogQuery(q="payment"), LogQuery(q="level:error"), LogQuery(q="order"), LogQuery(levels=("ERROR",)))
    store.delete_app("shop", T0)
    store.purge("shop")
    assert (list(store.keys()), [app.app_id for app in store.apps()]) == ([made["shop2"]], ["shop2"])
    for query in asked:
        assert [found.app for found in store.search(query).lines] == ["shop2"]
        assert store.search(replace(query, app="shop")).lines == []
    assert store.stats()["store.records.log_lines"] == 1
    assert store.append(batches) == [Appended.STORED, Appended.DUPLICATE]
    store.close()


@pytest.mark.parametrize("kind", record_backends.NAMES)
def test_log_lines_past_their_retention_give_their_room_back(kind: str, tmp_path: Path, request) -> None:
    now = [T0]
    store = record_backends.backend(kind, tmp_path, request).open(log_retention=30 * DAY, clock=lambda: now[0])
    for day in (0, 20):
        now[0] = T0 + day * DAY
        text = f"day {day} " + "x" * 200
        store.append([LogBatch("shop", "h", [LogLine(now[0], "INFO", text)] * 200, f"i{day}", 1)])
    for day, left in ((29, 400), (31, 200), (51, 0)):
        now[0] = T0 + day * DAY
        store.maintain(now[0])
        assert store.stats()["store.records.log_lines"] == left
    first = LogBatch("shop", "h", [LogLine(now[0], "INFO", "again")], "i0", 1)
    assert store.append([first]) == [Appended.STORED]  # its mark is older than any batch a sender could repeat
    store.close()
