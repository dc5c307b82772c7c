"""The run folder: where the parent and what it put into its children meet; its path is in ``ARGUS_RUN_DIR``.

It lies in memory where that is to be had, for what is mapped from it is written at every frame. A process in which the
Python client has started leaves ``<pid>.speaks``: it reports what it logs itself.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

PREFIX = "argus-run-"
VARIABLE = "ARGUS_RUN_DIR"
SPEAKS = ".speaks"
TICK = 20_000_000
"""Nanoseconds within which two changes of a folder may have the same time."""


class RunFolder:
    """A folder of one run, that only its user can enter."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=next(_places(environ), None)))
        self._seen = 0
        self._speaks = False

    def somebody_speaks(self) -> bool:
        """Return whether a process reports its own log lines. Cheap: one look at the folder's time.

        One that has died since the last window counts: its last lines may still be on their way.
        """
        try:
            changed = self.path.stat().st_mtime_ns
        except FileNotFoundError:  # somebody cleaned up
            return False
        if changed != self._seen:
            self._seen = changed if time.time_ns() - changed > TICK else 0
            self._speaks = any(self._speakers())
        return self._speaks

    def forget_the_dead(self) -> None:
        """Let those who have died speak no more; once per window."""
        import psutil  # noqa: PLC0415  # the program's start does not wait for it

        self._seen = 0
        for file in self._speakers():
            if not psutil.pid_exists(int(file.stem)):
                file.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the folder and what is in it."""
        shutil.rmtree(self.path, ignore_errors=True)  # a dead program's leavings; the system clears such places too

    def _speakers(self) -> Iterator[Path]:
        return (file for file in self.path.glob(f"*{SPEAKS}") if file.stem.isdecimal())


def _places(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield folders in memory, the best first."""
    for place in ("/dev/shm", environ.get("XDG_RUNTIME_DIR", "")):  # noqa: S108  # mkdtemp makes a folder of mode 0700 in it
        if place and os.access(place, os.W_OK | os.X_OK) and Path(place).is_dir():
            yield place


def watched(environ: Mapping[str, str]) -> bool:
    """Return whether a parent watches this process already."""
    return Path(environ.get(VARIABLE) or os.devnull).is_dir()
