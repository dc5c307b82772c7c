"""Backups for tests: made, brought back, and in a process of its own that dies on the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from argus.server.backup import folder as folders
from argus.server.backup.make import make
from argus.server.backup.manifest import Manifest
from argus.server.backup.restore import restore
from argus.server.settings import Settings

ROOT = Path(__file__).resolve().parents[2]

DYING = """
import os, resource, signal, sys
from pathlib import Path
from argus.errors import StoreError
from argus.server.backup import folder as folders
from argus.server.backup.make import make
from argus.server.backup.restore import restore
from argus.server.settings import Settings

what, data, at, step, limit = sys.argv[1:]

def progress(now, done, total):
    if now == step:
        os.kill(os.getpid(), signal.SIGKILL)

if int(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
try:
    if what == "backup":
        with folders.locked(Path(at)):
            make(Settings(data=Path(data)), Path(at), progress)
    else:
        restore(Settings(data=Path(data)), Path(at), progress, force=True)
except StoreError as error:
    sys.exit(str(error))
"""


def silent(what: str, done: int, total: int | None) -> None:
    assert what
    assert done >= 0
    assert total is None or done <= total


def backup(settings: Settings, folder: Path) -> tuple[Path, Manifest]:
    with folders.locked(folder):
        made = make(settings, folder, silent)
    assert made.manifest is not None
    return made.path, made.manifest


def bring_back(settings: Settings, path: Path, *, force: bool = False) -> Manifest:
    return restore(settings, path, silent, force=force)


def dying(what: str, data: Path, at: Path, *, step: str = "", limit: int = 0) -> subprocess.CompletedProcess[str]:
    """Make or restore a backup in a process that is killed at a step, or may write no larger file than the limit."""
    return subprocess.run(
        [sys.executable, "-c", DYING, what, str(data), str(at), step, str(limit)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
