"""A copy of the whole database by ``pg_dump``, in PostgreSQL's custom format: ``pg_restore`` brings it back."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from argus.errors import StoreError
from argus.server.stores.postgres.programs import program


def dump(conninfo: str, folder: Path, name: str) -> Path:
    """Write ``folder/records-TIME-name.dump`` and return its path; it appears when it is whole.

    Raises :class:`StoreError` with the remedy where it cannot.
    """
    path = folder / f"records-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{name}.dump"
    unfinished = path.with_suffix(".unfinished")
    try:
        command, environment = program("pg_dump", "--format=custom", f"--file={unfinished}", conninfo=conninfo)
    except StoreError as error:
        raise StoreError(f"the database must be brought up to date, and is copied first: {error}") from error
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if made.returncode:
        unfinished.unlink(missing_ok=True)
        said = " ".join(made.stderr.split()) or f"exit status {made.returncode}"
        raise StoreError(f"pg_dump could not keep a copy of the database in {folder}: {said}")
    unfinished.replace(path)
    return path
