"""The metric stores: ingestion beside the engine's own, and a dashboard's queries. ``-k VictoriaMetrics`` runs one.

What a server takes over HTTP is compared with what its engine takes as line protocol: the very lines that the server
writes, the same number of connections, in turns. The hour is an open one and nothing is backed up, so that nobody works
on what came before. Two ratios: by the clock, and by the processor time of all processes but the load's, which other
work on the machine changes little. Queries go to the store, 25 times each: cold, as the first who opens a
chart waits, and warm, as a chart that is open is refreshed.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from influx import Influx
from loaded_server import LoadedServer, processor_seconds, send
from victoria import Victoria

from argus.server.query import nice_step
from argus.server.stores.base import MetricBatch, MetricStore, RangeQuery
from argus.server.stores.influx.engine import InfluxEngine
from argus.server.stores.influx.slots import SLOTS
from argus.server.stores.metrics.rows import EMPTY
from argus.server.stores.metrics.store import SqliteMetricStore
from argus.server.stores.remote import lines, names
from argus.server.stores.remote.engine import Tier
from argus.server.stores.remote.store import RemoteMetricStore
from argus.server.stores.victoria.engine import VictoriaEngine
from argus.server.stores.victoria.recent import HELD_SECONDS
from argus.wire.columns import KeySet, Kind, Section, SeriesKey, Sketches

Claim = Callable[..., None]

DAY = 86_400.0
RETENTION = {Tier.RAW: 10 * DAY, Tier.ROLLUP: 30 * DAY}
CONNECTIONS = 4
SERIES = 1_000
"""Of one connection, and summaries of one body."""

BODIES = 40
"""Of one connection in one round, a second apart."""

ROUNDS = 8
TIMES = 25
"""That a chart is asked for, cold and again warm."""

SETTLE_SECONDS = 1.5
"""After which VictoriaMetrics has sorted in what it took; it must not be counted for the other side."""

APPLICATIONS = 200
"""Whose rollups are made."""

APPLICATION_SERIES = int(os.environ.get("ARGUS_BENCH_SERIES", "20"))
"""Of each; a fifth of them timings. 200, which take minutes to store, are what ``cost_per_application.py`` has."""

HOUR_WINDOWS = 360
WINDOWS_AT_ONCE = 30

CHANCE = np.random.default_rng(6)
KEYS = KeySet(tuple(SeriesKey(f"metric{i % 200}", (("shop", f"s{i // 200}"),)) for i in range(SERIES)))
WIRE_KEYS = [f"{key.name}{{shop={key.tags[0][1]}}}" for key in KEYS.keys]


class Engine:
    """A running engine: where a store finds it, and where it takes the lines that :func:`own_lines` makes for it."""

    def __init__(self, process: Influx | Victoria, url: str, path: str) -> None:
        assert process.process is not None
        self.url = url
        self.port = process.port
        self.path = path
        self.pid = process.process.pid


@contextlib.contextmanager
def running(name: str, folder: Path) -> Iterator[Engine]:
    """Run an engine."""
    folder.mkdir()
    if name == "InfluxDB":
        with Influx(folder) as influx:
            influx.query("CREATE DATABASE own WITH DURATION 7d")  # as long as the server keeps its raw rows
            yield Engine(influx, f"influxdb://127.0.0.1:{influx.port}/argus", "/write?db=own&precision=ns")
        return
    with Victoria(folder) as victoria:
        yield Engine(victoria, f"victoriametrics://127.0.0.1:{victoria.port}", "/write?precision=ms")


def gauges(keys: KeySet) -> Section:
    """Return a window of gauges that were set several times, rounded to two decimals."""
    low = np.round(CHANCE.uniform(0, 1000, len(keys.keys)), 2)
    high = low + np.round(CHANCE.uniform(0, 10, len(low)), 2)
    counts = CHANCE.integers(2, 50, len(low))
    return Section(Kind.GAUGE, keys, counts, np.round(low * counts, 2), low, high, high)


def timings(keys: KeySet) -> Section:
    """Return a window of timings with 20 bins each."""
    size, bins = len(keys.keys), 20
    flat = np.empty((size, bins, 2), np.uint32)
    flat[:, 0, 0] = 64_900
    flat[:, 1:, 0] = CHANCE.integers(1, 9, (size, bins - 1))
    flat[:, :, 1] = CHANCE.integers(1, 9, (size, bins))
    counts = flat[:, :, 1].sum(axis=1).astype(np.int64)
    low, high = np.full(size, 0.01), np.full(size, 0.1)
    mean = np.full(size, 0.04)
    sketches = Sketches(np.full(size, bins, np.uint32), flat.reshape(-1))
    return Section(Kind.TIMING, keys, counts, mean * counts, low, high, mean, sketches)


def own_lines(engine: str, section: Section, host: str, at: float) -> bytes:
    """Return summaries as the server writes them, of another application: in InfluxDB the time tells who sent them."""
    tags = [lines.encoded_tags(names.tags_of(names.Series("owned", host, Kind.GAUGE, key))) for key in KEYS.keys]
    times = np.full(SERIES, round(at * 1000))
    columns = (section.count, section.sum, section.min, section.max, section.last)
    block = lines.Block((), tags, times, *columns, None, EMPTY.flat)
    head, unit = b"metrics", SLOTS
    if engine == "VictoriaMetrics":
        head, unit = head + lines.encoded_tags({"instance": host}), 1
    return b"\n".join(lines.encode(head, block, times * unit, lambda _: ()))


def wire_body(section: Section, host: str, at: float, seq: int) -> bytes:
    """Return the same summaries as an application sends them."""
    columns = {name: getattr(section, name).tolist() for name in ("count", "sum", "min", "max", "last")}
    window = {"instance": host, "seq": seq, "host": host, "start": at, "end": at + 10}
    return json.dumps({**window, "gauges": {"keys": WIRE_KEYS, **columns}}).encode()


class Side(NamedTuple):
    """Seconds by the clock, and processor seconds."""

    seconds: float
    engine: float
    server: float


def spent(work: Callable[[], float], engine: int, server: int) -> Side:
    """Return how long work took, and the processor seconds of two processes for it and what they put off."""
    before = processor_seconds(engine), processor_seconds(server)
    seconds = work()
    time.sleep(SETTLE_SECONDS)
    return Side(seconds, processor_seconds(engine) - before[0], processor_seconds(server) - before[1])


@pytest.mark.parametrize("name", ["InfluxDB", "VictoriaMetrics"])
def test_ingestion_as_a_share_of_the_engines_own(name: str, tmp_path: Path, claim: Claim) -> None:
    """The same summaries as line protocol to the engine and over HTTP to the server, in turns."""
    with (
        running(name, tmp_path / "engine") as engine,
        LoadedServer(tmp_path / "data", ARGUS_METRICS_URL=engine.url, ARGUS_BACKUP_EVERY_DAYS="0") as server,
    ):
        start = time.time() // 3600 * 3600
        both: list[tuple[Side, Side]] = []
        for number in range(ROUNDS):
            own: list[list[bytes]] = []
            wire: list[list[bytes]] = []
            for connection in range(CONNECTIONS):
                seqs = range(number * BODIES + 1, (number + 1) * BODIES + 1)
                windows = [(gauges(KEYS), f"h{connection}", start + seq, seq) for seq in seqs]
                own.append([own_lines(name, section, host, at) for section, host, at, _ in windows])
                wire.append([wire_body(*window) for window in windows])
            pids = (engine.pid, server.process.pid)
            turns = [partial(send, engine.port, engine.path, own, {}), partial(server.send, "/api/v1/metrics", wire)]
            sides = [spent(turn, *pids) for turn in turns[:: -1 if number % 2 else 1]]
            direct, through = sides[:: -1 if number % 2 else 1]
            if number > 1:  # the first ones make series
                both.append((direct, through))
    shares = [direct.seconds / through.seconds for direct, through in both]
    own_work, our_work = (sum(side.engine for side, _ in both), sum(side.engine + side.server for _, side in both))
    summaries = CONNECTIONS * BODIES * SERIES
    rates = [summaries / through.seconds for _, through in both]
    each = 1e6 / summaries / len(both)
    claim(f"{name}: ingest over HTTP ÷ the engine's own", statistics.median(shares), 0.6, "x", at_least=True)
    claim(f"{name}: the same by processor time", own_work / our_work, 0.6, "x", at_least=True)
    claim(f"{name}: ingest over HTTP", statistics.median(rates), 5_000, "summaries/s", at_least=True)
    claim(f"{name}: Argus' processor time of a summary", each * sum(side.server for _, side in both), 2, "µs")


@pytest.fixture(scope="module", params=["embedded", "InfluxDB", "VictoriaMetrics"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MetricStore]:
    """A store of each kind, with a week of data."""
    folder = tmp_path_factory.mktemp("store")
    with contextlib.ExitStack() as stack:
        made: MetricStore
        if request.param == "embedded":
            made = SqliteMetricStore(folder / "metrics.db", raw_retention=10 * DAY)
        else:
            url = stack.enter_context(running(request.param, folder / "engine")).url
            engine = InfluxEngine(url, RETENTION) if request.param == "InfluxDB" else VictoriaEngine(url)
            made = RemoteMetricStore(engine, raw_retention=10 * DAY, rollup_retention=30 * DAY)
        stack.callback(made.close)
        fill(made)
        yield made


def fill(store: MetricStore) -> None:
    """Store 7 days of 20 series at 10 s, half of them timings, and let it be rolled up but for the last hour.

    That one is open, as it is for the server until five minutes after the hour: the most that a warm chart asks for.
    """
    shown = KeySet(tuple(SeriesKey("shown", (("i", str(i)),)) for i in range(10)))
    timed = KeySet(tuple(SeriesKey("timed", (("i", str(i)),)) for i in range(10)))
    end = time.time() // 3600 * 3600
    count, per_commit = round(7 * DAY / 10), 300
    for first in range(0, count, per_commit):
        batches = []
        for k in range(first, min(first + per_commit, count)):
            at = end - 7 * DAY + 10 * k
            batches.append(MetricBatch("chart", "h", at, at + 10, (gauges(shown), timings(timed)), "i", k + 1))
        store.append(batches)
    done = -1.0
    # For as long as one run may take, as often as it takes.
    while done != (done := sum(store.stats().get(f"store.metrics.{n}", 0) for n in ("rolled_up_rows", "sealed_rows"))):
        store.maintain(end)
    time.sleep(HELD_SECONDS + 1)  # what a server rolls up in a minute is little, a week is not: let it be the engine's


@pytest.mark.parametrize(("name", "agg"), [("shown", "avg"), ("timed", "p99")])
def test_range_queries(store: MetricStore, name: str, agg: str, request: pytest.FixtureRequest, claim: Claim) -> None:
    """A chart of 10 series: a mean and a percentile, at the steps that the server picks.

    Cold: nothing of it is remembered. Warm: it was asked for before, and has moved on by a step since.
    """
    kind = request.node.callspec.params["store"]
    end = time.time() // 3600 * 3600
    for label, span in (("1 h", 3_600.0), ("24 h", DAY), ("7 d", 7 * DAY)):
        step = nice_step(span)
        query = RangeQuery("chart", (name,), end - span, end, step, agg, ("i",))
        timed(store, query)  # the first one of all may find the engine not ready
        cold, worked = [], time.process_time()
        for _ in range(TIMES):
            if isinstance(store, RemoteMetricStore):
                store._remembered.forget(query.app)  # noqa: SLF001  # the facts stay, as they do in a server
            cold.append(timed(store, query))
        worked = (time.process_time() - worked) / TIMES * 1000
        claim(f"{kind}: {agg} of 10 series, {label} at {step:.0f} s, cold, p95", p95(cold), 200, "ms")
        claim(f"{kind}: the same, Argus' processor time", worked, 200, "ms")
        if isinstance(store, RemoteMetricStore):  # the embedded one reads its own file as fast
            moved = [replace(query, start=query.start + step * (k % 2), end=end + step * (k % 2)) for k in range(TIMES)]
            warm = [timed(store, one) for one in moved]
            claim(f"{kind}: {agg} of 10 series, {label} at {step:.0f} s, warm, p95", p95(warm), 200, "ms")


def timed(store: MetricStore, query: RangeQuery) -> float:
    """Return the milliseconds that a chart takes."""
    began = time.perf_counter()
    answer = store.query(query)
    spent = (time.perf_counter() - began) * 1000
    assert len(answer.lines) == 10
    return spent


def p95(spent: list[float]) -> float:
    """Return what 95 of 100 stay under."""
    return sorted(spent)[round(0.95 * len(spent)) - 1]


def fill_hour(store: RemoteMetricStore, hour: float) -> None:
    """Store an hour of every application."""
    timed = APPLICATION_SERIES // 5
    plain = KeySet(tuple(SeriesKey(f"plain{number}") for number in range(APPLICATION_SERIES - timed)))
    sections = (gauges(plain), timings(KeySet(tuple(SeriesKey(f"timed{number}") for number in range(timed)))))
    for number in range(APPLICATIONS):
        app = f"app{number:03d}"
        for first in range(0, HOUR_WINDOWS, WINDOWS_AT_ONCE):
            windows = range(first, first + WINDOWS_AT_ONCE)
            store.append([
                MetricBatch(app, "h", hour + 10 * k, hour + 10 * k + 10, sections, "i", k + 1) for k in windows
            ])  # fmt: skip


@pytest.mark.parametrize("name", ["InfluxDB", "VictoriaMetrics"])
def test_an_hour_of_two_hundred_applications(name: str, tmp_path: Path, claim: Claim) -> None:
    """Runs as the server makes them, one after the other until nothing is due."""
    hour = time.time() // 3600 * 3600 - 3 * 3600
    clock = lambda: hour + 3_500  # noqa: E731  # the rows are not late: the hour has not ended
    with running(name, tmp_path / "engine") as engine:
        made = InfluxEngine(engine.url, RETENTION) if name == "InfluxDB" else VictoriaEngine(engine.url)
        store = RemoteMetricStore(made, raw_retention=10 * DAY, rollup_retention=30 * DAY, clock=clock)
        fill_hour(store, hour)
        time.sleep(HELD_SECONDS + 1)  # let it be the engine's
        runs, spent = [], [time.process_time(), processor_seconds(engine.pid)]
        done = -1.0
        while done != (done := store.stats()["store.metrics.rolled_up_rows"]):
            began = time.perf_counter()
            store.maintain(hour + 3_600 + 301)
            runs.append(time.perf_counter() - began)
        ours, theirs = time.process_time() - spent[0], processor_seconds(engine.pid) - spent[1]
        store.close()
    assert done == APPLICATIONS * APPLICATION_SERIES * 12
    label = f"{name}: rollups of an hour of {APPLICATIONS} applications x {APPLICATION_SERIES} series"
    claim(f"{label}, in {len(runs) - 1} runs", float(np.sum(runs)), 60, "s")
    claim(f"{label}, Argus' processor time", ours, 60, "s")
    claim(f"{label}, the engine's", theirs, 60, "s")
