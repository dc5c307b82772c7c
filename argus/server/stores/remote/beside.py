"""Delivery marks, written beside storing: no sender waits for its mark.

A mark only says that a batch need not be stored again. Where it is lost with the process, the batch that is sent again
overwrites its own points. So it may come after the acknowledgement, and marks of several commits are written together.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from argus.errors import StoreUnavailable
from argus.server.stores.remote.engine import Fact
from argus.server.stores.remote.facts import Facts

log = logging.getLogger("argus.server.store")

PAUSE_SECONDS = 0.25
"""Between two requests: one for every commit's marks would cost as much as a hundred rows."""


class Beside:
    """Writes facts on a thread of its own. For any number of threads."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._lock = threading.Lock()
        self._waiting: dict[tuple[str, str, str], int] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="argus-marks")
        self._writing: Future[None] | None = None
        self._hurry = threading.Event()
        """Set where somebody waits for the marks."""
        self.failed = 0
        """Attempts that failed; what they were to write is written with the next ones."""

    def note(self, facts: Sequence[Fact]) -> None:
        """Know facts at once, and write them soon."""
        self._facts.remember(facts)
        with self._lock:
            self._add(facts)
            if self._waiting and (self._writing is None or self._writing.done()):
                self._writing = self._thread.submit(self._write)

    def flush(self) -> None:
        """Return when everything is written, or an attempt has failed."""
        self._hurry.set()
        self.note(())
        writing = self._writing
        if writing is not None:
            writing.result()
        self._hurry.clear()

    def close(self) -> None:
        """Write the rest and end the thread."""
        self.flush()
        self._thread.shutdown()

    def _add(self, facts: Iterable[Fact]) -> None:
        for topic, app, key, number in facts:
            place = topic, app, key
            self._waiting[place] = max(number, self._waiting.get(place, number))

    def _write(self) -> None:
        while True:
            with self._lock:
                facts = [Fact(*place, number) for place, number in self._waiting.items()]
                self._waiting.clear()
                if not facts:
                    self._writing = None
                    return
            try:
                self._facts.write(facts)
            except StoreUnavailable as error:
                log.warning("%d delivery marks could not be written, and are with the next: %s", len(facts), error)
                with self._lock:
                    self.failed += 1
                    self._add(facts)
                    self._writing = None
                return
            self._hurry.wait(PAUSE_SECONDS)
