from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import libargus
import pytest
import server_double

import argus
from argus.client import transport

QUIET = {"api_key": "key", "flush_interval": 3600, "system_metrics": False, "capture_logs": False}


@pytest.fixture
def server() -> Iterator[Any]:
    double = server_double.Server()
    yield double
    double.close()


@pytest.fixture
def make_python_client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., argus.Client]]:
    """Clients without system metrics that flush only when asked, closed after the test; retries do not pause."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(transport.Backoff, "ready", lambda self: True)
    monkeypatch.setattr(logging.getLogger("argus.client"), "propagate", True)
    made: list[argus.Client] = []

    def make(url: str | None = None, **settings: Any) -> argus.Client:
        made.append(argus.Client(url=url, **{**QUIET, **settings}))
        return made[-1]

    yield make
    for client in made:
        client.close(2)


@pytest.fixture(params=["python", "native"])
def make_client(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """The clients of both SDKs, which keep the same promises."""
    if request.param == "python":
        yield request.getfixturevalue("make_python_client")
        return
    request.getfixturevalue("monkeypatch").setattr(logging.getLogger("argus.client"), "propagate", True)
    made: list[libargus.NativeClient] = []

    def make(url: str | None = None, **settings: Any) -> libargus.NativeClient:
        made.append(libargus.NativeClient(url, **{**QUIET, **settings}))
        return made[-1]

    yield make
    for client in made:
        client.close()
