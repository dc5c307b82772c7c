"""What this process and its interpreter do: ``process.*`` and ``runtime.*``.

Gauges ``process.cpu_percent`` (of one core), ``process.memory_rss`` (bytes), ``process.threads``,
``process.open_files`` (descriptors, or handles on Windows), ``process.uptime`` (seconds), ``runtime.threads``
(Python's); timings ``runtime.gc_pause{generation=…}`` and ``runtime.loop_lag``; counter
``runtime.gc_collected``.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
import weakref
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from argus.aggregate.base import Aggregator, Timer

if TYPE_CHECKING:
    import asyncio
    from types import FrameType

DESCRIPTORS_EVERY = 6
"""Counting descriptors walks a directory: once a minute is enough."""


class RuntimeCollector:
    """Records the process' gauges, each collection's pause and the lag of loops; without ``gc`` or ``event_loop``."""

    def __init__(self, aggregator: Aggregator, without: Collection[str] = ()) -> None:
        import psutil  # noqa: PLC0415  # on the flush thread, so that the program's start does not pay

        self._process = psutil.Process()
        self._process.cpu_percent(interval=None)  # the first answer is a baseline
        self._collections = 0
        self._pauses = GcPauses(aggregator) if "gc" not in without else None
        self._loops = LoopLag(aggregator) if "event_loop" not in without else None

    def collect(self, aggregator: Aggregator) -> None:
        """Record one value of each gauge."""
        process = self._process
        with process.oneshot():
            aggregator.gauge("process.cpu_percent", process.cpu_percent(interval=None))
            aggregator.gauge("process.memory_rss", process.memory_info().rss)
            aggregator.gauge("process.threads", process.num_threads())
            aggregator.gauge("process.uptime", time.time() - process.create_time())
        if self._collections % DESCRIPTORS_EVERY == 0:
            count = process.num_fds if hasattr(process, "num_fds") else getattr(process, "num_handles")  # noqa: B009  # Windows
            aggregator.gauge("process.open_files", count())
        self._collections += 1
        aggregator.gauge("runtime.threads", threading.active_count())
        if self._loops is not None:
            self._loops.measure()

    def close(self) -> None:
        """Take the callback out of the interpreter again."""
        if self._pauses is not None:
            self._pauses.close()


class GcPauses:
    """Times each garbage collection. The callback runs inside the collector, so it only reads a clock and records."""

    def __init__(self, aggregator: Aggregator) -> None:
        self._timers: list[Timer] = [
            aggregator.timer("runtime.gc_pause", {"generation": str(generation)}) for generation in range(3)
        ]
        self._collected = aggregator.counter("runtime.gc_collected")
        self._started = 0.0
        gc.callbacks.append(self._on_collection)

    def _on_collection(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._started = time.perf_counter()
            return
        self._timers[info["generation"]].record(time.perf_counter() - self._started)
        self._collected.increment(info["collected"])

    def close(self) -> None:
        """Stop timing."""
        if self._on_collection in gc.callbacks:
            gc.callbacks.remove(self._on_collection)


_watched: weakref.WeakSet[Any] = weakref.WeakSet()
"""Loops that were announced; for all clients of the process, whenever they start."""


def watch_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Have this loop measured from now on."""
    _watched.add(loop)


class LoopLag:
    """Measures how late running asyncio loops are: once per window each is asked to call back at once.

    A loop that runs is found by the frame of its ``run_forever``, in whatever thread and however it was started;
    nothing of asyncio is replaced. A loop without such a frame (uvloop) is measured after :func:`watch_loop`;
    it is held weakly.
    """

    def __init__(self, aggregator: Aggregator) -> None:
        self._timer = aggregator.timer("runtime.loop_lag")

    def measure(self) -> None:
        """Ask every running loop to call back."""
        for loop in {*_watched, *_loops_in_frames()}:
            if loop.is_closed() or not loop.is_running():
                continue
            asked = time.perf_counter()
            try:
                loop.call_soon_threadsafe(self._answer, asked)
            except RuntimeError:  # closed in this moment
                continue

    def _answer(self, asked: float) -> None:
        self._timer.record(time.perf_counter() - asked)


def _loops_in_frames() -> Iterator[Any]:
    """Yield the asyncio loops that run now, one per thread at most."""
    loops = sys.modules.get("asyncio.base_events")  # only if the program uses asyncio
    if loops is None:
        return
    running = loops.BaseEventLoop.run_forever.__code__
    for top in sys._current_frames().values():  # noqa: SLF001  # documented; the name says that it is for tools
        frame: FrameType | None = top
        while frame is not None and frame.f_code is not running:
            frame = frame.f_back
        if frame is not None:
            yield frame.f_locals["self"]
