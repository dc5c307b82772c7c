from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import outside
import pytest
import server_double
from tools import missing


@pytest.fixture
def server() -> Iterator[server_double.Server]:
    double = server_double.Server()
    yield double
    double.close()


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The program of ``program.c``, compiled once."""
    try:
        return outside.build(tmp_path_factory.mktemp("program"))
    except FileNotFoundError:
        missing("no C compiler on this system")


@pytest.fixture(autouse=True)
def _signals_by_default() -> Iterator[None]:
    """No program is started with a signal ignored, though whoever started the tests, with nohup say, did so to them."""
    ignored = [n for n in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT) if signal.getsignal(n) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test finds an ``argus.toml`` above it."""
    monkeypatch.chdir(tmp_path)
