from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import server_double

from argus.client import config

collect_ignore_glob = ["*"] if sys.platform == "win32" else []
"""The recorder needs a file that is mapped into memory and outlives its process."""


@pytest.fixture
def server() -> Iterator[Any]:
    double = server_double.Server()
    yield double
    double.close()


@pytest.fixture
def settings(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> config.Config:
    """Of an application whose flight files lie in the test's folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logging.getLogger("argus.client"), "propagate", True)
    return config.load(
        {
            "url": server.url,
            "api_key": "k",
            "flight_recorder": str(tmp_path / "flights"),
            "flush_interval": 3600,
            "system_metrics": False,
            "capture_logs": False,
        }
    )
