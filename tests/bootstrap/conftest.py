"""Programs that know nothing of Argus, started the way ``argus run`` starts them, and the server they report to."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import urllib.parse
import urllib.request
import venv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from server_process import Process

from argus import bootstrap

ADMIN = base64.b64encode(b"admin:peacock feathers").decode()
NOT_OURS = ("ARGUS_", "PYTHON", "VIRTUAL_ENV")


class Watched:
    """An application at the server; its programs start in a folder of their own."""

    def __init__(self, url: str, name: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.run_folder = folder / "run-folder"
        self.run_folder.mkdir()
        body = json.dumps({"name": name}).encode()
        made = self._ask("/api/v1/applications", f"Basic {ADMIN}", body)
        self.key = made["api_key"]

    def environment(self, **more: str) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
        here = {"ARGUS_URL": self.url, "ARGUS_API_KEY": self.key, "ARGUS_RUN_DIR": str(self.run_folder)}
        without = more.pop("without", "")
        return bootstrap.environment({**plain, **here, **more}, without.split(",") if without else ())

    def write(self, name: str, program: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(program))
        return path

    def start(self, *command: str | Path, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *command: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        process = self.start(*command, **more)
        try:
            out, errors = process.communicate(timeout=60)
        finally:
            process.kill()
        return subprocess.CompletedProcess(process.args, process.returncode, out, errors)

    def python(self, program: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run some lines as a script of this environment's Python, where Argus is installed."""
        return self.run(sys.executable, self.write("script.py", program), *arguments, **more)

    def lines(self, query: str = "") -> list[dict[str, Any]]:
        """The log lines at the server, oldest first."""
        answer = self._ask(f"/api/v1/logs?limit=500&q={urllib.parse.quote(query)}", f"Bearer {self.key}")
        return list(reversed(answer["logs"]))

    def messages(self, query: str = "") -> list[str]:
        return [line["message"] for line in self.lines(query)]

    def series(self) -> set[str]:
        """The names of the metrics at the server."""
        answer = self._ask("/api/v1/metrics/series", f"Bearer {self.key}")
        return {series["name"] for series in answer["series"]}

    def wait_for(self, ready: Callable[[], bool], seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            assert time.monotonic() < deadline, f"not within {seconds} s; lines {self.messages()}"
            time.sleep(0.05)

    def _ask(self, path: str, credential: str, body: bytes | None = None) -> Any:
        request = urllib.request.Request(f"{self.url}{path}", body, {"Authorization": credential})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an ``argus serve`` that these tests share."""
    server = Process(tmp_path_factory.mktemp("server"))
    server.start()
    yield server.url
    assert server.stop(signal.SIGTERM) == 0


@pytest.fixture
def watched(address: str, request: pytest.FixtureRequest, tmp_path: Path) -> Watched:
    return Watched(address, f"app {abs(hash(request.node.nodeid))}", tmp_path)


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a virtual environment in which nothing is installed."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, symlinks=True)
    return folder / "bin" / "python"
