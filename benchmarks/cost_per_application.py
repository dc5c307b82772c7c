"""What applications cost the server and its stores, in real time: the figures that ``docs/scaling.md`` calculates with.

Each application sends 200 series every 10 s, gzipped as the SDK does over a network, and a log line a second. Costs are
processor seconds per second of each process, memory that came on top of the empty server's, bytes on the network and on
disk. Run alone on the machine: ``python benchmarks/cost_per_application.py --applications 1000 --seconds 60``.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import aiohttp
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

import postgres  # its folder is known from the line above on
from loaded_server import MIB, LoadedServer, processor_seconds, send
from victoria import Victoria

from argus.server.auth import digest
from argus.server.stores.base import App, Key, RecordStore
from argus.server.stores.postgres.store import PostgresRecordStore
from argus.server.stores.records.store import SqliteRecordStore

WINDOW = 10.0
COUNTERS, GAUGES, TIMINGS = 80, 80, 40
SERIES = COUNTERS + GAUGES + TIMINGS
BINS = 8
"""Of a timing's sketch in one window."""

LINES = 10
"""Log lines of one application in one window."""

HISTORY = 6 * 3_600.0
"""Seconds of one application's past, for the bytes on disk: some minutes would only show the engine's own."""

FLUSH_SECONDS = 6.0
"""After which VictoriaMetrics has written what it took."""


class Application:
    """What one application sends, window after window."""

    def __init__(self, number: int) -> None:
        self.chance = random.Random(number)
        self.name = f"app{number:05d}"
        self.headers = {"Authorization": f"Bearer {self.name}", "Content-Encoding": "gzip"}
        self.walk = [self.chance.uniform(0, 1000) for _ in range(GAUGES)]
        self.seq = 0

    def bodies(self, now: float) -> tuple[bytes, bytes]:
        """Return the next window's summaries and log lines."""
        self.seq += 1
        sender = {"instance": self.name, "seq": self.seq, "host": f"h{self.name}"}
        metrics = {**sender, "start": now - WINDOW, "end": now, **self._counters(), **self._gauges(), **self._timings()}
        logs = [self._line(now - WINDOW + place) for place in range(LINES)]
        return tuple(gzip.compress(json.dumps(body).encode(), 1) for body in (metrics, {**sender, "logs": logs}))  # type: ignore[return-value]  # two

    def _counters(self) -> dict[str, object]:
        totals = [float(self.chance.randint(0, 500)) for _ in range(COUNTERS)]
        keys = [f"requests{{route=/api/v1/route{i}}}" for i in range(COUNTERS)]
        return {"counters": {"keys": keys, "sum": totals, "count": [int(total) + 1 for total in totals]}}

    def _gauges(self) -> dict[str, object]:
        self.walk = [round(value + self.chance.gauss(0, 1), 2) for value in self.walk]
        keys = [f"queue{{shard={i}}}" for i in range(GAUGES)]
        columns = dict.fromkeys(("last", "min", "max", "sum"), self.walk)
        return {"gauges": {"keys": keys, **columns, "count": [1] * GAUGES}}

    def _timings(self) -> dict[str, object]:
        keys = [f"latency{{route=/api/v1/route{i}}}" for i in range(TIMINGS)]
        counts = [[self.chance.randint(1, 9) for _ in range(BINS)] for _ in keys]
        bins = [[self.chance.randint(64_900, 64_990), row[0], *(n for c in row[1:] for n in (3, c))] for row in counts]
        totals = [sum(row) for row in counts]
        low, high = [0.01] * TIMINGS, [0.1] * TIMINGS
        columns = {"sum": [round(0.04 * total, 4) for total in totals], "min": low, "max": high, "bins": bins}
        return {"timings": {"keys": keys, "count": totals, **columns}}

    def _line(self, at: float) -> dict[str, object]:
        order = self.chance.randrange(1_000_000)
        text = f"order {order} of customer {order % 977} was paid by card after {order % 13} tries"
        level = "ERROR" if order % 100 == 0 else "INFO"
        return {
            "timestamp": at,
            "level": level,
            "message": text,
            "logger": "shop.pay",
            "metadata": {"user": order % 997},
        }


def register(store: RecordStore, applications: list[Application]) -> None:
    """Register the applications; the key of each is its name."""
    for application in applications:
        key = Key(digest(application.name), application.name, application.name, time.time())
        store.create_app(App(application.name, application.name, time.time()), key)
    store.close()


class Load:
    """The applications, each with a moment of its own in the window."""

    def __init__(self, url: str, applications: list[Application]) -> None:
        self.url = url
        self.applications = applications
        self.bytes = [0, 0]
        self.latest = 0.0
        """Seconds by which the load came too late, at worst: then the machine is too slow for it."""

    async def run(self, seconds: float) -> None:
        """Send for so long."""
        connector = aiohttp.TCPConnector(limit=100)
        async with aiohttp.ClientSession(connector=connector) as session:
            begin = time.monotonic()
            size = len(self.applications)
            await asyncio.gather(
                *(
                    self._send(session, application, begin + WINDOW * place / size, begin + seconds)
                    for place, application in enumerate(self.applications)
                )
            )

    async def _send(self, session: aiohttp.ClientSession, application: Application, at: float, end: float) -> None:
        while at < end:
            await asyncio.sleep(at - time.monotonic())
            self.latest = max(self.latest, time.monotonic() - at)
            for place, body in enumerate(application.bodies(time.time())):
                path = ("metrics", "logs")[place]
                async with session.post(f"{self.url}/api/v1/{path}", data=body, headers=application.headers) as answer:
                    assert answer.status == 200, await answer.text()
                self.bytes[place] += len(body)
            at += WINDOW


def measure(title: str, load: Load, engines: dict[str, int], seconds: float) -> None:
    """Print what the load costs each process, after a window in which series are made."""
    empty = {name: memory(pid) for name, pid in engines.items()}
    asyncio.run(load.run(WINDOW))
    before = {name: processor_seconds(pid) for name, pid in engines.items()}
    load.bytes, load.latest = [0, 0], 0.0
    began = time.monotonic()
    asyncio.run(load.run(seconds))
    took = time.monotonic() - began
    size = len(load.applications)
    summaries, lines = size * SERIES / WINDOW, size * LINES / WINDOW
    print(f"\n{title}: {size} applications, {summaries:,.0f} summaries/s, {lines:,.0f} log lines/s; "
          f"the load was late by {load.latest:.1f} s at most")  # fmt: skip
    for name, pid in engines.items():
        spent = (processor_seconds(pid) - before[name]) / took
        print(f"  {name:<16} {spent:6.2f} cores   {memory(pid) - empty[name]:7.0f} MiB on top of {empty[name]:.0f}")
    for name, size_sent in zip(("summaries", "log lines"), load.bytes, strict=True):
        print(f"  network: {size_sent / took / 1e6 * 8:.2f} Mbit/s of {name}")


def memory(pid: int) -> float:
    """Return the memory of a process and its children in MiB, shared pages counted once."""
    main = psutil.Process(pid)
    return sum(float(process.memory_full_info().pss) for process in (main, *main.children(recursive=True))) / MIB


def print_victoria(victoria: Victoria, server: LoadedServer, application: Application) -> None:
    """Let one application send some hours, and print what a summary takes."""
    count = round(HISTORY / WINDOW)
    begin = time.time() - HISTORY
    bodies = [application.bodies(begin + WINDOW * place)[0] for place in range(count)]
    send(server.port, "/api/v1/metrics", [bodies], application.headers)
    victoria.get("/internal/force_flush")
    victoria.get("/internal/force_merge")
    time.sleep(FLUSH_SECONDS)
    figures = [line.rpartition(" ") for line in victoria.get("/metrics").decode().splitlines() if line[:3] == "vm_"]

    def total(beginning: str) -> float:
        return sum(float(value) for name, _, value in figures if name.startswith(beginning))

    size = total('vm_data_size_bytes{type="storage/')
    samples, index = total('vm_rows{type="storage/'), total('vm_data_size_bytes{type="indexdb')
    print(
        f"\nVictoriaMetrics, {count} windows of one application: {samples / count / SERIES:.1f} samples per summary, "
        f"{size / samples:.2f} bytes per sample, {index / SERIES:.0f} bytes of index per series"
    )


def sizes(url: str, folder: Path) -> tuple[float, float]:
    """Return PostgreSQL's bytes on disk and its log lines."""
    store = PostgresRecordStore(url, folder / "backups")
    stats = store.stats()
    store.close()
    return stats["store.records.bytes"], stats["store.records.log_lines"]


def main() -> None:
    """Measure the embedded stores, then VictoriaMetrics with PostgreSQL."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--applications", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        data = Path(folder)
        for name in ("embedded", "engines", "victoria"):
            (data / name).mkdir()
        applications = [Application(number) for number in range(options.applications)]
        register(SqliteRecordStore(data / "embedded" / "records.db"), applications)
        with LoadedServer(data / "embedded", ARGUS_SELF_MONITORING="false") as server:
            measure("Embedded stores", Load(server.url, applications), {"argus": server.process.pid}, options.seconds)
        victoria = stack.enter_context(Victoria(data / "victoria"))
        cluster = stack.enter_context(postgres.running(shared_buffers="512MB", max_wal_size="4GB"))
        records = cluster.new_database()
        applications = [Application(number) for number in range(options.applications + 1)]
        register(PostgresRecordStore(records, data / "backups"), applications)
        assert victoria.process is not None
        with LoadedServer(
            data / "engines", ARGUS_RECORDS_URL=records, ARGUS_SELF_MONITORING="false",
            ARGUS_METRICS_URL=f"victoriametrics://127.0.0.1:{victoria.port}",
        ) as server:  # fmt: skip
            engines = {"argus": server.process.pid, "VictoriaMetrics": victoria.process.pid}
            engines["PostgreSQL"] = cluster.pid()
            print_victoria(victoria, server, applications.pop())
            before = sizes(records, data)
            measure("VictoriaMetrics and PostgreSQL", Load(server.url, applications), engines, options.seconds)
        size, lines = (now - then for now, then in zip(sizes(records, data), before, strict=True))
        print(f"  PostgreSQL: {size / lines:.0f} bytes per log line")


if __name__ == "__main__":
    main()
