"""``argus serve`` with one application under load, and the load: for the benchmarks and what measures costs."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

import psutil

ROOT = Path(__file__).resolve().parents[2]
MIB = 1024 * 1024


class LoadedServer:
    """A running server in a folder, or with the stores that its environment names; ``with`` ends it."""

    def __init__(self, data: Path, **environment: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = data
        unlimited = {"ARGUS_MAX_ROWS_PER_SECOND": "1e9", "ARGUS_MAX_LINES_PER_SECOND": "1e9"}
        settings = {**os.environ, "ARGUS_PAST": str(20 * 86_400), "ARGUS_MAX_SERIES": "100000"}
        settings.update(unlimited, **environment)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "argus", "serve", "--port", str(self.port), "--data", str(data)],
            cwd=ROOT,
            env=settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        assert any("Argus is watching" in line for line in self.process.stdout)
        command = [sys.executable, "-m", "argus", "app", "create", "bench", "--json", "--data", str(data)]
        made = subprocess.run(command, cwd=ROOT, env=settings, check=True, capture_output=True, text=True)
        self.headers = {"Authorization": f"Bearer {json.loads(made.stdout)['api_key']}"}
        time.sleep(1)  # the server looks for new keys twice a second

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.communicate(timeout=30)

    def memory(self) -> float:
        """Return resident memory in MiB."""
        return float(psutil.Process(self.process.pid).memory_info().rss) / MIB

    def get(self, path: str) -> bytes:
        """Return an answer's body."""
        request = urllib.request.Request(self.url + path, headers=self.headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return bytes(answer.read())

    def send(self, path: str, queues: Sequence[Sequence[bytes]]) -> float:
        """Post each queue's bodies over a connection of its own; return the seconds until all are acknowledged."""
        return send(self.port, path, queues, self.headers)


def send(port: int, path: str, queues: Sequence[Sequence[bytes]], headers: Mapping[str, str]) -> float:
    """Post each queue's bodies over a connection of its own; return the seconds until all are acknowledged."""
    with ThreadPoolExecutor(len(queues)) as threads:
        began = time.perf_counter()
        list(threads.map(lambda bodies: _send(port, path, bodies, headers), queues))
        return time.perf_counter() - began


def _send(port: int, path: str, bodies: Sequence[bytes], headers: Mapping[str, str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    for body in bodies:
        connection.request("POST", path, body, dict(headers))
        answer = connection.getresponse()
        told = answer.read()
        assert answer.status in {200, 204}, told
    connection.close()


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process and its living children have taken."""
    main = psutil.Process(pid)
    times = [process.cpu_times() for process in (main, *main.children(recursive=True))]
    return sum(spent.user + spent.system for spent in times)
