"""The server from outside: ingestion and queries over loopback HTTP, and its memory. One server process.

The load comes from a process of its own over kept connections; a batch counts when it is acknowledged, that is, on
disk.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp
import pytest
from loaded_server import LoadedServer

CONNECTIONS = 4
SECONDS = 12.0

Claim = Callable[..., None]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LoadedServer]:
    """A server on an empty folder."""
    with LoadedServer(tmp_path / "data") as made:
        yield made


Columns = dict[str, object]


def gauges(keys: list[str], walk: list[float]) -> Columns:
    """Return a section of gauges that were set once: its columns are equal, and stored once."""
    return {"keys": keys, "last": walk, "min": walk, "max": walk, "sum": walk, "count": [1] * len(walk)}


def set_once(keys: list[str], chance: random.Random) -> dict[str, Columns]:
    """Return sections of a batch: gauges that were set once in the window."""
    return {"gauges": gauges(keys, [round(chance.uniform(0, 1000), 2) for _ in keys])}


def all_different(keys: list[str], chance: random.Random) -> dict[str, Columns]:
    """Return sections of a batch in which no column is like another: gauges set often, timings with six bins."""
    half = len(keys) // 2
    often: Columns = {"keys": keys[:half], **extremes(half, chance)}
    often["count"] = [chance.randint(2, 99) for _ in range(half)]
    rest = len(keys) - half
    timed: Columns = {"keys": keys[half:], **extremes(rest, chance)}
    del timed["last"]
    counts = [[chance.randint(1, 9) for _ in range(6)] for _ in range(rest)]
    timed["count"] = [sum(row) for row in counts]
    timed["bins"] = [sketch(chance.randint(65_000, 66_000), row) for row in counts]
    return {"gauges": often, "timings": timed}


def extremes(size: int, chance: random.Random) -> Columns:
    """Return columns of numbers that could be those of one window each."""
    low = [round(chance.uniform(0, 100), 2) for _ in range(size)]
    high = [round(number + chance.uniform(1, 900), 2) for number in low]
    last = [round(chance.uniform(*pair), 2) for pair in zip(low, high, strict=True)]
    return {"last": last, "min": low, "max": high, "sum": [round(number * chance.randint(2, 99), 2) for number in high]}


def sketch(index: int, counts: list[int]) -> list[int]:
    """Return a sketch on the wire: bins three apart, beginning with one's index."""
    return [index, counts[0], *(number for count in counts[1:] for number in (3, count))]


Sections = Callable[[list[str], random.Random], dict[str, Columns]]


async def load(server: LoadedServer, rows: int, seconds: float, sections: Sections = set_once) -> float:
    """Send batches of ``rows`` summaries from several connections; return the summaries acknowledged per second."""
    chance = random.Random(1)
    deadline = time.monotonic() + seconds
    acknowledged = 0
    run = time.time_ns()  # instances of their own: no batch of another run is repeated

    async def sender(number: int, session: aiohttp.ClientSession) -> None:
        nonlocal acknowledged
        keys = [f"metric{{sender={number},i={i}}}" for i in range(rows)]
        bodies = [json.dumps(sections(keys, chance))[1:] for _ in range(8)]
        seq, at = 0, time.time() - 7_200
        while time.monotonic() < deadline:
            seq += 1
            at += 10 * rows / 5_000
            body = (
                f'{{"instance": "{run}-{number}", "seq": {seq}, "host": "h{number}", "start": {at}, "end": {at + 10}, '
                f"{bodies[seq % 8]}"
            )
            async with session.post(f"{server.url}/api/v1/metrics", data=body.encode()) as answer:
                assert await answer.json() == {"accepted": rows, "duplicate": False, "rejected": []}
                acknowledged += rows

    async with aiohttp.ClientSession(headers=server.headers) as session:
        began = time.monotonic()
        await asyncio.gather(*(sender(number, session) for number in range(CONNECTIONS)))
        return acknowledged / (time.monotonic() - began)


def test_ingestion_over_http(server: LoadedServer, claim: Claim) -> None:
    """Acknowledged summaries per second, in batches of 5 000 and of 100."""
    asyncio.run(load(server, 5_000, 2))  # the first keys are parsed and registered
    claim("ingest over HTTP, batches of 5 000", asyncio.run(load(server, 5_000, SECONDS)), 800_000, "/s", at_least=True)


def test_ingestion_of_unlike_columns_over_http(server: LoadedServer, claim: Claim) -> None:
    """The same where nothing can be stored once: five different numbers a summary, half of them with a sketch."""
    asyncio.run(load(server, 5_000, 2, all_different))
    rate = asyncio.run(load(server, 5_000, SECONDS, all_different))
    claim("ingest over HTTP, 5 000 unlike columns, half with sketches", rate, 0, "/s", at_least=True)


def test_ingestion_of_small_batches_over_http(server: LoadedServer, claim: Claim) -> None:
    """The same with batches of 100: the cost of a request dominates."""
    asyncio.run(load(server, 100, 2))
    claim("ingest over HTTP, batches of 100", asyncio.run(load(server, 100, SECONDS)), 0, "/s", at_least=True)


def test_memory_with_2000_live_series(server: LoadedServer, claim: Claim) -> None:
    """Resident memory after an hour of 2 000 series at 10 s, read as well as written."""
    chance = random.Random(2)
    keys = [f"metric{{i={i}}}" for i in range(2_000)]

    async def hour() -> None:
        async with aiohttp.ClientSession(headers=server.headers) as session:
            at = time.time() - 3_600
            for seq in range(360):
                walk = [round(chance.uniform(0, 1000), 2) for _ in keys]
                body = {"instance": "m", "seq": seq + 1, "host": "h", "start": at, "end": at + 10}
                body["gauges"] = gauges(keys, walk)
                async with session.post(f"{server.url}/api/v1/metrics", json=body) as answer:
                    assert answer.status == 200
                at += 10

    asyncio.run(hour())
    for _ in range(20):
        server.get("/api/v1/metrics?app=bench&name=metric&agg=avg&group_by=i&step=60")
    claim("server memory, 2 000 series live", server.memory(), 200, "MiB")


def settled_size(data: Path) -> int:
    """Bytes of the metric store once two rounds of maintenance leave it as it is: hours sealed, days merged."""
    last, size = 0, 1
    while abs(size - last) > size / 100:  # the server's own metrics keep coming
        time.sleep(130)
        last, size = size, sum(file.stat().st_size for file in data.glob("metrics.db*"))
    return size


def test_range_queries_over_http(server: LoadedServer, claim: Claim) -> None:
    """20 of 200 series with 7 days of 10 s data, mean per step; the 20 are those tagged with one of ten groups."""
    chance = random.Random(3)
    keys = [f"cpu{{group={i % 10},i={i}}}" for i in range(200)]
    days, per_body = 7, 50
    end = time.time() // 3_600 * 3_600

    async def fill() -> None:
        walks = [100.0] * len(keys)
        async with aiohttp.ClientSession(headers=server.headers) as session:
            for first in range(0, days * 8_640, per_body):
                points = []
                for k in range(first, first + per_body):
                    at = end - days * 86_400 + 10 * k
                    for i in range(len(keys)):
                        walks[i] = round(walks[i] + chance.gauss(0, 1), 2)
                    points.append((at, list(walks)))
                await asyncio.gather(*(post(session, at, walk) for at, walk in points))

    async def post(session: aiohttp.ClientSession, at: float, walk: list[float]) -> None:
        body = {"host": "h", "start": at, "end": at + 10, "gauges": gauges(keys, walk)}
        async with session.post(f"{server.url}/api/v1/metrics", json=body) as answer:
            assert answer.status == 200

    asyncio.run(fill())
    claim("bytes on disk per summary, both tiers", settled_size(server.data) / (days * 8_640 * len(keys)), 4, "bytes")
    views = (("1 h", 3_600, 10), ("24 h", 86_400, 300), ("24 h of raw rows", 86_400, 120), ("7 d", 7 * 86_400, 1_800))
    for label, span, step in views:
        when = f"start={end - span}&end={end}&step={step}"
        path = f"/api/v1/metrics?app=bench&name=cpu&tag=group:3&group_by=i&agg=avg&{when}"
        spent = []
        for _ in range(25):
            began = time.perf_counter()
            body = server.get(path)
            spent.append((time.perf_counter() - began) * 1000)
        assert len(json.loads(body)["series"]) == 20
        claim(f"query 20 of 200 series over HTTP, {label}", statistics.median(spent), 15, "ms")
