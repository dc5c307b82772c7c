"""A real server for the browser, and how tests speak to it as programs do."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dashboard_login import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / "test-artifacts"
AT_ONCE = {"ARGUS_ALERT_INTERVAL": "1", "ARGUS_ALERT_DELAY": "0", "ARGUS_MAX_LINES_PER_SECOND": "1000000"}
"""Rules are judged as soon as a window has ended, and a long log is sent as fast as it is taken."""


@dataclass
class Server:
    """A running ``argus serve``."""

    url: str
    data: Path

    def key(self, name: str) -> str:
        command = [sys.executable, "-m", "argus", "app", "create", name, "--json", "--data", str(self.data)]
        made = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        return str(json.loads(made.stdout)["api_key"])

    def post(self, path: str, key: str, body: object) -> None:
        """Send a body as a program does, and look that all of it was taken."""
        headers = {"Authorization": f"Bearer {key}"}
        request = urllib.request.Request(f"{self.url}{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert json.loads(answer.read()).get("rejected", []) == []

    def environment(self, name: str, **more: str) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "ARGUS_URL": self.url,
            "ARGUS_API_KEY": self.key(name),
            "ARGUS_APP_ID": name,
            "ARGUS_FLUSH_INTERVAL": "1",
            **more,
        }


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """Run a server on a free port, with nothing in it yet."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        process = subprocess.Popen(
            [sys.executable, "-m", "argus", "serve", "--port", str(port), "--data", str(data)],
            cwd=ROOT,
            env={**os.environ, "ARGUS_ADMIN_PASSWORD": PASSWORD, **AT_ONCE},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            if "Argus is watching" in line:
                break
        url = f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            assert answer.status == 200
        yield Server(url, data)
        process.terminate()
        process.communicate(timeout=15)
        assert process.returncode == 0
