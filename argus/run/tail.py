"""Looking at what the program writes into a file: the file is its own, and is read behind its back. POSIX.

A pipe in between would be no file to the program: it could not seek in it, as some do that write videos and archives,
nor be told that the disk is full. So it gets what it would have got without a parent, and its lines are read where they
lie.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from argus.run.wiring import Stream

CHUNK = 1 << 20
LOOK_SECONDS = 1.0
"""Pause between two looks at the file's size; a window is ten times as long."""


class Tail(threading.Thread):
    """Reads what is added to one file. ``taken`` gets it; ``trouble`` is told where that fails."""

    at_end = False
    """Whoever has the file may write more: its end is never known."""

    def __init__(self, stream: Stream, taken: Callable[[bytes], None], trouble: Callable[[str], None]) -> None:
        super().__init__(name=f"argus-{stream.name}", daemon=True)
        self.stream = stream
        self._taken = taken
        self._trouble = trouble
        self._over = threading.Event()

    def run(self) -> None:
        """Look now and then, and once more after :meth:`finish`."""
        try:
            while not self._over.wait(LOOK_SECONDS):
                self._look()
            self._look()
        except Exception as error:  # noqa: BLE001  # whatever it is, the program does not depend on it
            self._trouble(f"the lines of {self.stream.name} are no longer looked at: {error!r}")

    def finish(self) -> None:
        """End when what is there now was read."""
        self._over.set()
        self.join()

    def _look(self) -> None:
        source = self.stream.source
        if os.fstat(source).st_size < os.lseek(source, 0, os.SEEK_CUR):  # emptied, by whoever turns logs over
            os.lseek(source, 0, os.SEEK_SET)
        while data := os.read(source, CHUNK):
            self._taken(data)
