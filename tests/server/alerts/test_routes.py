"""``/api/v1/alerts`` and its neighbours, over a real server."""

from __future__ import annotations

import time
from typing import Any

import aiohttp
import pytest
from alert_world import hold_clock

from argus.server import keys

ADMIN = {"Authorization": "Basic YWRtaW46Y29ycmVjdCBob3JzZQ=="}  # admin:correct horse
SIMPLE = {
    "app_id": "shop",
    "metric_name": "cpu_percent",
    "condition": ">",
    "threshold": 80,
    "notification_email": "ops@example.org",
}
WEEK = 7 * 86_400.0


class Api:
    """The administrator at a server whose alerts wait for no late data, and whose checker's clock stands still."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.minute = time.time() // 60 * 60
        """When the last whole minute ended."""
        hold_clock(server.app[keys.CHECKER], self.minute + 1)

    async def __call__(self, method: str, path: str, body: Any = None, **params: Any) -> tuple[int, Any]:
        url = f"{self.server.url}/api/v1{path}"
        async with self.server.http.request(method, url, json=body, params=params, headers=ADMIN) as answer:
            return answer.status, await answer.json() if answer.status != 204 else None

    async def send(self, value: float, name: str = "cpu_percent") -> None:
        """Send a value of the last whole minute."""
        point = {"name": name, "value": value, "type": "gauge", "timestamp": self.minute - 30}
        assert (await self.server.post("/api/v1/metrics", {"metrics": [point]}))[0] == 200

    async def check(self) -> None:
        """Run a pass as the scheduler does."""
        await self.server.app[keys.JOBS].run("check_alerts")

    async def fire(self, **changes: Any) -> dict[str, Any]:
        """Make a rule that fires."""
        _, made = await self("POST", "/alerts", {**SIMPLE, **changes})
        await self.send(93.5)
        await self.check()
        _, rule = await self("GET", f"/alerts/{made['id']}")
        assert rule["state"] == "firing"
        return dict(rule)


@pytest.fixture
async def api(make_server) -> Api:
    return Api(await make_server(alert_delay=0.0, public_url="https://argus.example.org"))


async def test_a_simple_rule_is_answered_whole(api) -> None:
    status, rule = await api("POST", "/alerts", SIMPLE)
    assert status == 201
    assert {name: rule[name] for name in SIMPLE} == SIMPLE
    assert rule["id"] > 0
    assert rule["name"] == "avg of cpu_percent over 1 min > 80"
    defaults: dict[str, Any] = {
        "query": None,
        "tags": {},
        "aggregation": "avg",
        "window": 60,
        "for": 0,
        "recovery_threshold": None,
        "no_data": "keep",
        "severity": "warning",
        "channels": [],
        "repeat_interval": 600,
        "runbook_url": None,
        "enabled": True,
    }
    assert {name: rule[name] for name in defaults} == defaults
    assert await api("GET", f"/alerts/{rule['id']}") == (200, rule)


async def test_a_wrong_rule_is_refused_and_not_kept(api) -> None:
    for path in ("/alerts", "/alerts/preview"):
        status, answer = await api("POST", path, {**SIMPLE, "window": 65})
        assert (status, answer["error"]["where"]) == (400, "$.window")
        status, answer = await api("POST", path, {**SIMPLE, "app_id": "shp"})
        assert (status, answer["error"]["where"]) == (400, "$.app_id")
        assert answer["error"]["message"] == "there is no application 'shp'; there are: other, shop"
    assert (await api("GET", "/alerts"))[1]["rules"] == []


async def test_what_fires_is_listed_told_and_kept_in_the_history(api) -> None:
    rule = await api.fire()
    _, listed = await api("GET", "/alerts")
    (shown,) = listed["rules"]
    assert (shown["state"], shown["value"], shown["since"]) == ("firing", 93.5, api.minute)
    assert [one["app"] for one in shown["applications"]] == ["shop"]
    assert listed["checker"]["judged"] == 1
    assert listed["checker"]["trouble"] == ""
    _, history = await api("GET", "/alerts/history")
    (event,) = history["events"]
    assert history["next"] is None
    assert {name: event[name] for name in ("rule_id", "state", "metric_value", "threshold")} == {
        "rule_id": rule["id"],
        "state": "firing",
        "metric_value": 93.5,
        "threshold": 80,
    }
    (told,) = event["deliveries"]
    assert (told["kind"], told["target"], told["state"]) == ("email", "ops@example.org", "pending")
    _, apps = await api("GET", "/applications")
    assert {app["app_id"]: app["active_alerts"] for app in apps["applications"]} == {"other": 0, "shop": 1}


async def test_a_preview_answers_when_a_rule_would_have_fired(api) -> None:
    await api.send(93.5)
    status, found = await api("POST", "/alerts/preview", {**SIMPLE, "no_data": "ok", "end": api.minute})
    assert (status, found["fired"], found["messages"]) == (200, 1, 1)
    assert found["incidents"] == [{"app": "shop", "start": api.minute, "end": None}]
    assert found["series"][0]["points"][-1] == [api.minute, 93.5]
    assert (await api("GET", "/alerts"))[1]["rules"] == []
    assert (await api("GET", "/alerts/history"))[1]["events"] == []


async def test_the_history_has_filters_and_pages(api) -> None:
    first = await api.fire()
    await api.fire(name="second")
    _, page = await api("GET", "/alerts/history", limit=1)
    assert page["events"][0]["rule_name"] == "second"
    _, rest = await api("GET", "/alerts/history", limit=5, cursor=page["next"])
    assert [event["rule_id"] for event in rest["events"]] == [first["id"]]
    for params, found in (({"app": "other"}, 0), ({"rule_id": first["id"]}, 1), ({"state": "resolved"}, 0)):
        assert len((await api("GET", "/alerts/history", **params))[1]["events"]) == found
    assert (await api("GET", "/alerts/history", cursor="x"))[0] == 400


async def test_a_rule_is_changed_replaced_and_deleted(api) -> None:
    rule = await api.fire()
    path = f"/alerts/{rule['id']}"
    _, renamed = await api("PATCH", path, {"severity": "critical"})
    assert (renamed["severity"], renamed["state"], renamed["created_at"]) == ("critical", "firing", rule["created_at"])
    _, stricter = await api("PATCH", path, {"threshold": 99})
    assert (stricter["name"], stricter["state"]) == ("avg of cpu_percent over 1 min > 99", "no_data")
    assert stricter["notification_email"] == "ops@example.org"
    _, replaced = await api("PUT", path, {"metric_name": "fps", "threshold": 30, "condition": "<"})
    assert (replaced["id"], replaced["app_id"], replaced["notification_email"]) == (rule["id"], None, None)
    _, off = await api("PATCH", path, {"enabled": False})
    assert off["enabled"] is False
    assert (await api("PATCH", path, {"threshold": "x"}))[0] == 400
    assert (await api("DELETE", path))[0] == 204
    for method, body in (("GET", None), ("PUT", SIMPLE), ("PATCH", {}), ("DELETE", None)):
        status, answer = await api(method, path, body)
        assert (status, answer["error"]["where"]) == (404, "rule_id")
    history = [event["state"] for event in (await api("GET", "/alerts/history"))[1]["events"]]
    assert history == ["ok", "firing"]


@pytest.mark.parametrize("number", ["x", "-1", "1" * 30, "٣"])
async def test_what_is_no_number_of_a_rule_is_not_found(api, number) -> None:
    assert (await api("GET", f"/alerts/{number}"))[0] == 404


async def test_an_incident_is_acknowledged_once_it_is_there(api) -> None:
    _, made = await api("POST", "/alerts", SIMPLE)
    status, answer = await api("POST", f"/alerts/{made['id']}/acknowledge")
    assert (status, answer["error"]["code"]) == (409, "conflict")
    rule = await api.fire(name="another")
    _, shown = await api("POST", f"/alerts/{rule['id']}/acknowledge", app="shop")
    assert shown["applications"][0]["acknowledged_at"] == pytest.approx(time.time(), abs=5)


async def test_silences_are_made_listed_replaced_and_ended(api) -> None:
    now = time.time()
    status, made = await api(
        "POST", "/silences", {"starts": api.minute, "ends": now + 600, "app_id": "shop", "comment": "deploy"}
    )
    assert (status, made["active"], made["starts"]) == (201, True, api.minute)
    rule = await api.fire()
    assert rule["applications"][0]["silence_id"] == made["id"]
    (event,) = (await api("GET", "/alerts/history"))[1]["events"]
    assert event["deliveries"][0]["state"] == "suppressed"
    assert event["deliveries"][0]["reason"] == f"silence {made['id']}: deploy"
    path = f"/silences/{made['id']}"
    _, later = await api("PUT", path, {"starts": now + 60, "ends": now + 120, "every": "day"})
    assert (later["active"], later["app_id"], later["every"]) == (False, None, "day")
    assert (await api("GET", "/silences"))[1]["silences"] == [later]
    assert (await api("DELETE", path))[0] == 204
    assert (await api("DELETE", path))[0] == 404
    assert (await api("PUT", path, {"ends": now + 60}))[0] == 404


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "$"),
        ({"ends": 1}, "$.ends"),
        ({"starts": 1, "ends": 2}, "$.ends"),
        ({"ends": 9e11}, "$.ends"),
        ({"starts": 1, "ends": 100_000, "every": "day"}, "$.ends"),
        ({"ends": 9e9, "sevrity": "info"}, "$"),
        ({"starts": 1, "ends": 2, "every": "day", "app_id": "shoop"}, "$.app_id"),
        ({"starts": 1, "ends": 2, "every": "day", "rule_id": 99}, "$.rule_id"),
    ],
)
async def test_a_wrong_silence_is_refused(api, body, where) -> None:
    status, answer = await api("POST", "/silences", body)
    assert (status, answer["error"]["where"]) == (400, where)


async def test_a_transition_is_told_to_an_open_dashboard(api, monkeypatch) -> None:
    monkeypatch.setattr("argus.server.live.ALERTS_SECONDS", 0.01)
    await api.fire(name="before anybody listens")
    async with api.server.http.ws_connect(f"{api.server.url}/ws/dashboard", headers=ADMIN) as socket:
        await socket.send_json({"op": "subscribe", "id": 5, "topic": "alerts"})
        assert (await socket.receive_json(timeout=5))["op"] == "subscribed"
        await told_from_now_on(api, socket)


async def told_from_now_on(api: Api, socket: aiohttp.ClientWebSocketResponse) -> None:
    """Let rules fire until the first is told: the hub may not have begun to look yet."""
    names = [f"rule {n}" for n in range(50)]
    for name in names:
        await api.fire(name=name)
        try:
            message = await socket.receive_json(timeout=0.2)
        except TimeoutError:
            continue
        assert (message["op"], message["id"]) == ("alerts", 5)
        assert message["events"][0]["rule_name"] in names
        assert message["events"][0]["deliveries"][0]["state"] == "pending"
        return
    raise AssertionError("nothing was told")


async def test_events_and_alerts_are_marks_on_charts(api) -> None:
    now = time.time()
    deploy = {"timestamp": now - 30, "level": "INFO", "message": "v1.2", "logger": "argus.event"}
    lines = [
        {**deploy, "metadata": {"event": "deploy", "by": "ci"}},
        {**deploy, "logger": "shop", "message": "no mark"},
    ]
    await api.server.post("/api/v1/logs", {"logs": lines})
    await api.fire()
    path = f"{api.server.url}/api/v1/annotations"
    async with api.server.http.get(path, headers=api.server.bearer(), params={"end": now + 60}) as answer:
        marks = (await answer.json())["annotations"]
    assert sorted((mark["kind"], mark["name"], mark["text"], tuple(mark["tags"].items())) for mark in marks) == [
        ("alert", "avg of cpu_percent over 1 min > 80", "firing", ()),
        ("event", "deploy", "v1.2", (("by", "ci"),)),
    ]
    assert (await api("GET", "/annotations", app="other"))[1]["annotations"] == []


async def test_a_deleted_application_takes_its_rules_along(api) -> None:
    rule = await api.fire()
    await api("DELETE", "/applications/shop")
    await api.server.app[keys.JOBS].run("purge_deleted")
    assert (await api("GET", f"/alerts/{rule['id']}"))[0] == 404
    assert (await api("GET", "/alerts/history"))[1]["events"] == []


async def test_a_pass_that_fails_is_said_and_the_next_one_runs(api, monkeypatch, caplog) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(api.server.app[keys.CHECKER], "_pass", fail)
        await api.check()
    assert "check_alerts failed" in caplog.text
    await api.fire()


async def test_while_the_store_cannot_be_written_nothing_is_judged(api) -> None:
    await api("POST", "/alerts", SIMPLE)
    await api.send(93.5)
    api.server.app[keys.METRIC_COMMIT].trouble = "disk full"
    await api.check()
    _, listed = await api("GET", "/alerts")
    assert (listed["rules"][0]["state"], "disk full" in listed["checker"]["trouble"]) == ("no_data", True)
