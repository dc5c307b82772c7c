"""What every backend does, in the words of ``argus/aggregate/base.py``."""

from __future__ import annotations

import asyncio
import gc
import math
import os
import threading
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.aggregate import sketch
from argus.aggregate.base import Aggregator
from argus.aggregate.choose import BACKENDS
from argus.aggregate.summary import Window


def counters(window: Window) -> dict[str, tuple[float, int]]:
    return dict(zip(window.counters.keys, zip(window.counters.sum, window.counters.count, strict=True), strict=True))


def test_a_drain_holds_what_came_since_the_last_one(aggregator: Aggregator) -> None:
    aggregator.increment("orders")
    aggregator.increment("orders", 2.5)
    aggregator.increment("orders", tags={"shop": "oslo"})
    window = aggregator.drain(10.0, 20.0)
    assert (window.start, window.end) == (10.0, 20.0)
    assert counters(window) == {"orders": (3.5, 2), "orders{shop=oslo}": (1.0, 1)}
    assert aggregator.drain(20.0, 30.0).size == 0


def test_a_peek_leaves_everything_where_it_is(aggregator: Aggregator) -> None:
    aggregator.increment("orders")
    aggregator.timing("pay", 0.5)
    assert aggregator.peek(0, 1) == aggregator.peek(0, 1) == aggregator.drain(0, 1)


def test_handles_and_names_meet_in_one_series(aggregator: Aggregator) -> None:
    handle = aggregator.counter("orders", {"b": "2", "a": "1"})
    handle.increment()
    handle.increment(4)
    aggregator.increment("orders", 1, {"a": "1", "b": "2"})
    assert counters(aggregator.drain(0, 1)) == {"orders{a=1,b=2}": (6.0, 3)}


def test_a_gauge_keeps_last_extremes_sum_and_count_of_its_window(aggregator: Aggregator) -> None:
    for value in (5, -1.5, 3):
        aggregator.gauge("queue", value)
    gauges = aggregator.drain(0, 1).gauges
    assert [column[0] for column in gauges] == ["queue", 3.0, -1.5, 5.0, 6.5, 3]
    aggregator.gauge("queue", 4)
    assert [column[0] for column in aggregator.drain(1, 2).gauges] == ["queue", 4.0, 4.0, 4.0, 4.0, 1]


def test_one_name_may_be_a_counter_a_gauge_and_a_timing(aggregator: Aggregator) -> None:
    aggregator.increment("x")
    aggregator.gauge("x", 1)
    aggregator.timing("x", 1)
    window = aggregator.drain(0, 1)
    assert (window.counters.keys, window.gauges.keys, window.timings.keys) == (["x"], ["x"], ["x"])


def test_a_timer_times_its_block_also_when_it_raises(aggregator: Aggregator) -> None:
    timer = aggregator.timer("pay")
    with pytest.raises(KeyError), timer:
        raise KeyError
    with timer, timer:
        pass
    timings = aggregator.drain(0, 1).timings
    assert timings.count == [3]
    assert 0.0 <= timings.min[0] <= timings.max[0] < 5.0


def test_one_timer_serves_interleaved_tasks(aggregator: Aggregator) -> None:
    timer = aggregator.timer("task")
    short_done = asyncio.Event()

    async def long() -> None:
        with timer:
            await short_done.wait()

    async def short() -> None:
        with timer:
            pass
        short_done.set()

    async def main() -> None:
        first = asyncio.create_task(long())
        await asyncio.sleep(0.05)  # the long one is inside its block
        await short()
        await first

    asyncio.run(main())
    timings = aggregator.drain(0, 1).timings
    assert timings.count == [2]
    assert timings.max[0] > 0.04
    assert timings.min[0] < timings.max[0] / 2


def test_one_timer_serves_many_threads(aggregator: Aggregator) -> None:
    timer = aggregator.timer("work")
    barrier = threading.Barrier(4)

    def work() -> None:
        with timer:
            barrier.wait()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert aggregator.drain(0, 1).timings.count == [4]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -1.0, 10**400])
def test_what_is_no_amount_is_counted_and_changes_nothing(aggregator: Aggregator, value: float) -> None:
    aggregator.increment("n", value)
    aggregator.timing("t", value)
    assert aggregator.drain(0, 1).size == 0
    assert aggregator.stats().rejected == 2


def test_a_gauge_may_be_negative_but_not_infinite(aggregator: Aggregator) -> None:
    aggregator.gauge("n", -5)
    aggregator.gauge("n", math.inf)
    aggregator.gauge("n", math.nan)
    assert aggregator.drain(0, 1).gauges.last == [-5.0]
    assert aggregator.stats().rejected == 2


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda a: a.increment(7), TypeError, "7"),
        (lambda a: a.increment(""), ValueError, "empty"),
        (lambda a: a.increment("x" * 257), ValueError, "257 bytes"),
        (lambda a: a.increment("n", "three"), TypeError, "three"),
        (lambda a: a.increment("n", None), TypeError, "NoneType"),
        (lambda a: a.gauge("n", b"1"), TypeError, "bytes"),
        (lambda a: a.timing("n", [1]), TypeError, "list"),
        (lambda a: a.increment("n", 1, {"k": 1}), TypeError, "tag"),
        (lambda a: a.increment("n", 1, {"": "v"}), ValueError, "empty"),
        (lambda a: a.increment("n", 1, {"k": "v" * 300}), ValueError, "300 bytes"),
        (lambda a: a.increment("n", 1, {str(i): "v" for i in range(40)}), ValueError, "40 tags"),
        (lambda a: a.increment("n", 1, 5), TypeError, "int"),
        (lambda a: a.counter(None), TypeError, "NoneType"),
        (lambda a: a.timer(""), ValueError, "empty"),
    ],
)
def test_bad_use_raises_at_the_call_and_names_the_value(aggregator: Aggregator, call, error, words: str) -> None:
    with pytest.raises(error, match=words):
        call(aggregator)
    assert aggregator.drain(0, 1).size == 0


def test_anything_that_is_a_number_counts(aggregator: Aggregator) -> None:
    numpy = pytest.importorskip("numpy", reason="numpy scalars need numpy")
    for value in (True, 2, 2.5, numpy.float32(1.5), numpy.int64(3)):
        aggregator.increment("n", value)
    assert counters(aggregator.drain(0, 1)) == {"n": (10.0, 5)}


def test_over_the_limit_totals_by_name_stay_right(make_aggregator) -> None:
    aggregator = make_aggregator(max_series=3)
    for user in range(20):
        aggregator.increment("orders", 1, {"user": str(user)})
    for name in ("b", "c"):
        aggregator.increment(name, 5)
    found = counters(aggregator.drain(0, 1))
    assert sum(total for key, (total, _) in found.items() if key.startswith("orders")) == 20
    assert found["orders{argus_overflow=true}"] == (17.0, 17)
    assert found["argus.overflow"] == (10.0, 2)
    assert aggregator.stats().overflowed == 19


def test_idle_series_are_forgotten_and_overflow_heals(make_aggregator) -> None:
    aggregator = make_aggregator(max_series=2, idle_windows=2)
    held = aggregator.counter("held")
    aggregator.increment("short")
    for _ in range(5):
        aggregator.drain(0, 1)
    assert aggregator.stats().expired == 1
    assert aggregator.stats().series == 1
    aggregator.increment("next", 3)
    held.increment()
    aggregator.increment("short", 2)
    found = counters(aggregator.drain(0, 1))
    assert found["next"] == (3.0, 1)
    assert found["held"] == (1.0, 1)
    assert sum(total for total, _ in found.values()) == 6.0


def test_constant_tags_enter_every_key_and_own_tags_win(aggregator: Aggregator) -> None:
    aggregator.increment("before")
    aggregator.set_constant_tags({"env": "prod", "zone": "a"})
    aggregator.increment("after", 1, {"env": "test"})
    assert set(counters(aggregator.drain(0, 1))) == {"before{env=prod,zone=a}", "after{env=test,zone=a}"}


def test_a_rebaseline_forgets_what_was_not_drained(aggregator: Aggregator) -> None:
    timer = aggregator.timer("t")
    aggregator.increment("n")
    timer.record(1)
    aggregator.rebaseline()
    assert aggregator.drain(0, 1).size == 0
    timer.record(2)
    assert aggregator.drain(1, 2).timings.sum == [2.0]


def test_many_threads_lose_nothing_while_one_drains(make_aggregator) -> None:
    # Drains follow each other within microseconds here: no series may count as idle for that.
    aggregator = make_aggregator(idle_windows=10**9)
    threads, records = 4, 20_000
    handle, timer = aggregator.counter("c"), aggregator.timer("t")

    def work() -> None:
        for i in range(records):
            handle.increment()
            aggregator.increment("n", 1, {"k": "v"})
            timer.record(i % 3)

    running = [threading.Thread(target=work) for _ in range(threads)]
    for thread in running:
        thread.start()
    windows = []
    while any(thread.is_alive() for thread in running):
        windows.append(aggregator.drain(0, 1))
    windows.append(aggregator.drain(0, 1))
    total = threads * records
    assert sum(counters(w).get("c", (0, 0))[0] for w in windows) == total
    assert sum(counters(w).get("n{k=v}", (0, 0))[1] for w in windows) == total
    assert sum(sum(w.timings.count) for w in windows) == total


def test_a_finaliser_may_record_while_a_drain_runs(aggregator: Aggregator) -> None:
    class Noisy:
        def __init__(self) -> None:
            self.me = self  # only the cycle collector frees it

        def __del__(self) -> None:
            aggregator.increment("freed")
            aggregator.gauge(f"new.{id(self)}", 1)

    for _ in range(500):
        Noisy()
        aggregator.increment("made")
        aggregator.drain(0, 1)
    gc.collect()
    aggregator.drain(0, 1)


def test_the_child_of_a_fork_starts_with_nothing(aggregator: Aggregator) -> None:
    aggregator.increment("n", 5)
    child = os.fork()
    if child == 0:
        aggregator.rebaseline()
        aggregator.increment("n", 2)
        os._exit(0 if counters(aggregator.drain(0, 1)) == {"n": (2.0, 1)} else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert counters(aggregator.drain(0, 1)) == {"n": (5.0, 1)}


DURATIONS = st.floats(min_value=1e-12, max_value=1e7)


@pytest.mark.parametrize("backend", list(BACKENDS))
@settings(max_examples=40, deadline=None)
@given(values=st.lists(DURATIONS | st.just(0.0), min_size=1, max_size=60), q=st.floats(0, 1))
def test_every_quantile_is_within_one_128th(backend: str, values: list[float], q: float) -> None:
    aggregator = BACKENDS[backend]()()
    for value in values:
        aggregator.timing("t", value)
    timings = aggregator.drain(0, 1).timings
    bins = timings.bins[0]
    assert bins == [(i, c) for i, c in sketch.merge([(sketch.index_of(v), 1) for v in values if v > 0])]
    zeros = timings.count[0] - sum(count for _, count in bins)
    exact = sorted(values)[max(1, math.ceil(q * len(values))) - 1]
    answer = sketch.quantile(bins, zeros, q, timings.min[0], timings.max[0])
    assert abs(answer - exact) <= exact / 128 * 1.0000001


@pytest.mark.parametrize("backend", list(BACKENDS))
@settings(max_examples=30, deadline=None)
@given(first=st.lists(DURATIONS, max_size=20), second=st.lists(DURATIONS, max_size=20))
def test_two_drains_together_hold_everything(backend: str, first: list[float], second: list[float]) -> None:
    aggregator = BACKENDS[backend]()()
    for value in first:
        aggregator.increment("n", value)
    one = aggregator.drain(0, 1)
    for value in second:
        aggregator.increment("n", value)
    two = aggregator.drain(1, 2)
    assert sum(sum(w.counters.sum) for w in (one, two)) == pytest.approx(math.fsum(first + second), rel=1e-9)
    assert sum(sum(w.counters.count) for w in (one, two)) == len(first) + len(second)


def test_recording_holds_no_memory(aggregator: Aggregator) -> None:
    handle, timer = aggregator.counter("c"), aggregator.timer("t")

    def work(times: int) -> None:
        for _ in range(times):
            handle.increment(1.5)
            with timer:
                aggregator.increment("n", 2.5, {"k": "v"})
        aggregator.drain(0, 1)

    work(2_000)
    tracemalloc.start()
    work(2_000)
    before = tracemalloc.get_traced_memory()[0]
    work(20_000)
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 100_000


def test_a_timer_left_open_in_one_place_does_not_disturb_another(aggregator: Aggregator) -> None:
    timer = aggregator.timer("t")
    began = time.perf_counter()
    with timer:
        worker = threading.Thread(target=timer.__enter__)
        worker.start()
        worker.join()
    assert aggregator.drain(0, 1).timings.max[0] <= time.perf_counter() - began
