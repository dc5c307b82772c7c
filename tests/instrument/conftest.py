from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import server_double

import argus
from argus.aggregate.series import parse_key
from argus.instrument import Instrumentation, install

Counts = dict[str, int]


@pytest.fixture(scope="module")
def client() -> argus.Client:
    """A client of these tests' own, which sends nothing."""
    return argus.Client(system_metrics=False, capture_logs=False)


@pytest.fixture(scope="module", autouse=True)
def installed(client: argus.Client) -> Iterator[Instrumentation]:
    """What ``argus run`` installs in a program, for the tests of a file; taken away for all others."""
    made = install(client)
    yield made
    made.remove()


@pytest.fixture
def counted(client: argus.Client) -> Callable[[str], Counts]:
    """What was recorded of a timing since it was asked last: its tags' values, in the order of their names → count."""

    def ask(name: str) -> Counts:
        timings = client.aggregator.drain(0, 1).timings
        counts: Counts = {}
        for key, count in zip(timings.keys, timings.count, strict=True):
            of, tags = parse_key(key)
            if of == name:
                counts[" ".join(value for _, value in tags)] = count
        return counts

    ask("")
    return ask


@pytest.fixture
def server() -> Iterator[server_double.Server]:
    """A server of Argus, for those who send."""
    double = server_double.Server()
    yield double
    double.close()
