"""Passing on what the program prints: read, write, and only then look at it. POSIX.

A stream is passed on unchanged, at once, and as fast as it can be written: where its reader is slow the program waits,
as it would without a parent. When its reader has gone the program is told in the way pipes tell: by ``SIGPIPE``.
"""

from __future__ import annotations

import errno
import os
import select
import threading
from collections.abc import Callable

from argus.run.launch import open_nothing
from argus.run.voice import STANDARD_ERROR
from argus.run.wiring import Stream

CHUNK = 1 << 20


class Pump(threading.Thread):
    """Passes one stream on until its end. Who looks at it is said later: the first chunk waits for that, written.

    ``trouble`` is told in words when the stream's destination does not take any more, or who looks at it fails.
    """

    def __init__(self, stream: Stream, trouble: Callable[[str], None]) -> None:
        super().__init__(name=f"argus-{stream.name}", daemon=True)
        self.stream = stream
        self.at_end = False
        self._taken: Callable[[bytes], None] | None = None
        self._decided = threading.Event()
        self._trouble = trouble
        assert stream.destination is not None
        self._destination = stream.destination
        self.lost: str | None = None
        """Why some of what the program printed could not be written."""
        self._over, self._finish = os.pipe()

    def look(self, taken: Callable[[bytes], None] | None) -> None:
        """Give every chunk to ``taken`` after it was written, the first included; to nobody if that is ``None``."""
        self._taken = taken
        self._decided.set()

    def run(self) -> None:
        """Pass on until the stream's end, or until it is dry after :meth:`finish`."""
        poll = select.poll()
        poll.register(self.stream.source, select.POLLIN)
        poll.register(self._over, select.POLLIN)
        while any(ready == self.stream.source for ready, _ in poll.poll()):
            data = self._read()
            if not data or not self._write(data):
                self._end()
                return
            self._decided.wait()
            if self._taken is not None:
                self._look_at(data)

    def finish(self) -> None:
        """End when nothing more is to be read at the moment; :attr:`at_end` says whether the stream has its end.

        Call it after :meth:`look`.
        """
        os.write(self._finish, b"!")
        self.join()
        os.close(self._over)
        os.close(self._finish)

    def _look_at(self, data: bytes) -> None:
        assert self._taken is not None
        try:
            self._taken(data)
        except Exception as error:  # noqa: BLE001  # whatever it is, the stream goes on
            self._taken = None
            self._trouble(f"the lines of {self.stream.name} are no longer looked at: {error!r}")

    def _end(self) -> None:
        """Let go of both ends, so that who writes and who reads see it; the standard error is ours to speak on too."""
        self.at_end = True
        os.close(self.stream.source)
        if self._destination != STANDARD_ERROR:
            open_nothing(self._destination)

    def _read(self) -> bytes:
        try:
            return os.read(self.stream.source, CHUNK)
        except OSError as error:
            if error.errno == errno.EIO:  # how a terminal says that nobody has it open any more
                return b""
            raise

    def _write(self, data: bytes) -> bool:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._destination, rest) :]
            except BlockingIOError:  # somebody who shares the terminal or pipe set it so
                select.select([], [self._destination], [])
            except BrokenPipeError:
                return False
            except OSError as error:
                self.lost = error.strerror
                self._trouble(f"what the program prints cannot be written: {error.strerror}")
                return False
        return True
