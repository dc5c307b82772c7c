"""Sending several bodies: the next one is encoded while those before it are on their way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

ON_THE_WAY = 2
"""Bodies at once: with one the engine waits for us between two, more only wait in the engine."""


class Pipeline:
    """For any number of threads, which take turns."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(ON_THE_WAY, thread_name_prefix="argus-send")

    def run(self, bodies: Iterable[bytes], send: Callable[[bytes], None]) -> None:
        """Return when all bodies are sent. Raises the first error; then it is open which of the others were."""
        waiting: deque[Future[None]] = deque()
        try:
            for body in bodies:
                waiting.append(self._threads.submit(send, body))
                if len(waiting) > ON_THE_WAY:
                    waiting.popleft().result()
            while waiting:
                waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
            for future in waiting:
                if not future.cancelled():
                    future.exception()  # the one that is raised says enough

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()
