"""Two servers on the same stores: what one commits is shown, counted and forgotten by the other."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

import pytest
from metric_backends import VictoriaBackend

from argus.server import keys, maintenance
from argus.server.jobs import Job, every
from argus.server.stores.postgres import exchange
from argus.server.stores.victoria.engine import VictoriaEngine
from argus.server.traffic import Rates

ADMIN = {"Authorization": "Basic YWRtaW46Y29ycmVjdCBob3JzZQ=="}  # admin:correct horse
QUERY = {"app": "shop", "name": ["fps"], "agg": "avg", "step": 10}


@pytest.fixture
async def two(make_server, postgres, victoria, monkeypatch):
    """Two servers that have joined; nobody waits long for anybody."""
    monkeypatch.setattr(exchange, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(exchange, "RETRY_SECONDS", 0.05)
    stores = {"records_url": postgres.new_schema(), "metrics_url": VictoriaBackend(victoria.port).url}
    with monkeypatch.context() as early:
        early.setattr(VictoriaEngine, "lag", 0.0)  # what is asked again after joining is asked before a test begins
        first = await make_server(**stores)
        await until(lambda: leads(first))
        second = await make_server(beside=first, **stores)
        # Who has joined asks what others have counted.
        await until(lambda: heard(first) == 1)
    for server in (first, second):
        server.app[keys.NEIGHBOURS]._lag = VictoriaEngine.lag
    return first, second


def leads(server) -> bool:
    return server.app[keys.LEADERSHIP].leading


def heard(server) -> int:
    return server.app[keys.NEIGHBOURS].heard_messages


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(15):
        while not condition():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.01)


def point(value: float, name: str = "fps", host: str = "web-1") -> dict[str, Any]:
    return {"metrics": [{"name": name, "value": value}], "host": host}


def line(text: str, level: str = "INFO") -> dict[str, Any]:
    return {"logs": [{"timestamp": time.time(), "level": level, "message": text}]}


@contextlib.asynccontextmanager
async def listening(server, topic: str, query: dict[str, Any]):
    """Yield a function that returns the next message of a subscription."""
    asked = {"queries": {"fps": query}} if topic == "metrics" else {"query": query}
    async with server.http.ws_connect(f"{server.url}/ws/dashboard", headers=ADMIN) as socket:
        await socket.send_json({"op": "subscribe", "id": 1, "topic": topic, **asked})
        assert (await socket.receive_json())["op"] == "subscribed"

        async def told() -> Any:
            async with asyncio.timeout(15):
                return await socket.receive_json()

        yield told


def values(message: Any) -> list[float]:
    return [value for series in message["answers"]["fps"] for value in series["values"] if value is not None]


async def test_points_and_lines_that_one_server_stored_are_told_by_the_other_as_they_are(two) -> None:
    first, second = two
    async with listening(second, "metrics", QUERY) as points, listening(second, "logs", {"app": "shop"}) as lines:
        await first.post("/api/v1/metrics", point(60))
        await first.post("/api/v1/logs", line("payment failed"))
        assert [found["message"] for found in (await lines())["logs"]] == ["payment failed"]
        assert values(await points()) == [60.0]


async def test_a_server_tells_its_own_dashboards_once_and_does_not_listen_to_itself(two) -> None:
    first, second = two
    by_first, by_second = heard(first), heard(second)
    async with listening(first, "logs", {"app": "shop"}) as lines:
        await first.post("/api/v1/logs", line("one"))
        assert [found["message"] for found in (await lines())["logs"]] == ["one"]
    await until(lambda: heard(second) > by_second)
    assert heard(first) == by_first


async def test_what_was_told_while_nobody_could_listen_is_shown_afterwards(two, postgres, monkeypatch) -> None:
    first, second = two
    async with listening(second, "metrics", QUERY) as points, listening(second, "logs", {"app": "shop"}) as lines:
        monkeypatch.setattr(exchange, "RETRY_SECONDS", 1.0)
        cut_off(postgres)
        await until(lambda: not leads(first))  # both listen no more; the stores are there
        await first.post("/api/v1/metrics", point(60))
        await first.post("/api/v1/logs", line("unheard"))
        assert [found["message"] for found in (await lines())["logs"]] == ["unheard"]
        assert values(await points()) == [60.0]


def cut_off(postgres) -> None:
    with postgres.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", (exchange.NAME,)
        )


async def test_each_server_lists_what_was_sent_to_the_other(two) -> None:
    first, second = two
    await first.post("/api/v1/metrics", {**point(1, "a"), "instance": None})
    await second.post("/api/v1/metrics", point(1, "b", "web-2"))
    await second.post("/api/v1/logs", {**line("broken", "ERROR"), "instance": "i", "seq": 1, "host": "web-2"})
    await first.post("/api/v1/logs", {**line("broken", "ERROR"), "instance": "j", "seq": 1, "host": "web-1"})
    expected = {"hosts": ["web-1", "web-2"], "series": 2, "errors_last_hour": 2, "instances": 2}
    for server in two:
        async with asyncio.timeout(10):
            found: Any = {}
            while {name: found.get(name) for name in expected} != expected:
                found = shop(await listed(server))


async def listed(server) -> Any:
    return (await server.get("/api/v1/applications"))[1]["applications"]


def shop(applications: Any) -> Any:
    return next(app for app in applications if app["app_id"] == "shop")


async def test_the_series_limit_counts_what_other_servers_admitted(two) -> None:
    first, second = two
    for server in two:
        server.app[keys.SERIES].limit = 2
    await first.post("/api/v1/metrics", point(1, "a", "web-1"))
    await first.post("/api/v1/metrics", point(1, "b", "web-1"))
    await until(lambda: second.app[keys.SERIES].count("shop") == 2)
    _, answer = await second.post("/api/v1/metrics", point(1, "c", "web-2"))
    assert answer["rejected"] == [{"key": "c", "reason": "series limit of 2 reached"}]


async def test_the_limit_of_a_rate_counts_what_other_servers_took(two) -> None:
    first, second = two
    for server in two:
        server.app[keys.TRAFFIC].rates = lambda _: Rates(rows=1.0, lines=1.0)
    traffic = second.app[keys.TRAFFIC]
    await first.post("/api/v1/metrics", {"metrics": [{"name": "fps", "value": 1.0}] * 100})
    await until(lambda: traffic.of("shop").rows.wait(traffic.clock()) > 0)
    assert (await second.post("/api/v1/metrics", point(1)))[0] == 429
    assert traffic.of("shop").rows.total == 0


async def test_what_one_server_deletes_the_other_forgets(two) -> None:
    first, second = two
    await second.post("/api/v1/metrics", point(1))
    await until(lambda: first.app[keys.SERIES].count("shop") == 1)
    async with first.http.delete(f"{first.url}/api/v1/applications/shop", headers=ADMIN) as answer:
        assert answer.status == 204
    await maintenance.purge_deleted(first.app, time.time())
    await until(lambda: second.app[keys.SERIES].count("shop") == 0)
    held = second.app[keys.METRICS]._engine._recent._written
    assert [written for written in held if written.block.series[0].app == "shop"] == []


async def test_one_server_runs_the_jobs_and_when_it_ends_the_other_one_does(two) -> None:
    first, second = two
    ran: list[Any] = []

    async def work(app: Any, _: float) -> None:
        ran.append(app)

    for server in two:
        server.app[keys.JOBS].add(Job("counted", "is counted", work, every(0.02)))
    await until(lambda: len(ran) >= 5)
    assert {id(app) for app in ran} == {id(first.app)}
    await first.runner.cleanup()
    ran.clear()
    await until(lambda: len(ran) >= 5)
    assert {id(app) for app in ran} == {id(second.app)}
