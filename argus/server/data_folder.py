"""The data folder: made private, checked, and owned by one server at a time."""

from __future__ import annotations

import os
from pathlib import Path

from argus.errors import ConfigError, StoreLocked

LOCK = "argus.lock"


def prepare(folder: Path) -> None:
    """Make the folder if it is missing, readable by its owner only. Raises :class:`ConfigError` with the remedy."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(
            f"the data folder {folder} cannot be made ({error.strerror}); choose another with --data"
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(f"the data folder {folder} cannot be written; try: chown -R $(id -un) {folder}")


def lock(folder: Path) -> int:
    """Own the folder until the returned descriptor is closed. Raises :class:`StoreLocked` while another server does."""
    import fcntl  # noqa: PLC0415  # the server runs on POSIX; this module must import anywhere

    path = folder / LOCK
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    hand_over(path, folder)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        owner = path.read_text().strip() or "unknown"
        os.close(descriptor)
        raise StoreLocked(
            f"another server (process {owner}) uses the data folder {folder}; stop it, or choose another with --data"
        ) from error
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor


def hand_over(path: Path, folder: Path) -> None:
    """Give what root makes in somebody's folder to them, as SQLite does: their server has to read and write it too."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
