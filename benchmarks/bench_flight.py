"""The flight recorder's price: the same records, with and without a file under the cells, turn by turn in one run."""

from __future__ import annotations

import statistics
import timeit
from collections.abc import Callable
from pathlib import Path

import pytest

from argus.aggregate._native import NativeAggregator, Recorder
from argus.recorder import default_folder

ROUNDS = 41
CALLS = 100_000
WAYS = {
    "increment by handle": "orders.increment()",
    "timing by handle": "pay.record(0.021)",
    "increment by name": "increment('orders')",
    "gauge by name": "gauge('queue', 7.0)",
}


@pytest.fixture
def file() -> Path:
    """Where a program's own file would lie."""
    folder = default_folder() / "bench"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / "flight"
    file.unlink(missing_ok=True)
    return file


def timer_of(aggregator: NativeAggregator, code: str) -> timeit.Timer:
    """Return what times the code with the aggregator's verbs and handles."""
    names = {
        "orders": aggregator.counter("orders"),
        "pay": aggregator.timer("pay"),
        "increment": aggregator.increment,
        "gauge": aggregator.gauge,
    }
    return timeit.Timer(code, globals=names)


def test_recording_costs_the_same_with_a_flight_recorder(claim: Callable[..., None], file: Path) -> None:
    """The median of the ratios of neighbouring rounds: what disturbs the machine disturbs both."""
    plain, recorded = NativeAggregator(), NativeAggregator()
    recorder = Recorder(path=str(file), instance="bench:1:1", host="bench", sdk="python/bench", interval=10.0)
    recorded.record_into(recorder)
    for what, code in WAYS.items():
        without, with_it = timer_of(plain, code), timer_of(recorded, code)
        ratios = []
        for turn in range(ROUNDS):
            if turn % 2:
                base, ours = without.timeit(CALLS), with_it.timeit(CALLS)
            else:
                ours, base = with_it.timeit(CALLS), without.timeit(CALLS)
            ratios.append(ours / base)
        claim(f"{what}: with / without flight recorder", statistics.median(ratios), 1.03, "x")
    recorder.close()
