"""``argus run`` with a real server: a Python program that is killed, and a native one that draws."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import outside
import pytest
import terrain
from server_process import Process
from tools import missing

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="frames and a killed process's records are Linux's")

PROGRAM = """
import logging, os, signal, sqlite3
import argus
database = sqlite3.connect(":memory:")
for order in range(1000):
    argus.increment("orders")
    database.execute("select 1")
logging.getLogger("shop").warning("the last words")
print("printed", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


class Shop:
    """A real server with one application."""

    def __init__(self, server: Process) -> None:
        self._server = server
        made = server.cli("app", "create", "shop", "--json")
        self._key = json.loads(made.stdout)["api_key"]

    def environment(self, **more: str) -> dict[str, str]:
        return {**outside.environment(self._server.url, ARGUS_APP_ID="shop", **more), "ARGUS_API_KEY": self._key}

    def run(self, *command: str) -> subprocess.CompletedProcess[bytes]:
        return outside.run(None, *command, env=self.environment())

    def ask(self, path: str, **query: str) -> Any:
        url = f"{self._server.url}/api/v1/{path}?{urllib.parse.urlencode({'app': 'shop', **query})}"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self._key}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def values(self, name: str, aggregation: str) -> list[float]:
        answer = self.ask("metrics", name=name, agg=aggregation, step="3600")
        return [value for series in answer["series"] for value in series["values"] if value is not None]

    def lines(self) -> list[tuple[str, str, str]]:
        return [(line["level"], line["logger"], line["message"]) for line in self.ask("logs", limit="100")["logs"]]


def until(ready: Callable[[], bool], seconds: float = 60.0) -> None:
    """Ask a server until it knows."""
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    server = Process(tmp_path_factory.mktemp("joined") / "data")
    server.start()
    yield Shop(server)
    server.stop(signal.SIGTERM)


def test_a_python_program_that_kills_itself_loses_nothing_and_its_end_is_told(shop: Shop) -> None:
    answer = shop.run(sys.executable, "-c", PROGRAM)
    assert (answer.returncode, answer.stdout) == (-signal.SIGKILL, b"printed\n")
    assert sum(shop.values("orders", "sum")) == 1000
    assert sum(shop.values("db.query", "count")) == 1000
    lines = shop.lines()
    assert ("WARN", "shop", "the last words") in lines
    assert [level for level, logger, text in lines if logger == "argus.run" and "was ended by SIGKILL" in text] == [
        "ERROR"
    ]


def test_a_native_program_that_draws_is_seen_from_outside_and_inside(shop: Shop) -> None:
    if shutil.which("glxgears") is None:
        missing("glxgears is missing; on Debian: apt-get install mesa-utils")
    command = [*terrain.on_a_virtual_screen(), *outside.ARGUS_RUN, "glxgears"]
    environment = shop.environment(ARGUS_FLUSH_INTERVAL="0.5")
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True) as process:
        until(lambda: sum(shop.values("frames", "sum")) > 10)
        os.killpg(process.pid, signal.SIGTERM)
    until(lambda: ("INFO", "argus.event") in [line[:2] for line in shop.lines() if "glxgears was ended" in line[2]])
    assert min(shop.values("frame_time", "p50")) > 0
    assert max(shop.values("tree.cpu_percent", "max")) > 0
