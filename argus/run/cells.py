"""What a preloaded program leaves in the run folder: one file per program, mapped by it and by us.

The layout is that of ``native/libargus/preload/cells.h``, in the byte order of the machine. The program writes, we
read; only the question for the heap is ours. A look at it costs the program nothing.
"""

from __future__ import annotations

import mmap
import os
import struct
from array import array
from pathlib import Path
from typing import NamedTuple, Self

from argus.aggregate.sketch import midpoint
from argus.aggregate.summary import Bins

MAGIC = 0x534E495355475241
VERSION = 1
SIZE = 16384

FIRST_BIN = (1023 - 30) * 64
BINS_AT, BIN_COUNT = 4096, 48 * 64
WRAP = 1 << 32
"""Where a bin begins again."""

_MAGIC = struct.Struct("=Q")
_HEADER = struct.Struct("=QIIQiIQ88s")
_TOTALS = struct.Struct("=QQqqQ")
_TOTALS_AT = 128
_HEAP = struct.Struct("=QQI")
_HEAP_AT = 192
_QUESTION = struct.Struct("@I")  # native: one store, not four
_QUESTION_AT = 256


class Unreadable(Exception):
    """A file of another version than ours."""


class Cells(NamedTuple):
    """The totals of one program at one moment."""

    first_frames: int
    nanoseconds: int
    texture_bytes: int
    graphics_bytes: int
    untracked: int
    heap_bytes: int
    heap_nanoseconds: int
    heap_answered: int
    bins: array[int]


class Frames(NamedTuple):
    """What happened between two looks: all frames, and the times of those that followed another one."""

    count: int  # type: ignore[assignment]  # tuple.count is not missed
    seconds: float
    bins: Bins

    @property
    def extremes(self) -> tuple[float, float]:
        """The shortest and the longest time, as true as a bin is narrow (0.78 %)."""
        return midpoint(self.bins[0][0]), midpoint(self.bins[-1][0])


class CellFile:
    """The file of one program. Stays readable when the program is dead, or the file's name gone."""

    def __init__(self, path: Path, view: mmap.mmap) -> None:
        header = _HEADER.unpack_from(view)
        self.path = path
        self.started: float = header[3] / 1e9
        self.pid: int = header[4]
        self.heap_known = bool(header[5])
        self.pid_namespace: int = header[6]
        self.program: str = header[7].partition(b"\0")[0].decode("utf-8", "replace") or "(unknown)"
        self._view = view

    @classmethod
    def open(cls, path: Path) -> Self | None:
        """Map a file; ``None`` while its program is still making it. Raises :class:`Unreadable`, or ``OSError``."""
        with path.open("r+b") as file:
            if os.fstat(file.fileno()).st_size != SIZE:
                return None
            view = mmap.mmap(file.fileno(), SIZE)
        if _MAGIC.unpack_from(view)[0] == 0:
            view.close()
            return None
        magic, version, size = _HEADER.unpack_from(view)[:3]
        if (magic, version, size) != (MAGIC, VERSION, SIZE):
            view.close()
            raise Unreadable(f"{path}: version {version} with {size} bytes; this Argus reads {VERSION} with {SIZE}")
        return cls(path, view)

    def read(self) -> Cells:
        """Return the totals of one moment: a frame that falls into the reading makes it begin again."""
        seen = self._view[:]
        while (again := self._view[:]) != seen:
            seen = again
        bins = array("I", seen[BINS_AT:])
        heap, took, answered = _HEAP.unpack_from(seen, _HEAP_AT)
        first, nanoseconds, textures, graphics, untracked = _TOTALS.unpack_from(seen, _TOTALS_AT)
        return Cells(first, nanoseconds, textures, graphics, untracked, heap, took, answered, bins)

    def ask_for_heap(self, question: int) -> None:
        """Have the program answer at its next frame, or when it next waits for events."""
        _QUESTION.pack_into(self._view, _QUESTION_AT, question % WRAP)

    def close(self, *, remove: bool) -> None:
        """Let go of the file; ``remove`` where its program is dead."""
        self._view.close()
        if remove:
            self.path.unlink(missing_ok=True)


NOTHING = Cells(0, 0, 0, 0, 0, 0, 0, 0, array("I", bytes(4 * BIN_COUNT)))
"""What a program has done before it begins."""


def frames_between(before: Cells, after: Cells) -> Frames:
    """Return what came between two readings of one file."""
    bins: Bins = []
    if before.bins != after.bins:
        pairs = enumerate(zip(before.bins, after.bins, strict=True))
        bins = [(FIRST_BIN + i, (now - then) % WRAP) for i, (then, now) in pairs if now != then]
    count = sum(count for _, count in bins) + after.first_frames - before.first_frames
    return Frames(count, (after.nanoseconds - before.nanoseconds) / 1e9, bins)
