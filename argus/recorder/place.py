"""Where flight files lie: ``FOLDER/APPLICATION/INSTANCE/flight``, readable for their owner alone.

The best folder is in memory. A file on a disk is written back by the kernel now and then, and a store into a page that
is on its way waits for the disk; in ``/dev/shm`` there is nothing to wait for, and a file outlives its process just the
same. It does not outlive the machine, but neither could it be trusted then.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the settings bring logging; a parent that only asks for the folder need not
    from argus.client.config import Config

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # the folder in it is checked to be ours alone


def default_folder() -> Path:
    """Return the folder for this user's flight files where the setting names none."""
    if hasattr(os, "getuid") and SHARED_MEMORY.is_dir() and os.access(SHARED_MEMORY, os.W_OK):
        return SHARED_MEMORY / f"argus-{os.getuid()}"
    return Path.home() / ".local" / "state" / "argus" / "recorder"


def root(settings: Config) -> Path:
    """Return the folder that holds the application's instances.

    Who delivers what another process left needs the same key, so applications do not share one. ``spool_dir`` belongs
    to one application already.
    """
    if settings.spool_dir is not None:
        return Path(settings.spool_dir).expanduser()
    chosen = settings.flight_recorder
    folder = Path(chosen).expanduser() if isinstance(chosen, str) else default_folder()
    return folder / application_name(settings.url, settings.app_id or settings.api_key)


def application_name(url: str | None, application: str | None) -> str:
    """Return a name for the folder of one application of one server: FNV-1a, as libargus computes it."""
    number = 0xCBF29CE484222325
    for byte in f"{url or ''}\n{application or ''}".encode():
        number = (number ^ byte) * 0x100000001B3 % 2**64
    return f"{number:016x}"


def prepare(settings: Config) -> Path:
    """Make the folder where need be and return it. Raises ``OSError`` where somebody else can get at it."""
    folder = root(settings)
    with suppress(
        FileNotFoundError, FileExistsError
    ):  # it goes with another in this moment, or is no folder: see below
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if settings.spool_dir is None and hasattr(os, "geteuid"):
        for part in (folder.parent, folder):
            try:
                seen = part.lstat()
            except FileNotFoundError:  # it was empty and went with who ended just now; it is made again
                continue
            if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.geteuid() or seen.st_mode & 0o022:
                raise PermissionError(
                    f"{part} is not a folder that only you can write; remove it, or set flight_recorder to another"
                )
    return folder
