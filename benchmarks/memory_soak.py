"""The server under a steady load: 20 applications with 200 series each, and 1 000 log lines a second.

    python benchmarks/memory_soak.py --minutes 10 --store influxdb --store postgresql

Starts the chosen engines in a temporary folder, and ``argus serve`` on them; without a store both are embedded. Sends
what SDKs would, prints memory and processor every ten seconds, and at the end whether what was sent is stored, once,
and how fast memory still grew in the second half. The embedded metric store holds the rows of the open hour in memory:
it grows until they are sealed, five minutes after the hour.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import postgres  # noqa: E402  # the tests' own engines
from engine_process import free_port  # noqa: E402  # as above
from influx import Influx  # noqa: E402  # as above
from victoria import Victoria  # noqa: E402  # as above

APPLICATIONS = 20
SERIES = 200
LINES_PER_SECOND = 1_000
WINDOW = 10.0
PASSWORD = "peacock feathers"
MIB = 1024 * 1024
STORES = ("influxdb", "victoriametrics", "postgresql")
WORDS = (
    "order",
    "payment",
    "user",
    "cart",
    "retry",
    "timeout",
    "shard",
    "queue",
    "invoice",
    "session",
    "token",
    "cache",
)


@contextlib.contextmanager
def engines(stores: list[str], folder: Path) -> Iterator[tuple[dict[str, str], list[int]]]:
    """Run the chosen engines; yield the server's settings as variables, and the engines' processes."""
    settings: dict[str, str] = {}
    processes: list[int] = []
    with contextlib.ExitStack() as stack:
        if "influxdb" in stores:
            (folder / "influx").mkdir()
            influx = stack.enter_context(Influx(folder / "influx"))
            settings["ARGUS_METRICS_URL"] = f"influxdb://127.0.0.1:{influx.port}/argus"
            processes.append(influx.process.pid if influx.process else 0)
        if "victoriametrics" in stores:
            (folder / "victoria").mkdir()
            victoria = stack.enter_context(Victoria(folder / "victoria"))
            settings["ARGUS_METRICS_URL"] = f"victoriametrics://127.0.0.1:{victoria.port}"
            processes.append(victoria.process.pid if victoria.process else 0)
        if "postgresql" in stores:
            database = stack.enter_context(postgres.running())
            settings["ARGUS_RECORDS_URL"] = database.url()
            processes.append(database.pid())
        yield settings, processes


class Server:
    """``argus serve`` as a process."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        command = [sys.executable, "-m", "argus", "serve", "--port", self.url.rpartition(":")[2]]
        environment = {**os.environ, **settings, "ARGUS_ADMIN_PASSWORD": PASSWORD, "ARGUS_DATA": str(folder / "data")}
        with (folder / "server.log").open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self.process.stdout is not None
        assert any("Argus is watching" in line for line in self.process.stdout), (folder / "server.log").read_text()
        self._measured = psutil.Process(self.process.pid)
        self._measured.cpu_percent()

    def memory(self) -> float:
        """Return resident memory in MiB."""
        return float(self._measured.memory_info().rss) / MIB

    def mapped(self) -> float:
        """Return how much of it are pages of files, which the kernel may take back; embedded stores map theirs."""
        return float(self._measured.memory_info().shared) / MIB

    def cpu(self) -> float:
        """Return the share of one core since the last time."""
        return float(self._measured.cpu_percent())

    def stop(self) -> None:
        """End it as a supervisor would."""
        self.process.terminate()
        self.process.communicate(timeout=30)


class Load:
    """Sends what twenty programs would, from when it is started until the deadline."""

    def __init__(self, url: str, http: aiohttp.ClientSession, keys: dict[str, str]) -> None:
        self._url = url
        self._http = http
        self._keys = keys
        self.batches = dict.fromkeys(keys, 0)
        self.lines = dict.fromkeys(keys, 0)
        self.refused = 0

    async def run(self, seconds: float) -> None:
        """Send."""
        deadline = time.monotonic() + seconds
        await asyncio.gather(*(self._program(app, number, deadline) for number, app in enumerate(self._keys)))

    async def _program(self, app: str, number: int, deadline: float) -> None:
        """Send a second's log lines each second, and every ten seconds a window; programs are not in step."""
        chance = random.Random(number)
        window, logs, tick = 0, 0, 0
        await asyncio.sleep(number / APPLICATIONS)
        due = time.monotonic()
        while time.monotonic() < deadline:
            logs += 1
            body = self._lines(chance, logs)
            if await self._post(app, "logs", {"instance": f"{app}:1", "seq": logs, "host": "soak", "logs": body}):
                self.lines[app] += len(body)
            if (tick + number) % int(WINDOW) == 0:
                window += 1
                if await self._post(app, "metrics", self._window(app, window, chance)):
                    self.batches[app] += 1
            tick, due = tick + 1, due + 1.0
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    def _lines(self, chance: random.Random, batch: int) -> list[dict[str, Any]]:
        now = time.time()
        return [
            {
                "timestamp": now,
                "level": chance.choice(("INFO", "INFO", "INFO", "WARN", "ERROR")),
                "logger": chance.choice(WORDS),
                "message": f"{' '.join(chance.choices(WORDS, k=8))} {batch}-{number}",
                "metadata": {"order": chance.randint(1, 10**6), "took": round(chance.random(), 4)},
            }
            for number in range(LINES_PER_SECOND // APPLICATIONS)
        ]

    @staticmethod
    def _window(app: str, number: int, chance: random.Random) -> dict[str, Any]:
        """Return half gauges, a quarter counters, a quarter timings with sketches; ``windows`` counts itself."""
        end = time.time()
        quarter = SERIES // 4
        counters = ["windows", *(f"counter{{n={i}}}" for i in range(quarter - 1))]
        values = [round(chance.uniform(1, 100), 3) for _ in range(2 * quarter)]
        timed = [sorted(chance.sample(range(65_000, 66_000), 6)) for _ in range(quarter)]
        bins = [
            [number for pair in zip(np.diff([0, *one]).tolist(), [1] * 6, strict=True) for number in pair]
            for one in timed
        ]
        return {
            "instance": f"{app}:1",
            "seq": number,
            "host": "soak",
            "start": end - WINDOW,
            "end": end,
            "counters": {"keys": counters, "sum": [1.0, *values[1:quarter]], "count": [1] * quarter},
            "gauges": {
                "keys": [f"gauge{{n={i}}}" for i in range(2 * quarter)],
                **dict.fromkeys(("last", "min", "max", "sum"), values),
                "count": [1] * 2 * quarter,
            },
            "timings": {
                "keys": [f"timing{{n={i}}}" for i in range(quarter)],
                "sum": [6.0] * quarter,
                "min": [0.1] * quarter,
                "max": [2.0] * quarter,
                "count": [6] * quarter,
                "bins": bins,
            },
        }

    async def _post(self, app: str, path: str, body: dict[str, Any]) -> bool:
        """Send until it is acknowledged, as an SDK does; return whether everything in it was taken."""
        headers = {"Authorization": f"Bearer {self._keys[app]}"}
        while True:
            async with self._http.post(f"{self._url}/api/v1/{path}", json=body, headers=headers) as answer:
                told = await answer.json()
                if answer.status == 200:
                    assert told["rejected"] == [], told
                    return True
                self.refused += 1
                assert answer.status == 503, told
            await asyncio.sleep(1)


async def told(http: aiohttp.ClientSession, url: str, path: str, **params: str | float) -> Any:
    """Return what the server answers its administrator."""
    password = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    async with http.get(
        f"{url}/api/v1/{path}", params=params, headers={"Authorization": f"Basic {password}"}
    ) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def applications(http: aiohttp.ClientSession, url: str) -> dict[str, str]:
    """Register the applications; return their keys."""
    password = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {password}"}
    found = {}
    for number in range(APPLICATIONS):
        body = {"name": f"app{number}"}
        async with http.post(f"{url}/api/v1/applications", json=body, headers=headers) as answer:
            made = await answer.json()
            found[made["app_id"]] = made["api_key"]
    return found


def engines_memory(processes: list[int]) -> float:
    """Return what the engines have in memory for themselves, in MiB; a store that starts processes counts with them."""
    total = 0
    for number in processes:
        main = psutil.Process(number)
        for process in (main, *main.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                total += process.memory_full_info().uss
    return total / MIB


async def watch(server: Server, load: Load, http: aiohttp.ClientSession, processes: list[int]) -> list[list[float]]:
    """Print how it is every ten seconds until cancelled; return seconds and memory of each."""
    seen: list[list[float]] = []
    began = time.monotonic()
    print(
        f"{'s':>5} {'RSS MiB':>8} {'of files':>8} {'CPU %':>6} {'engines':>8} {'summaries':>10} {'lines':>10} ", end=""
    )
    print(f"{'refused':>8} {'waiting':>8} {'in head':>10}")
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            await asyncio.sleep(WINDOW)
            status = await told(http, server.url, "status")
            head = status["stores"][0]["sizes"].get("store.metrics.head_rows", 0)
            waiting = status["summaries"]["waiting"] + status["log_lines"]["waiting"]
            seen.append([time.monotonic() - began, server.memory()])
            sent = f"{sum(load.batches.values()) * SERIES:10,} {sum(load.lines.values()):10,} {load.refused:8}"
            print(f"{seen[-1][0]:5.0f} {seen[-1][1]:8.1f} {server.mapped():8.1f} {server.cpu():6.1f} ", end="")
            print(f"{engines_memory(processes):8.1f} {sent} {waiting:8} {head:10,.0f}", flush=True)
    return seen


async def stored(http: aiohttp.ClientSession, url: str, load: Load, began: float) -> tuple[int, int]:
    """Return how many windows and log lines are found."""
    windows = 0.0
    for app in load.batches:
        question: dict[str, str | float] = {
            "app": app,
            "name": "windows",
            "agg": "sum",
            "step": 60,
            "start": began - 60,
            "end": time.time() + 60,
        }
        answer = await told(http, url, "metrics", **question)
        windows += sum(value or 0 for line in answer["series"] for value in line["values"])
    status = await told(http, url, "status")
    own = await told(http, url, "logs", app="argus", limit=1000)  # the server's own lines, with those of its start
    return round(windows), round(status["stores"][1]["sizes"]["store.records.log_lines"]) - len(own["logs"])


async def soak(server: Server, processes: list[int], minutes: float) -> bool:
    """Load the server; return whether everything that was sent is stored, once."""
    began = time.time()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=2 * APPLICATIONS)) as http:
        load = Load(server.url, http, await applications(http, server.url))
        await asyncio.sleep(1)  # the server looks for new keys twice a second
        print(f"at rest {server.memory():10.1f}")
        watching = asyncio.create_task(watch(server, load, http, processes))
        await load.run(minutes * 60)
        watching.cancel()
        seen = np.array(await watching)
        windows, lines = await stored(http, server.url, load, began)
    sent = sum(load.batches.values()), sum(load.lines.values())
    half = seen[len(seen) // 2 :]
    growth = float(np.polyfit(half[:, 0] / 60, half[:, 1], 1)[0]) if len(half) > 1 else float("nan")
    print(f"windows sent {sent[0]:,}, stored {windows:,}; log lines sent {sent[1]:,}, stored {lines:,}")
    print(f"memory at most {seen[:, 1].max():.1f} MiB, in the second half {growth:+.2f} MiB a minute")
    return (windows, lines) == sent


def main() -> int:
    """Run it; the exit status is 1 where something was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", action="append", default=[], choices=STORES, help="an engine; may be repeated")
    parser.add_argument("--minutes", type=float, default=10.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="argus-soak-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with engines(options.store, folder) as (settings, processes):
            server = Server(folder, settings)
            print(f"{', '.join(options.store) or 'embedded stores'}, {options.minutes:g} minutes")
            try:
                whole = asyncio.run(soak(server, processes, options.minutes))
            finally:
                server.stop()
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
