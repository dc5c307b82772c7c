"""The run folder: where the parent and what it put into its children meet; its path is in ``ARGUS_RUN_DIR``.

It lies in memory where that is to be had, for what is mapped from it is written at every frame. A process in which the
Python client has started leaves ``<pid>.speaks``: it reports what it logs itself.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

PREFIX = "argus-run-"
VARIABLE = "ARGUS_RUN_DIR"
SPEAKS = ".speaks"


class RunFolder:
    """A folder of one run, that only its user can enter."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=next(_places(environ), None)))
        self._seen = 0
        self._speakers: frozenset[int] = frozenset()

    def somebody_speaks(self) -> bool:
        """Return whether a live process reports its own log lines. Cheap: one look at the folder's time."""
        try:
            changed = self.path.stat().st_mtime_ns
        except FileNotFoundError:  # somebody cleaned up
            return False
        if changed != self._seen:
            self._seen = changed
            self._speakers = frozenset(self._found())
        return bool(self._speakers)

    def look_again(self) -> None:
        """Forget who has died; once per window."""
        self._seen = 0

    def remove(self) -> None:
        """Remove the folder and what is in it."""
        shutil.rmtree(self.path, ignore_errors=True)  # a dead program's leavings; the system clears such places too

    def _found(self) -> Iterator[int]:
        import psutil  # noqa: PLC0415  # the program's start does not wait for it

        for entry in os.scandir(self.path):
            stem = entry.name.removesuffix(SPEAKS)
            if stem != entry.name and stem.isdecimal() and psutil.pid_exists(int(stem)):
                yield int(stem)


def _places(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield folders in memory, the best first."""
    for place in ("/dev/shm", environ.get("XDG_RUNTIME_DIR", "")):  # noqa: S108  # mkdtemp makes a folder of mode 0700 in it
        if place and os.access(place, os.W_OK | os.X_OK) and Path(place).is_dir():
            yield place


def watched(environ: Mapping[str, str]) -> bool:
    """Return whether a parent watches this process already."""
    return Path(environ.get(VARIABLE) or os.devnull).is_dir()
