"""The server's answers and live messages have the shape of the golden files, which the dashboard's types follow too."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from alert_world import hold_clock

from argus.server import keys
from argus.server.live import QUEUE, Socket

GOLDEN = Path(__file__).resolve().parents[1] / "contract" / "golden"
ADMIN = {"Authorization": "Basic YWRtaW46Y29ycmVjdCBob3JzZQ=="}  # admin:correct horse
FREE = {"tags", "metadata", "sizes", "refused"}
"""Members whose own members are the application's, or the store's, or come with what happened."""


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text())


def shape(value: Any, name: str = "") -> Any:
    """What a dashboard can rely on: members and the kinds of their values. A null stands for a missing value."""
    if isinstance(value, dict):
        return "free" if name in FREE else {key: shape(inner, key) for key, inner in sorted(value.items())}
    if isinstance(value, list):
        inner = [shape(item) for item in value if item is not None]
        return inner[:1]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "number"
    return type(value).__name__


@pytest.fixture
async def filled(server):
    """A server that holds what the golden bodies say, at the present time."""
    end = time.time() // 10 * 10
    batch = {**golden("ingest_batch"), "seq": 1, "start": end - 10, "end": end}
    assert (await server.post("/api/v1/metrics", batch))[0] == 200
    lines = golden("ingest_logs")
    for line in lines["logs"]:
        line["timestamp"] = end
    assert (await server.post("/api/v1/logs", lines))[0] == 200
    return server


@pytest.mark.parametrize(
    ("name", "path", "params"),
    [
        ("answer_metrics", "/api/v1/metrics", {"app": "shop", "name": "orders", "agg": "sum", "group_by": "shop"}),
        ("answer_series", "/api/v1/metrics/series", {"app": "shop"}),
        ("answer_distribution", "/api/v1/metrics/distribution", {"app": "shop", "name": "http.request"}),
        ("answer_logs", "/api/v1/logs", {"app": "shop"}),
        ("answer_log_histogram", "/api/v1/logs/histogram", {"app": "shop"}),
        ("answer_session", "/api/v1/session", {}),
        ("answer_error", "/api/v1/metrics", {"app": "shop", "name": "orders", "step": "-1"}),
    ],
)
async def test_an_answer_has_the_shape_of_its_golden_file(filled, name, path, params) -> None:
    _, answer = await filled.get(path, **params)
    assert shape(answer) == shape(golden(name))


async def test_the_applications_have_the_shape_of_their_golden_file(filled) -> None:
    _, answer = await filled.get("/api/v1/applications")
    (shop,) = (app for app in answer["applications"] if app["app_id"] == "shop")
    assert shape(shop) == shape(golden("answer_applications")["applications"][0])


async def test_the_status_has_the_shape_of_its_golden_file(filled) -> None:
    await filled.app[keys.JOBS].run("maintain_metrics")
    _, answer = await filled.get("/api/v1/status")
    assert shape(answer) == shape(golden("answer_status"))


async def test_a_registration_and_an_acknowledgement_have_the_shapes_of_their_golden_files(server) -> None:
    async with server.http.post(f"{server.url}/api/v1/applications", json={"name": "game"}, headers=ADMIN) as answer:
        assert shape(await answer.json()) == shape(golden("answer_application_created"))
    _, told = await server.post("/api/v1/metrics", {"metrics": [{"name": "n", "value": -1, "type": "counter"}]})
    assert shape(told) == shape(golden("answer_accepted"))


async def test_alerts_have_the_shapes_of_their_golden_files(make_server) -> None:
    server = await make_server(alert_delay=0.0)
    rule = {"app_id": "shop", "metric_name": "cpu", "threshold": 80, "notification_email": "ops@example.org"}
    async with server.http.post(f"{server.url}/api/v1/alerts", json=rule, headers=ADMIN) as answer:
        assert answer.status == 201
    minute = time.time() // 60 * 60
    hold_clock(server.app[keys.CHECKER], minute + 1)
    point = {"name": "cpu", "value": 93.5, "type": "gauge", "timestamp": minute - 30}
    await server.post("/api/v1/metrics", {"metrics": [point]})
    await server.app[keys.JOBS].run("check_alerts")
    await server.app[keys.DELIVERY].deliver()  # there is no mail server, so an attempt that failed
    _, listed = await server.get("/api/v1/alerts")
    assert shape(listed) == shape(golden("answer_alerts"))
    _, history = await server.get("/api/v1/alerts/history")
    assert shape(history) == shape(golden("answer_alert_history"))
    told = next(message for message in golden("live_server") if message["op"] == "alerts")
    assert shape(told["events"]) == shape(history["events"])


async def test_channels_have_the_shapes_of_their_golden_files(server) -> None:
    hook = {"name": "ops hook", "kind": "webhook", "target": "https://example.org/hook"}
    _, made = await server.post("/api/v1/channels", hook, headers=ADMIN)
    assert shape(made) == shape(golden("answer_channel_created"))
    _, listed = await server.get("/api/v1/channels")
    assert shape(listed) == shape(golden("answer_channels"))


async def test_live_messages_have_the_shapes_of_their_golden_files(filled) -> None:
    wanted = {message["op"]: shape(message) for message in golden("live_server")}
    seen: dict[str, Any] = {}
    async with filled.http.ws_connect(f"{filled.url}/ws/dashboard", headers=ADMIN) as socket:
        for message in golden("live_client"):
            if message.get("topic") == "metrics":
                message["queries"]["q1"]["tag"] = []
            if message["op"] == "subscribe":
                await socket.send_json(message)
        await socket.send_json({"op": "subscribe", "id": 4, "topic": "metric"})
        now = time.time()
        point = {"name": "orders", "value": 1, "type": "counter", "tags": {"shop": "oslo"}}
        line = {"timestamp": now, "level": "ERROR", "message": "payment failed", "metadata": {"order": 1}}
        while not {"points", "logs", "applications", "error", "subscribed"} <= seen.keys():
            if {"subscribed", "error"} <= seen.keys() and not {"points", "logs"} & seen.keys():
                await filled.post("/api/v1/metrics", {"metrics": [point]})
                await filled.post("/api/v1/logs", {"logs": [line]})
            told = await socket.receive_json(timeout=5)
            if told["op"] == "applications":
                told["applications"] = [app for app in told["applications"] if app["app_id"] == "shop"]
            seen[told["op"]] = shape(told)
    assert seen == {op: wanted[op] for op in seen}


async def test_a_message_about_lost_messages_has_the_shape_of_its_golden_file() -> None:
    slow = Socket()
    for _ in range(QUEUE + 1):
        slow.send(2, b"{}")
    while slow.queue.qsize() > QUEUE // 2:
        slow.queue.get_nowait()
    slow.send(2, b"{}")
    told = [json.loads(slow.queue.get_nowait()) for _ in range(slow.queue.qsize())]
    (dropped,) = (message for message in told if message)
    assert shape(dropped) == shape(next(m for m in golden("live_server") if m["op"] == "dropped"))
