"""Sending several bodies: the next one is encoded while those before it are on their way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

ON_THE_WAY = 2
"""Bodies at once, besides the one that a writer sends itself: more only wait in the engine."""


class Pipeline:
    """For any number of threads."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(ON_THE_WAY, thread_name_prefix="argus-send")

    def run(self, bodies: Iterable[bytes], send: Callable[[bytes], None]) -> None:
        """Return when all bodies are sent. Raises the first error; then it is open which of the others were."""
        waiting: deque[Future[None]] = deque()
        try:
            last = b""
            for body in bodies:
                if last:
                    waiting.append(self._threads.submit(send, last))
                    if len(waiting) > ON_THE_WAY:
                        waiting.popleft().result()
                last = body
            if last:
                send(last)  # here, for a body that comes alone is not worth waking a thread
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
