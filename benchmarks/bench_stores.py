"""The metric stores in engines of their own, each against its engine.

Ingestion is a share of the engine's own, in the same run on the same machine; range queries are those of a dashboard.
"""

from __future__ import annotations

import http.client
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from influx import Influx
from victoria import Victoria

from argus.server.stores.base import MetricBatch, RangeQuery
from argus.server.stores.influx.engine import InfluxEngine
from argus.server.stores.remote import lines, names
from argus.server.stores.remote.engine import Tier
from argus.server.stores.remote.store import RemoteMetricStore
from argus.server.stores.victoria.engine import VictoriaEngine
from argus.server.stores.victoria.recent import HELD_SECONDS
from argus.wire.columns import KeySet, Kind, Section, SeriesKey, Sketches

Claim = Callable[..., None]

DAY = 86_400.0
SERIES = 200
BATCHES = 50
"""Batches of 200 summaries in one commit; as many lines as the engine gets in one request of its own."""

ROUNDS = 16
CHANCE = np.random.default_rng(6)
KEYS = KeySet(tuple(SeriesKey(f"metric{i}", (("shop", "oslo"),)) for i in range(SERIES)))


class Bench:
    """One engine with a store on it. ``path`` is where its own ingestion takes lines."""

    def __init__(self, name: str, port: int, path: str, store: RemoteMetricStore) -> None:
        self.name = name
        self.store = store
        self._path = path
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def post(self, body: bytes) -> None:
        """Send lines with times in milliseconds."""
        self._connection.request("POST", self._path, body)
        answer = self._connection.getresponse()
        answer.read()
        assert answer.status == 204

    def close(self) -> None:
        """Close the store and the connection."""
        self.store.close()
        self._connection.close()


@pytest.fixture(scope="module", params=["InfluxDB", "VictoriaMetrics"])
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A running engine."""
    retention = {Tier.RAW: 10 * DAY, Tier.ROLLUP: 30 * DAY}
    if request.param == "InfluxDB":
        with Influx(tmp_path_factory.mktemp("influx")) as influx:
            influx.query("CREATE DATABASE own")
            engine = InfluxEngine(f"influxdb://127.0.0.1:{influx.port}/argus", retention)
            store = RemoteMetricStore(engine, raw_retention=10 * DAY, rollup_retention=30 * DAY)
            made = Bench(request.param, influx.port, "/write?db=own&precision=ms", store)
            yield made
            made.close()
        return
    with Victoria(tmp_path_factory.mktemp("victoria")) as victoria:
        store = RemoteMetricStore(
            VictoriaEngine(f"victoriametrics://127.0.0.1:{victoria.port}"),
            raw_retention=10 * DAY,
            rollup_retention=30 * DAY,
        )
        made = Bench(request.param, victoria.port, "/write?precision=ms", store)
        yield made
        made.close()


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


def own_lines(sections: list[Section], at: float) -> bytes:
    """Return the same summaries as whoever writes to the engine directly would send them."""
    tags = [lines.encoded_tags(names.tags_of(names.Series("own", "h", Kind.GAUGE, key))) for key in KEYS.keys]
    body: list[bytes] = []
    for number, section in enumerate(sections):
        times = np.full(SERIES, round((at + 10 * number) * 1000))
        block = lines.Block(
            (), tags, times, section.count, section.sum, section.min, section.max, section.last, None, times
        )
        body += lines.encode(b"metrics", block, times, lambda _: ())
    return b"\n".join(body)


def test_ingestion_as_a_share_of_the_engines_own(bench: Bench, claim: Claim) -> None:
    """Commits of 50 batches against the same lines, encoded beforehand, over one connection."""
    start = time.time() // 10 * 10 - 2 * DAY
    shares, rates = [], []
    for number in range(ROUNDS):
        at = start + number * BATCHES * 10
        sections = [gauges(KEYS) for _ in range(BATCHES)]
        body = own_lines(sections, at)
        batches = [
            MetricBatch("bench", "h", at + 10 * k, at + 10 * k + 10, (section,), "i", number * BATCHES + k + 1)
            for k, section in enumerate(sections)
        ]
        began = time.perf_counter()
        bench.post(body)
        own = time.perf_counter() - began
        began = time.perf_counter()
        bench.store.append(batches)
        through = time.perf_counter() - began
        if number:  # the first one makes series
            shares.append(own / through)
            rates.append(SERIES * BATCHES / through)
    claim(f"{bench.name}: ingest through Argus ÷ its own", statistics.median(shares), 0.6, "", at_least=True)
    claim(f"{bench.name}: ingest through Argus", statistics.median(rates), 5_000, "rows/s", at_least=True)


def test_range_queries(bench: Bench, claim: Claim) -> None:
    """10 series with 7 days of 10 s data, five of them timings; a chart each of a mean and a percentile."""
    now = time.time() // 3600 * 3600
    shown = KeySet(tuple(SeriesKey("shown", (("i", str(i)),)) for i in range(10)))
    timed = KeySet(tuple(SeriesKey("timed", (("i", str(i)),)) for i in range(10)))
    count, per_commit = round(7 * DAY / 10), 300
    for first in range(0, count, per_commit):
        batches = []
        for k in range(first, min(first + per_commit, count)):
            at = now - 7 * DAY + 10 * k
            batches.append(MetricBatch("chart", "h", at, at + 10, (gauges(shown), timings(timed)), "i", k + 1))
        bench.store.append(batches)
    rolled = -1.0
    while rolled != (rolled := bench.store.stats()["store.metrics.rolled_up_rows"]):
        bench.store.maintain(time.time())  # for as long as one run may take, as often as it takes
    time.sleep(HELD_SECONDS + 1)  # what a server rolls up in a minute is little, a week is not: let it be the engine's
    views = (("1 h", 3_600.0, 10.0), ("24 h", DAY, 300.0), ("7 d", 7 * DAY, 1800.0))
    for name, agg in (("shown", "avg"), ("timed", "p99")):
        for label, span, step in views:
            query = RangeQuery("chart", (name,), now - span, now, step, agg, ("i",))
            spent = []
            for _ in range(25):
                began = time.perf_counter()
                answer = bench.store.query(query)
                spent.append((time.perf_counter() - began) * 1000)
                assert len(answer.lines) == 10
            p95 = sorted(spent)[round(0.95 * len(spent)) - 1]
            claim(f"{bench.name}: {agg} of 10 series, {label} at {step:.0f} s, p95", p95, 200, "ms")
