"""A whole server: a rule fires by itself, and neither a kill nor a restart repeats or forgets it."""

from __future__ import annotations

import base64
import json
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from server_process import Process

ADMIN = "Basic " + base64.b64encode(b"admin:peacock feathers").decode()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    made = Process(tmp_path / "data", ARGUS_ALERT_INTERVAL="1", ARGUS_ALERT_DELAY="0")
    made.start()
    yield made
    if made.process.poll() is None:
        made.stop(signal.SIGKILL)


def ask(server: Process, path: str, body: Any = None, authorization: str = ADMIN) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{server.url}/api/v1{path}", data, {"Authorization": authorization})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_rule_fires_by_itself_and_survives_a_kill(server: Process) -> None:
    key = json.loads(server.cli("app", "create", "shop", "--json").stdout)["api_key"]
    now = time.time()
    points = [{"name": "cpu", "value": 95, "type": "gauge", "timestamp": now - ago} for ago in (0, 60)]
    ask(server, "/metrics", {"metrics": points}, f"Bearer {key}")
    # Only now: a pass before the points had come would judge their window, and the next one ends a minute later.
    rule = {"app_id": "shop", "metric_name": "cpu", "threshold": 80, "notification_email": "ops@example.org"}
    made = ask(server, "/alerts", rule)
    until(lambda: ask(server, f"/alerts/{made['id']}")["state"] == "firing")
    server.stop(signal.SIGKILL)
    server.start()
    until(lambda: ask(server, "/alerts")["checker"]["last_pass_at"] is not None)
    shown = ask(server, f"/alerts/{made['id']}")
    (event,) = ask(server, "/alerts/history")["events"]
    assert (shown["state"], shown["value"], event["state"], event["metric_value"]) == ("firing", 95, "firing", 95)
    assert [(one["state"], one["target"]) for one in event["deliveries"]] == [("pending", "ops@example.org")]
