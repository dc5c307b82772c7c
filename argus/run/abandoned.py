"""Run folders whose parent was killed: the next parent removes them, for they take memory. POSIX.

A parent holds a lock on its folder, and so does the process that it leaves behind for daemons; nobody else inherits it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from pathlib import Path

YOUNG_SECONDS = 60.0
"""Age below which a folder may be one whose parent has not locked it yet."""


def hold(folder: Path) -> int:
    """Lock a folder until this process, and its forks that keep the descriptor, have ended; return the descriptor."""
    lock = os.open(folder, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def sweep(beside: Path, prefix: str) -> None:
    """Remove the folders beside this one that are this user's and that nobody holds."""
    for folder in beside.parent.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):  # held, another user's, or gone
            found = folder.lstat()
            if found.st_uid == os.geteuid() and time.time() - found.st_mtime > YOUNG_SECONDS:
                lock = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder)
                finally:
                    os.close(lock)
