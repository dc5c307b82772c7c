from __future__ import annotations

import importlib.util
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import argus
from argus.client import transport

HERE = Path(__file__).parent


def load(name: str) -> Any:
    """Import a module beside this file: the suite is collected by path, not as packages."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture
def server() -> Iterator[Any]:
    double = load("server_double").Server()
    yield double
    double.close()


@pytest.fixture
def make_client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., argus.Client]]:
    """Clients without system metrics that flush only when asked, closed after the test; retries do not pause."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(transport.Backoff, "ready", lambda self: True)
    monkeypatch.setattr(logging.getLogger("argus.client"), "propagate", True)
    made: list[argus.Client] = []

    def make(url: str | None = None, **settings: Any) -> argus.Client:
        options = {"api_key": "key", "flush_interval": 3600, "system_metrics": False, "capture_logs": False}
        made.append(argus.Client(url=url, **{**options, **settings}))
        return made[-1]

    yield make
    for client in made:
        client.close(2)
