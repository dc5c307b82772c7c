"""What a program prints, as log lines: bytes of one stream become entries, and entries lines of the client's buffer.

This is bounded work behind the passthrough: per window only so many lines are looked at, and a line has its longest
length. What is left out is counted in ``argus.run.lines_skipped``, by reason. What passes through is never touched.

Thread rule: ``feed`` belongs to the thread that reads the stream, ``end_window`` to the flush thread; a lock keeps
them apart, for milliseconds at most.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable

from argus.aggregate.base import Aggregator
from argus.client.logs import LogBuffer, LogLine, cut
from argus.run import levels
from argus.run.entries import Assembly, Entry

LINES_PER_WINDOW = 10_000
"""Lines of one stream that are looked at per window; at 10 µs each that is 1 % of a core."""

MOST_BYTES = 16_384
"""Longest line; what is longer is cut, and the cut marked."""

LAST_BYTES = 8_192
LAST_LINES = 20
"""What a crash report quotes."""

SETTLED_SECONDS = 1.0
"""An entry whose last line is older has its end: no trace is printed so slowly."""

_COLOURS = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]*[0-~])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_VARYING = re.compile(r"0x[0-9a-fA-F]+|[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
_SCREEN = re.compile(rb"\x1b\[\?(?:1049|1047|47)([hl])")
"""Full-screen programs switch to a second screen and back: what they paint there are no lines."""

TEMPLATE = 120
"""Letters by which, numbers aside, lines are told apart where they come in floods."""


class Lines:
    """The lines of one stream on their way to a client's log buffer.

    ``silent`` says whether somebody else reports what is printed here: then nothing is taken, and only the last lines
    are remembered.
    """

    def __init__(
        self,
        name: str,
        buffer: LogBuffer,
        wake: Callable[[], None],
        least: float,
        *,
        silent: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self._buffer = buffer
        self._wake = wake
        self._least = least
        self._silent = silent
        self._clock = clock
        self._lock = threading.Lock()
        self._assembly = Assembly()
        self._left = LINES_PER_WINDOW
        self._partial = b""
        self._cut = 0
        self._on_screen = False
        self._skipped: Counter[str] = Counter()
        self._tail = b""

    def feed(self, data: bytes) -> None:
        """Take what was read; from the stream's thread."""
        self._tail = (self._tail + data[-LAST_BYTES:])[-LAST_BYTES:]
        with self._lock:
            if self._silent():
                self._partial, self._cut = b"", 0
                return
            if b"\x1b[?" in data or self._on_screen:
                data = self._off_screen(data)
            self._split(data)

    def end_window(self, aggregator: Aggregator) -> None:
        """Hand on an entry that has its end, count what was left out, begin anew; from the flush thread."""
        with self._lock:
            self._put(self._assembly.take(self._clock() - SETTLED_SECONDS))
            self._left = LINES_PER_WINDOW
            skipped, self._skipped = self._skipped, Counter()
        for reason, count in skipped.items():
            aggregator.increment("argus.run.lines_skipped", count, {"stream": self.name, "reason": reason})

    def close(self) -> None:
        """Hand on what is held: the stream has ended."""
        with self._lock:
            if self._partial and not self._silent():
                self._line(self._partial)
            self._partial = b""
            self._put(self._assembly.take(float("inf")))

    def last(self) -> list[str]:
        """Return the last lines, whether they were taken or not."""
        lines = [readable(line) for line in self._tail.split(b"\n")]
        return [line for line in lines if line][-LAST_LINES:]

    def _split(self, data: bytes) -> None:
        if len(self._partial) >= MOST_BYTES:  # a line without an end: do not join what is cut anyway
            at = data.find(b"\n")
            self._cut += len(data) if at < 0 else at
            if at < 0:
                return
            data = data[at:]
        parts = (self._partial + data).split(b"\n", self._left)
        self._partial = b""
        for line in parts[:-1]:
            self._line(line)
        self._left -= len(parts) - 1
        rest = parts[-1]
        if not self._left:
            self._skipped["rate"] += rest.count(b"\n")
            rest = rest[rest.rfind(b"\n") + 1 :]
        self._partial, self._cut = rest[:MOST_BYTES], self._cut + max(0, len(rest) - MOST_BYTES)

    def _line(self, raw: bytes) -> None:
        if len(raw) > MOST_BYTES:
            raw, self._cut = raw[:MOST_BYTES], len(raw) - MOST_BYTES
        left_out, self._cut = self._cut, 0
        if b"\0" in raw:
            self._skipped["binary"] += 1
            return
        text = readable(raw)
        if left_out:
            text += f"… ({left_out} more bytes)"
        self._put(self._assembly.add(text, self._clock()))

    def _put(self, entry: Entry | None) -> None:
        if entry is None:
            return
        said = entry.said()
        level = said.level or levels.DEFAULT
        if levels.RANK[level] < self._least:
            return
        logger = said.logger or self.name
        if self._buffer.floods(logger, _VARYING.sub("#", said.message[:TEMPLATE])):
            return
        self._buffer.put(LogLine(entry.time, level, cut(said.message), logger, dict(said.metadata)))
        if level == "ERROR":
            self._wake()

    def _off_screen(self, data: bytes) -> bytes:
        """Return the part of the data that was not painted on a second screen."""
        kept, begin = [], 0
        for switch in _SCREEN.finditer(data):
            if not self._on_screen:
                kept.append(data[begin : switch.start()])
            self._on_screen, begin = switch[1] == b"h", switch.end()
        if not self._on_screen:
            kept.append(data[begin:])
        return b"".join(kept)


def readable(raw: bytes) -> str:
    """Return a line as text: without colours, and of a line that was painted over what stood there last."""
    text = raw.decode("utf-8", "replace")
    if "\x1b" in text:
        text = _COLOURS.sub("", text)
    text = text.rstrip()
    if "\r" in text:
        text = text[text.rfind("\r") + 1 :]
    return _CONTROL.sub("", text)
