"""``argus serve`` as a process: killed, terminated, started twice."""

from __future__ import annotations

import concurrent.futures
import json
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from server_process import Process

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def server(tmp_path: Path):
    made = Process(tmp_path / "data")
    made.start()
    yield made
    if made.process.poll() is None:
        made.stop(signal.SIGKILL)


def post(url: str, key: str, body: dict[str, object]) -> dict[str, object]:
    request = urllib.request.Request(
        f"{url}/api/v1/metrics", json.dumps(body).encode(), {"Authorization": f"Bearer {key}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        content: dict[str, object] = json.loads(answer.read())
        return content


def send(server: Process, key: str, instance: str, batches: int) -> int:
    """Send batches one after another, each until it is acknowledged; return how many were."""
    for seq in range(1, batches + 1):
        now = time.time()
        counters = {"keys": ["orders"], "sum": [1.0], "count": [1]}
        body = {"instance": instance, "seq": seq, "host": "h", "start": now - 1, "end": now, "counters": counters}
        deadline = time.monotonic() + 30
        while True:
            try:
                post(server.url, key, body)
                break
            except (urllib.error.URLError, OSError):
                assert time.monotonic() < deadline
                time.sleep(0.02)
    return batches


def test_killed_again_and_again_it_keeps_every_acknowledged_batch_once(server: Process) -> None:
    key = json.loads(server.cli("app", "create", "shop", "--json").stdout)["api_key"]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        senders = [pool.submit(send, server, key, f"i{number}", 60) for number in range(4)]
        for _ in range(3):
            time.sleep(0.15)  # into the middle of the load
            server.stop(signal.SIGKILL)
            server.start()
        sent = sum(sender.result(60) for sender in senders)
    request = urllib.request.Request(
        f"{server.url}/api/v1/metrics?app=shop&name=orders&agg=sum&step=10", headers={"Authorization": f"Bearer {key}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        (line,) = json.loads(answer.read())["series"]
    assert sum(value or 0 for value in line["values"]) == sent == 240


def test_a_termination_is_a_clean_end(server: Process) -> None:
    assert server.stop(signal.SIGTERM) == 0


def test_a_second_server_on_the_same_folder_is_refused_in_one_line(server: Process) -> None:
    second = server.cli("serve", "--port", "0")
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert str(server.process.pid) in second.stderr
    assert "--data" in second.stderr


def test_a_port_in_use_is_said_in_one_line(server: Process, tmp_path: Path) -> None:
    other = Process(tmp_path / "other")
    taken = other.cli("serve", "--port", str(server.port))
    assert taken.returncode == 1
    assert f"cannot listen on 127.0.0.1:{server.port}" in taken.stderr
    assert "Traceback" not in taken.stderr


def test_a_key_made_by_the_command_line_works_at_once(server: Process) -> None:
    key = json.loads(server.cli("app", "create", "late", "--json").stdout)["api_key"]
    time.sleep(0.6)  # the server looks for new keys twice a second at most
    assert post(server.url, key, {"metrics": [{"name": "n", "value": 1}]})["accepted"] == 1
