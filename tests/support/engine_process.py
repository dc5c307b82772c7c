"""A database engine as a process of the tests' own: in a temporary folder, on a free port, never a service."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

import pytest

START_SECONDS = 30.0


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


class EngineProcess:
    """An engine that can be stopped, killed and started again on the same port and folder; ``with`` runs it."""

    program: str
    package: str
    health: str
    """Path that answers once the engine is ready."""

    def __init__(self, folder: Path) -> None:
        if shutil.which(self.program) is None:
            pytest.skip(f"{self.program} is missing; on Debian: apt-get install {self.package}")
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def arguments(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        log = (self.folder / "engine.log").open("ab")
        self.process = subprocess.Popen([self.program, *self.arguments()], stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            told = (self.folder / "engine.log").read_text()[-2000:]
            assert self.process.poll() is None, f"{self.program} ended: {told}"
            assert time.monotonic() < deadline, f"{self.program} does not answer: {told}"
            time.sleep(0.02)  # the engine's start is an event of another process that it tells nobody

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(signal.SIGKILL)  # its folder goes with it: what a gentle end would write is for nobody

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + self.health, timeout=5) as answer:
                return bool(answer.status < 300)
        except (urllib.error.URLError, ConnectionError):
            return False

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(30)
            self.process = None

    def restart(self, number: int) -> None:
        self.stop(number)
        self.start()
