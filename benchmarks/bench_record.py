"""What a record costs, beside calling an empty Python function and beside prometheus_client on the same work.

Everything is timed in one process, in turns, and compared as a ratio of medians: the machine's mood falls on both.
"""

from __future__ import annotations

import statistics
import timeit
from collections.abc import Callable, Mapping
from typing import Any

import prometheus_client
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from argus.aggregate.choose import choose_backend

ROUNDS = 15
TIMES = 10
"""A statement stands so often in the loop's body: the loop itself takes a third of what a record does."""
CALLS = 10_000


def empty() -> None:
    """Do nothing: the yardstick."""


def nanoseconds(statements: Mapping[str, str], names: dict[str, Any]) -> dict[str, float]:
    """Return the median cost of each statement in nanoseconds; the statements take turns."""
    timers = {label: timeit.Timer("\n".join([code] * TIMES), globals=names) for label, code in statements.items()}
    spent: dict[str, list[float]] = {label: [] for label in statements}
    for _ in range(ROUNDS):
        for label, timer in timers.items():
            spent[label].append(timer.timeit(CALLS) / (CALLS * TIMES) * 1e9)
    return {label: statistics.median(found) for label, found in spent.items()}


@pytest.fixture(scope="module")
def cost() -> dict[str, float]:
    """Every statement's cost, measured together."""
    aggregator = choose_backend("native")()
    registry = prometheus_client.CollectorRegistry()
    peer_counter = prometheus_client.Counter("plain", "x", registry=registry)
    peer_labelled = prometheus_client.Counter("labelled", "x", ["shop", "env"], registry=registry)
    peer_timing = prometheus_client.Histogram("timing", "x", registry=registry)
    names: dict[str, Any] = {
        "empty": empty,
        "handle": aggregator.counter("handle"),
        "increment": aggregator.increment,
        "gauge": aggregator.gauge,
        "timer": aggregator.timer("timer"),
        "peer_counter": peer_counter,
        "peer_labelled": peer_labelled,
        "peer_timing": peer_timing,
    }
    return nanoseconds(
        {
            "empty": "empty()",
            "handle": "handle.increment()",
            "name": "increment('orders')",
            "tags": "increment('orders', tags={'shop': 'oslo', 'env': 'prod'})",
            "gauge": "gauge('queue', 7.5)",
            "record": "timer.record(0.021)",
            "block": "with timer: pass",
            "peer counter": "peer_counter.inc()",
            "peer labelled": "peer_labelled.labels(shop='oslo', env='prod').inc()",
            "peer block": "with peer_timing.time(): pass",
        },
        names,
    )


def test_a_record_costs_about_as_much_as_an_empty_function(cost: dict[str, float], claim: Callable[..., None]) -> None:
    """The first rows of the table: against an empty Python function."""
    for label, what, reach in (
        ("handle", "handle.increment() / empty function", 0.8),
        ("name", 'increment("name") / empty function', 1.6),
        ("tags", "increment with a 2-tag literal / empty function", 8.0),
        ("block", "with timer: / empty function", 8.0),
    ):
        claim(what, cost[label] / cost["empty"], reach, "x")
    print("\n" + "\n".join(f"  {label:<14}{value:8.1f} ns" for label, value in cost.items()))


def test_a_record_costs_a_fraction_of_prometheus_client(cost: dict[str, float], claim: Callable[..., None]) -> None:
    """The same work with the peer, in the same process."""
    for label, peer, what, reach in (
        ("handle", "peer counter", "prometheus_client counter / handle.increment()", 20.0),
        ("tags", "peer labelled", "prometheus_client labelled counter / 2-tag literal", 8.0),
        ("block", "peer block", "prometheus_client timed block / with timer:", 10.0),
    ):
        claim(what, cost[peer] / cost[label], reach, "x", at_least=True)


def test_distribution_of_single_calls(benchmark: BenchmarkFixture) -> None:
    """pytest-benchmark's own table of a handle's increment: how its calls spread, not only their median."""
    benchmark(choose_backend("native")().counter("handle").increment)
