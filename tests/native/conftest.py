"""The test driver of libargus as a process, against a server double or a real server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import libargus
import pytest
import server_double

Driver = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def server() -> Iterator[Any]:
    double = server_double.Server()
    yield double
    double.close()


@pytest.fixture
def drive(server: Any, tmp_path: Path) -> Driver:
    """Run one scenario to its end; windows end only when the scenario flushes."""

    def run(scenario: str, *, timeout: float = 60, **variables: str) -> subprocess.CompletedProcess[str]:
        settings = {"ARGUS_URL": server.url, "ARGUS_API_KEY": "k", "ARGUS_FLUSH_INTERVAL": "3600", **variables}
        return subprocess.run(
            [*libargus.driver(), scenario],
            env={**os.environ, **settings},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run
