"""For your own tests: see what a block of code recorded, and send none of it.

>>> with argus.testing.capture() as seen:
...     buy()
>>> assert seen.counters["orders{shop=oslo}"] == 1
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from argus.aggregate.summary import Window
from argus.client import default
from argus.client.listen import listen, listeners, unlisten
from argus.client.logs import EVENT_LOGGER, ArgusHandler, LogLine


class TimingSummary(NamedTuple):
    """What was recorded of one timing, in seconds."""

    count: int  # type: ignore[assignment]  # tuple.count is not missed
    sum: float
    min: float
    max: float


class Captured:
    """What a block recorded, by series key such as ``orders{shop=oslo}``. Filled when the block has ended."""

    def __init__(self) -> None:
        self.counters: Mapping[str, float] = {}
        """Sums of the increments."""
        self.gauges: Mapping[str, float] = {}
        """Last values."""
        self.timings: Mapping[str, TimingSummary] = {}
        self.logs: list[LogLine] = []
        self.events: list[LogLine] = []
        self.window: Window | None = None


@contextlib.contextmanager
def capture(level: int = logging.DEBUG) -> Iterator[Captured]:
    """Capture what the block records through ``argus.*`` and logs from ``level`` on.

    Nothing captured is sent; what was recorded before the block is sent as if there had been no block. A running
    client's flush waits for the block to end. Blocks may be nested: the inner one captures.
    """
    client = default.state.client
    flusher = client.flusher() if client is not None else None
    logs = default.log_buffer()
    seen = Captured()
    with flusher.paused if flusher is not None else contextlib.nullcontext():
        began = time.time()
        before = default.aggregator.drain(began, began)
        held = logs.take(logs.capacity)
        handler, others = ArgusHandler(logs, lambda: None, level), listeners()
        for other in others:
            unlisten(other)
        listen(handler)
        try:
            yield seen
        finally:
            unlisten(handler)
            for other in others:
                listen(other)
            _fill(seen, default.aggregator.drain(began, time.time()), logs.take(logs.capacity))
            logs.put_back(held)
            if flusher is not None:
                flusher.carry(before)
            else:
                default.carry(before)


def _fill(seen: Captured, window: Window, lines: list[LogLine]) -> None:
    counters, gauges, timings = window.counters, window.gauges, window.timings
    seen.window = window
    seen.counters = dict(zip(counters.keys, counters.sum, strict=True))
    seen.gauges = dict(zip(gauges.keys, gauges.last, strict=True))
    rows = zip(timings.count, timings.sum, timings.min, timings.max, strict=True)
    seen.timings = dict(zip(timings.keys, map(TimingSummary._make, rows), strict=True))
    seen.logs = [line for line in lines if line.logger != EVENT_LOGGER]
    seen.events = [line for line in lines if line.logger == EVENT_LOGGER]
