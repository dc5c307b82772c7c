"""The whole server over a metric store in an engine of its own: stored, killed, repeated, and the engine away."""

from __future__ import annotations

import json
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from influx import Influx
from server_process import Process
from victoria import Victoria

START = time.time() // 60 * 60 - 600


def post(url: str, key: str, seq: int) -> Any:
    body = {"instance": "i", "seq": seq, "host": "h", "start": START + 10 * seq, "end": START + 10 * seq + 10}
    body["counters"] = {"keys": ["orders{shop=oslo}"], "sum": [2.0], "count": [1]}
    request = urllib.request.Request(
        f"{url}/api/v1/metrics", json.dumps(body).encode(), {"Authorization": f"Bearer {key}"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def orders(url: str, key: str) -> float:
    path = f"/api/v1/metrics?app=shop&name=orders&agg=sum&step=60&start={START:.0f}&end={START + 600:.0f}"
    request = urllib.request.Request(url + path, headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return sum(value or 0.0 for line in json.load(answer)["series"] for value in line["values"])


@pytest.mark.parametrize("product", [Influx, Victoria])
def test_what_the_server_acknowledged_is_in_the_engine_once(product, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "engine").mkdir()
    with product(tmp_path / "engine") as engine:
        scheme = "influxdb" if product is Influx else "victoriametrics"
        place = "/argus" if product is Influx else ""
        monkeypatch.setenv("ARGUS_METRICS_URL", f"{scheme}://127.0.0.1:{engine.port}{place}")
        server = Process(tmp_path / "data")
        server.start()
        key = json.loads(server.cli("app", "create", "shop", "--json").stdout)["api_key"]
        deadline = time.monotonic() + 20
        while not stored(server.url, key, 1):  # the server looks for new keys twice a second
            assert time.monotonic() < deadline
            time.sleep(0.05)
        post(server.url, key, 2)
        server.stop(signal.SIGKILL)
        server.start()
        post(server.url, key, 2)
        assert orders(server.url, key) == 4.0
        engine.stop()
        assert not stored(server.url, key, 3)
        engine.start()
        assert stored(server.url, key, 3)
        assert orders(server.url, key) == 6.0
        server.stop(signal.SIGTERM)


def stored(url: str, key: str, seq: int) -> bool:
    """Send a batch; return whether it was acknowledged. What may be sent again is answered by 401 or 503."""
    try:
        post(url, key, seq)
    except urllib.error.HTTPError as error:
        if error.code not in {401, 503}:
            raise
        return False
    return True
