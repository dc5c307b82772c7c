"""``argus serve`` as a process: killed, terminated, started twice."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]


class Process:
    """A server in a folder; can be killed and started again on the same port. ``environment`` adds variables."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.data = data
        self.environment = {**os.environ, **environment}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and return when it has greeted."""
        self.launch()
        self.wait_until_ready()

    def runs(self) -> bool:
        """Return whether it was started and has not ended."""
        return hasattr(self, "process") and self.process.poll() is None

    def launch(self, stderr: int | IO[str] = subprocess.DEVNULL) -> None:
        """Start it."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "argus", "serve", "--port", str(self.port), "--data", str(self.data)],
            cwd=ROOT,
            env={**self.environment, "ARGUS_ADMIN_PASSWORD": "peacock feathers", "ARGUS_SELF_MONITORING": "false"},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )

    def wait_until_ready(self) -> None:
        """Return when it has greeted."""
        assert self.process.stdout is not None
        assert any("Argus is watching" in line for line in self.process.stdout)

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait(15)

    def cli(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "argus", *words, "--data", str(self.data)]
        environment = self.environment
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=30
        )
