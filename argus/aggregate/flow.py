"""Timing blocks in Python: who is inside which block of a shared timer, and since when."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Self


class TimedBlocks:
    """Makes a timer of a class with ``record(seconds)``. Threads and tasks may be inside at once, and recursively."""

    __slots__ = ()

    _running: dict[object, list[float]]
    """When each flow entered the blocks it is in, the innermost last."""

    def record(self, seconds: float, /) -> None:
        """Record a duration."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._running.setdefault(current_flow(), []).append(time.perf_counter())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        flow = current_flow()
        started = self._running[flow]
        self.record(time.perf_counter() - started.pop())
        if not started:
            del self._running[flow]


def current_flow() -> object:
    """Return something that stays equal while one asyncio task, or one thread without tasks, runs."""
    asyncio = sys.modules.get("asyncio")  # asked only if the program has imported it
    if asyncio is not None:
        try:
            task: object = asyncio.current_task()
        except RuntimeError:  # no loop runs in this thread
            task = None
        if task is not None:
            return task
    return threading.get_ident()
