"""The engines behind metric stores, one process each for the whole session, and a backend on each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from influx import FrontOf18, Influx
from metric_backends import Backend, InfluxBackend, Sqlite, VictoriaBackend


@pytest.fixture(scope="session")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influx]:
    with Influx(tmp_path_factory.mktemp("influx")) as engine:
        yield engine


@pytest.fixture(scope="session")
def front_of_18(influx: Influx) -> Iterator[FrontOf18]:
    front = FrontOf18(influx.port)
    yield front
    front.stop()


REMOTE = ("influxdb 1.6", "influxdb 1.8", "victoriametrics")


def maker(kind: str, request: pytest.FixtureRequest, folder: Path) -> Callable[[], Backend]:
    """Return what makes an empty backend of a kind; its engine starts with the first."""
    if kind == "influxdb 1.6":
        influx = request.getfixturevalue("influx")
        return lambda: InfluxBackend(influx.port)
    if kind == "influxdb 1.8":
        front = request.getfixturevalue("front_of_18")
        return lambda: InfluxBackend(front.port)
    if kind == "victoriametrics":
        victoria = request.getfixturevalue("victoria")
        return lambda: VictoriaBackend(victoria.port)
    return lambda: Sqlite(folder)


@pytest.fixture(params=("sqlite", *REMOTE))
def make_backend(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Backend]:
    return maker(request.param, request, tmp_path)


@pytest.fixture
def backend(make_backend: Callable[[], Backend]) -> Backend:
    return make_backend()


@pytest.fixture(params=REMOTE)
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    """Return an empty backend in an engine of its own."""
    return maker(request.param, request, tmp_path)()
