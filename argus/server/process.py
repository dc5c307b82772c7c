"""The server's own process: since when it runs, and what it takes of the machine."""

from __future__ import annotations

import time
from pathlib import Path

import psutil


class Process:
    """This process. Belongs to the event loop; asking it takes well under a millisecond."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._process.cpu_percent(interval=None)  # the first answer is a baseline
        self.started_at = time.time()
        self._began = time.monotonic()

    def uptime(self) -> float:
        """Return the seconds since the start, whatever happened to the clock."""
        return time.monotonic() - self._began

    def memory(self) -> int:
        """Return the bytes that are in memory."""
        return int(self._process.memory_info().rss)

    def cpu_seconds(self) -> float:
        """Return the processor time since the start."""
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def cpu_percent(self) -> float:
        """Return the share of one core that was used since this was asked last."""
        return float(self._process.cpu_percent(interval=None))

    def threads(self) -> int:
        """Return the number of threads."""
        return int(self._process.num_threads())

    def open_files(self) -> int:
        """Return how many descriptors are open."""
        return int(self._process.num_fds())


def existing(path: Path) -> Path:
    """Return the path, or the nearest folder above it that exists: its file system is the one it would be on."""
    path = path.absolute()
    return next(folder for folder in (path, *path.parents) if folder.exists())
