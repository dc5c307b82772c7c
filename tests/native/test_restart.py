"""A C++ program against the real server, which is killed and started again under it: nothing lost, nothing doubled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import libargus
import pytest
from server_process import Process

ADMIN = "Basic YWRtaW46cGVhY29jayBmZWF0aGVycw=="  # admin:peacock feathers


@pytest.fixture
def server(tmp_path: Path):
    made = Process(tmp_path / "data")
    made.start()
    yield made
    if made.process.poll() is None:
        made.stop(signal.SIGKILL)


def total(server: Process, name: str, agg: str) -> float:
    """The sum over all that the server holds of a metric."""
    now = int(time.time())
    query = f"app=terrain&name={name}&agg={agg}&start={now - 600}&end={now + 60}&step=10"
    request = urllib.request.Request(f"{server.url}/api/v1/metrics?{query}", headers={"Authorization": ADMIN})
    with urllib.request.urlopen(request, timeout=10) as answer:
        series = json.load(answer)["series"]
    return sum(value for line in series for value in line["values"] if value is not None)


def test_kill_and_restart_in_the_middle_loses_and_doubles_nothing(server: Process) -> None:
    made = json.loads(server.cli("app", "create", "terrain", "--json").stdout)
    settings = {"ARGUS_URL": server.url, "ARGUS_API_KEY": made["api_key"], "ARGUS_FLUSH_INTERVAL": "0.1"}
    program = subprocess.Popen(
        [*libargus.driver(), "soak"],
        env={**os.environ, **settings},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for _ in range(3):
        before = total(server, "orders", "sum")
        deadline = time.monotonic() + 20
        while total(server, "orders", "sum") <= before and time.monotonic() < deadline:
            time.sleep(0.05)  # real time: the program under test is another process
        server.stop(signal.SIGKILL)
        server.start()
    answer, errors = program.communicate("", timeout=60)
    recorded, complete = map(int, answer.split())
    assert complete == 1, errors
    assert recorded > 10_000
    assert total(server, "orders", "sum") == recorded, errors
    assert total(server, "work", "count") == recorded
