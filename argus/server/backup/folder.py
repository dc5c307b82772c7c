"""The folder where backups lie: their names, which there are, and who may write to it."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from argus.errors import ConfigError, Conflict, StoreError
from argus.server import data_folder
from argus.server.backup.archive import UNFINISHED, Archive, disk_errors
from argus.server.backup.manifest import Manifest
from argus.server.settings import Settings
from argus.server.stores.opening import BACKUPS

log = logging.getLogger("argus.server.backup")

NAME = re.compile(r"argus-\d{8}T\d{6}Z(?:-\d+)?\.tar")
LOCK = "backup.lock"


class Found(NamedTuple):
    """One backup; without a manifest where it cannot be read."""

    path: Path
    size: int
    manifest: Manifest | None


def folder_of(settings: Settings) -> Path:
    """Return where the settings keep backups."""
    return Path(settings.backup_dir).expanduser() if settings.backup_dir else settings.data / BACKUPS


def new_name(folder: Path, now: float) -> str:
    """Return a name that no backup of the folder has."""
    stem = f"argus-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now))}"
    number = 1
    name = f"{stem}.tar"
    while (folder / name).exists():
        number += 1
        name = f"{stem}-{number}.tar"
    return name


def listed(folder: Path) -> list[Found]:
    """Return the backups of a folder, the newest first."""
    if not folder.is_dir():
        return []
    found = []
    for path in folder.iterdir():
        if NAME.fullmatch(path.name):
            try:
                with Archive(path) as archive:
                    found.append(Found(path, path.stat().st_size, archive.manifest))
            except StoreError as error:
                log.warning("%s", error)
                with contextlib.suppress(FileNotFoundError):  # another process may just have removed it
                    found.append(Found(path, path.stat().st_size, None))
    return sorted(
        found, key=lambda one: (one.manifest.created_at if one.manifest else 0.0, one.path.name), reverse=True
    )


def newest(folder: Path) -> Manifest | None:
    """Return what the newest backup that can be read says of itself."""
    names = sorted((path for path in folder.glob("argus-*.tar") if NAME.fullmatch(path.name)), reverse=True)
    for path in names:
        with contextlib.suppress(StoreError), Archive(path) as archive:
            return archive.manifest
    return None


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make the folder and be the only one that makes a backup in it; what a killed one left is removed.

    Raises :class:`Conflict` while another process makes one.
    """
    import fcntl  # noqa: PLC0415  # the server runs on POSIX; this module must import anywhere

    try:
        for path in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
            path.mkdir(exist_ok=True, mode=0o700)  # also the data folder, which nobody made where engines hold the data
            data_folder.hand_over(path, path.parent)
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        data_folder.hand_over(folder / LOCK, folder)
    except OSError as error:
        raise ConfigError(
            f"the folder for backups {folder} cannot be written ({error.strerror}); "
            "choose another with --to or ARGUS_BACKUP_DIR"
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(f"a backup is being made in {folder}; wait for it") from None
        with disk_errors(folder):
            for left in folder.glob(f"argus-*{UNFINISHED}*"):
                left.unlink(missing_ok=True)
        yield
    finally:
        os.close(descriptor)


def is_locked(folder: Path) -> bool:
    """Return whether somebody makes a backup in a folder now."""
    import fcntl  # noqa: PLC0415  # as above

    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def prune(folder: Path, keep: int) -> list[Path]:
    """Remove the oldest backups beyond ``keep``; return which. One that cannot be read counts for none, and stays."""
    whole = [one.path for one in listed(folder) if one.manifest is not None]
    with disk_errors(folder):
        for path in whole[keep:]:
            path.unlink(missing_ok=True)
    return whole[keep:]
