"""Two ``argus serve`` on one PostgreSQL and one VictoriaMetrics, as on two machines; one is killed under load."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from signal import SIGKILL
from typing import Any

import aiohttp
import pytest
from metric_backends import VictoriaBackend
from server_process import Process

START = time.time() // 60 * 60 - 1_200
ADMIN = {"Authorization": aiohttp.encode_basic_auth("admin", "peacock feathers")}
LEADS = "this server leads"
SENDERS, BATCHES = 4, 40


class Server(Process):
    """A server whose log can be read."""

    def __init__(self, data: Path, **environment: str) -> None:
        super().__init__(data, **environment)
        self.log = data.with_suffix(".log")

    def start(self) -> None:
        with self.log.open("w") as file:
            self.launch(stderr=file)
        self.wait_until_ready()


@pytest.fixture
def servers(tmp_path: Path, postgres, victoria) -> Iterator[tuple[Server, Server]]:
    stores = {"ARGUS_METRICS_URL": VictoriaBackend(victoria.port).url, "ARGUS_RECORDS_URL": postgres.new_schema()}
    made = Server(tmp_path / "first", **stores), Server(tmp_path / "second", **stores)
    for server in made:
        server.start()
    yield made
    for server in made:
        if server.runs():
            server.stop(SIGKILL)


class Load:
    """Numbered batches of metrics and lines, each sent until somebody acknowledged it, to both servers in turns."""

    def __init__(self, servers: tuple[Server, Server], key: str) -> None:
        self.servers = servers
        self.key = key
        self.acknowledged = threading.Semaphore(0)
        self.refused = 0

    def send(self, instance: str) -> None:
        for seq in range(1, BATCHES + 1):
            at = START + 10 * seq
            counters = {"keys": ["orders"], "sum": [1.0], "count": [1]}
            batch = {"instance": instance, "seq": seq, "host": "h"}
            line = {"timestamp": at, "level": "INFO", "message": f"{instance} line {seq}"}
            self.post("metrics", {**batch, "start": at, "end": at + 10, "counters": counters}, seq)
            self.post("logs", {**batch, "logs": [line]}, seq)
            self.acknowledged.release()

    def post(self, path: str, body: dict[str, Any], turn: int) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                send(self.servers[turn % 2], path, self.key, body)
            except (OSError, http.client.HTTPException):
                assert time.monotonic() < deadline
                self.refused += 1
                turn += 1
            else:
                return


def send(server: Server, path: str, key: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(
        f"{server.url}/api/v1/{path}", json.dumps(body).encode(), {"Authorization": f"Bearer {key}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        answer.read()


async def test_two_servers_lose_and_double_nothing_tell_each_other_and_take_over(servers, victoria) -> None:
    first, second = servers
    key = json.loads(first.cli("app", "create", "shop", "--json").stdout)["api_key"]
    await until(lambda: takes(first, key) and takes(second, key))  # both look for new keys twice a second
    assert [log.count(LEADS) for log in logs(servers)] == [1, 0]
    async with aiohttp.ClientSession(second.url, headers=ADMIN) as http:
        await tells_what_the_first_stored(http, first, key)
        load = Load(servers, key)
        with ThreadPoolExecutor(SENDERS) as pool:
            senders = [pool.submit(load.send, f"i{number}") for number in range(SENDERS)]
            for _ in range(SENDERS * BATCHES // 3):
                await asyncio.to_thread(load.acknowledged.acquire)
            first.stop(SIGKILL)
            await asyncio.to_thread(lambda: [sender.result(60) for sender in senders])
        assert load.refused > 0
        victoria.get("/internal/force_flush")  # what the first one stored last
        assert await orders(http) == SENDERS * BATCHES
        assert await lines(http) == sorted(f"i{n} line {seq}" for n in range(SENDERS) for seq in range(1, BATCHES + 1))
    await until(lambda: second.log.read_text().count(LEADS) == 1)


def takes(server: Server, key: str) -> bool:
    with contextlib.suppress(urllib.error.HTTPError):
        send(server, "metrics", key, {"metrics": [{"name": "hello", "value": 1}]})
        return True
    return False


async def tells_what_the_first_stored(http: aiohttp.ClientSession, first: Server, key: str) -> None:
    """Of a series that is known: VictoriaMetrics misses for some seconds one that was asked for before it existed."""
    async with http.ws_connect("/ws/dashboard") as socket, asyncio.timeout(20):
        query = {"app": "shop", "name": ["hello"], "agg": "max", "step": 10}
        await socket.send_json({"op": "subscribe", "id": 1, "topic": "metrics", "queries": {"hello": query}})
        assert (await socket.receive_json())["op"] == "subscribed"
        await asyncio.to_thread(send, first, "metrics", key, {"metrics": [{"name": "hello", "value": 59.5}]})
        told: list[float] = []
        while 59.5 not in told:  # before it, that "hello" had been stored may be told
            lines = (await socket.receive_json())["answers"]["hello"]
            told = [value for line in lines for value in line["values"]]


async def orders(http: aiohttp.ClientSession) -> float:
    asked: dict[str, Any] = {
        "app": "shop",
        "name": "orders",
        "agg": "sum",
        "step": 10,
        "start": START,
        "end": START + 1_200,
    }
    async with http.get("/api/v1/metrics", params=asked) as answer:
        return sum(value or 0 for series in (await answer.json())["series"] for value in series["values"])


async def lines(http: aiohttp.ClientSession) -> list[str]:
    async with http.get("/api/v1/logs", params={"app": "shop", "limit": 1000}) as answer:
        return sorted(line["message"] for line in (await answer.json())["logs"])


def logs(servers: tuple[Server, Server]) -> list[str]:
    return [server.log.read_text() for server in servers]


async def until(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110  # another process tells nobody
            await asyncio.sleep(0.02)
