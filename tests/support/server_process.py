"""``argus serve`` as a process: killed, terminated, started twice."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Process:
    """A server in a folder; can be killed and started again on the same port."""

    def __init__(self, data: Path, **variables: str) -> None:
        self.data = data
        self.variables = {"ARGUS_ADMIN_PASSWORD": "peacock feathers", "ARGUS_SELF_MONITORING": "false", **variables}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "argus", "serve", "--port", str(self.port), "--data", str(self.data)],
            cwd=ROOT,
            env={**os.environ, **self.variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        assert any("Argus is watching" in line for line in self.process.stdout)

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait(15)

    def cli(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "argus", *words, "--data", str(self.data)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
