"""Applications and their keys through the API, what the server tells of them, their limits, and the audit log."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from argus.server import keys, last_minute, maintenance, traffic

SHOP = "/api/v1/applications/shop"
POINT = {"metrics": [{"name": "n", "value": 1.0}]}


async def ask(server, method: str, path: str, body=None) -> tuple[int, dict]:
    async with server.http.request(method, server.url + path, json=body, headers=server.admin) as answer:
        return answer.status, await answer.json() if answer.status != 204 else {}


async def sends(server, key: str) -> int:
    return (await server.post("/api/v1/metrics", POINT, headers=server.bearer(key)))[0]


async def key_ids(server) -> dict[str, str]:
    _, shop = await ask(server, "GET", SHOP)
    return {key["label"]: key["key_id"] for key in shop["keys"]}


async def test_each_place_has_a_key_of_its_own_and_one_goes_without_the_others(server) -> None:
    made = {}
    for label in ("web", "worker"):
        status, made[label] = await ask(server, "POST", f"{SHOP}/keys", {"label": label})
        assert status == 201
    assert [await sends(server, one["api_key"]) for one in made.values()] == [200, 200]
    status, _ = await ask(server, "DELETE", f"{SHOP}/keys/{made['web']['key_id']}")
    assert status == 204
    assert [await sends(server, one["api_key"]) for one in made.values()] == [401, 200]
    assert set(await key_ids(server)) == {"", "worker"}
    assert (await ask(server, "DELETE", f"{SHOP}/keys/{made['web']['key_id']}"))[0] == 404


@pytest.mark.parametrize(("overlap", "old_works"), [(3600, 200), (0, 401)])
async def test_a_rotated_key_works_on_for_as_long_as_one_says(server, overlap, old_works) -> None:
    ids = await key_ids(server)
    status, new = await ask(server, "POST", f"{SHOP}/keys/{ids['']}/rotate", {"overlap": overlap})
    assert (status, await sends(server, server.key), await sends(server, new["api_key"])) == (201, old_works, 200)


async def test_an_application_is_renamed_and_keeps_its_id(server) -> None:
    status, shop = await ask(server, "PATCH", SHOP, {"name": "  The Shop "})
    assert (status, shop["app_id"], shop["name"]) == (200, "shop", "The Shop")
    _, listed = await ask(server, "GET", "/api/v1/applications")
    assert [app["name"] for app in listed["applications"]] == ["other", "The Shop"]


async def test_the_server_tells_what_it_knows_of_an_application(server) -> None:
    end = time.time() // 10 * 10
    batch: dict[str, Any] = {
        "instance": "web-1:1",
        "seq": 1,
        "host": "web-1",
        "sdk": "python/1.0.0",
        "start": end - 10,
        "end": end,
    }
    batch["gauges"] = {"keys": ["argus.overhead_percent"], **{name: [0.5] for name in ("last", "min", "max", "sum")}}
    batch["gauges"]["count"] = [1]
    batch["counters"] = {"keys": ["argus.client.log_lines_dropped", "a{"], "sum": [3, 1], "count": [1, 1]}
    assert (await server.post("/api/v1/metrics", batch))[0] == 200
    lines = [{"timestamp": end, "message": "hello"}, {"timestamp": 1, "message": "of old"}]
    assert (await server.post("/api/v1/logs", {"logs": lines}))[0] == 200
    _, shop = await ask(server, "GET", SHOP)
    assert shop["sdks"] == ["python/1.0.0"]
    assert [(one["instance"], one["host"]) for one in shop["instances"]] == [("web-1:1", "web-1")]
    assert (shop["rows"], shop["lines"], shop["rejected"], shop["refused"]) == (2, 1, 2, 0)
    assert shop["series"] == {"now": 2, "limit": 10_000, "own": False}
    assert shop["rows_per_second"] == {"now": 2 / 60, "limit": 50_000, "own": False}
    assert (shop["overhead_percent"], shop["dropped"]) == (0.5, 3)
    assert [key["last_used"] is not None for key in shop["keys"]] == [True]


async def test_the_last_use_of_a_key_outlives_the_server(server) -> None:
    await sends(server, server.key)
    await maintenance.keep_use_of_keys(server.app, 0)
    stored = {key.app_id: key.last_used for key in server.app[keys.RECORDS].keys()}  # noqa: SIM118  # a store's keys
    assert stored["shop"] == pytest.approx(time.time(), abs=60)
    assert stored["other"] is None


@pytest.mark.parametrize(
    ("path", "body", "setting"),
    [
        ("/api/v1/metrics", {"metrics": [{"name": "n", "value": 1.0}] * 70}, "max_rows_per_second"),
        ("/api/v1/logs", {"logs": [{"timestamp": 0, "message": "m"}] * 70}, "max_lines_per_second"),
    ],
)
@pytest.mark.parametrize("own", [False, True])
async def test_who_sends_too_fast_is_told_when_to_come_again(make_server, path, body, setting, own) -> None:
    server = await make_server(**({} if own else {setting: 1.0}))
    now = [1000.0]
    server.app[keys.TRAFFIC].clock = lambda: now[0]
    if own:
        assert (await ask(server, "PATCH", SHOP, {setting: 1}))[0] == 200
    for line in body.get("logs", ()):
        line["timestamp"] = time.time()
    assert (await server.post(path, body))[0] == 200, "a minute's worth may come at once"
    async with server.http.post(server.url + path, json=body, headers=server.bearer()) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "10")
    assert (await server.post(path, body, headers=server.bearer(server.other_key)))[0] == 200, "others go on"
    _, shop = await ask(server, "GET", SHOP)
    assert shop["refused"] == 1
    assert shop[setting.removeprefix("max_")]["limit"] == 1
    now[0] += 10
    assert (await server.post(path, body))[0] == 200


async def test_a_series_limit_of_its_own_counts_for_an_application(server) -> None:
    assert (await ask(server, "PATCH", SHOP, {"max_series": 1}))[0] == 200
    points = {"metrics": [{"name": name, "value": 1.0} for name in ("a", "b")]}
    _, told = await server.post("/api/v1/metrics", points)
    assert [row["reason"] for row in told["rejected"]] == ["series limit of 1 reached"]
    assert (await ask(server, "PATCH", SHOP, {"max_series": None}))[0] == 200
    _, told = await server.post("/api/v1/metrics", points)
    assert told["rejected"] == []


def test_a_small_limit_does_not_silence_for_hours() -> None:
    meter = traffic.Meter()
    meter.add(1_000_000, 1.0, 0.0)
    assert meter.wait(0.0) == traffic.LONGEST_WAIT
    assert meter.per_second(59.0) == 1_000_000 / 60
    assert meter.per_second(60.0) == 0


def test_the_rate_of_the_last_minute_is_kept_by_the_second() -> None:
    recent = last_minute.LastMinute()
    for tick in range(1_000):
        recent.add(3, 100 + tick / 10)
    assert recent.sum(199.9) == pytest.approx(60 * 30, rel=0.02)
    assert len(recent._seconds) <= last_minute.MINUTE


async def test_every_act_is_in_the_audit_log_and_nothing_else(server) -> None:
    async with server.http.post(f"{server.url}/api/v1/session", json={"password": "wrong horse"}) as answer:
        assert answer.status == 401
    await ask(server, "GET", "/api/v1/applications")
    await ask(server, "PATCH", SHOP, {"name": "The Shop", "max_series": 5})
    _, made = await ask(server, "POST", f"{SHOP}/keys", {"label": "web"})
    await ask(server, "DELETE", "/api/v1/applications/nothing")
    await ask(server, "POST", "/api/v1/session", {"password": "correct horse"})
    server.http.cookie_jar.clear()
    await ask(server, "DELETE", SHOP)
    _, first = await ask(server, "GET", "/api/v1/audit?limit=3")
    _, second = await ask(server, "GET", f"/api/v1/audit?before={first['next']}")
    found = [(e["act"], e["subject"], e["detail"]) for e in first["entries"] + second["entries"]]
    assert found == [
        ("delete_application", SHOP, ""),
        ("post_session", "/api/v1/session", ""),
        ("post_key", f"{SHOP}/keys", f"{made['prefix']}… web"),
        ("patch_application", SHOP, "name = The Shop, max_series = 5"),
    ]
    assert {e["origin"] for e in first["entries"]} == {"127.0.0.1"}
    assert second["next"] is None
    assert made["api_key"] not in str(first)


async def test_a_connection_that_sends_no_request_is_closed_and_others_are_not(server) -> None:
    now = [0.0]
    slow = server.app[keys.SLOW_CLIENTS]
    slow.clock = lambda: now[0]
    port = int(server.url.rpartition(":")[2])
    web_server = server.runner.server
    silent, opened = await asyncio.open_connection("127.0.0.1", port)
    dripping, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ")
    async with server.http.get(f"{server.url}/healthz") as answer:
        await answer.read()
    assert len(web_server.connections) == 3, "connections are accepted in their order"
    slow.look(web_server)
    now[0] = 9.0
    slow.look(web_server)
    assert slow.closed == 0
    now[0] = 10.0
    slow.look(web_server)
    assert [await one.read() for one in (silent, dripping)] == [b"", b""]
    assert slow.closed == 2
    for one in (opened, writer):
        one.close()
    async with server.http.get(f"{server.url}/healthz") as answer:
        assert answer.status == 200
