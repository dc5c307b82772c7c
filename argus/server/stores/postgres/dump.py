"""A copy of the whole database by ``pg_dump``, in PostgreSQL's custom format: ``pg_restore`` brings it back."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from argus.errors import StoreError


def dump(conninfo: str, folder: Path, name: str) -> Path:
    """Write ``folder/records-TIME-name.dump`` and return its path; it appears when it is whole.

    Raises :class:`StoreError` with the remedy where it cannot.
    """
    program = shutil.which("pg_dump")
    if program is None:
        raise StoreError(
            "the database must be brought up to date, and pg_dump, which keeps a copy of it first, is not installed; "
            "install PostgreSQL's client programs (on Debian: apt-get install postgresql-client)"
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"records-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{name}.dump"
    unfinished = path.with_suffix(".unfinished")
    parts = conninfo_to_dict(conninfo)
    secret = {"PGPASSWORD": str(parts.pop("password"))} if "password" in parts else {}
    command = [program, "--format=custom", f"--file={unfinished}", f"--dbname={make_conninfo('', **parts)}"]
    # The password goes through the environment: a command line is everybody's to read.
    made = subprocess.run(command, env={**os.environ, **secret}, capture_output=True, text=True, check=False)
    if made.returncode:
        unfinished.unlink(missing_ok=True)
        said = " ".join(made.stderr.split()) or f"exit status {made.returncode}"
        raise StoreError(f"pg_dump could not keep a copy of the database in {folder}: {said}")
    unfinished.replace(path)
    return path
