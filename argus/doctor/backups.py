"""The backups: whether one can be made where the settings want it, and whether the newest one is as new as they say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from argus.doctor.result import Result, failure, ok, warning
from argus.errors import ConfigError, StoreError
from argus.server.backup import folder as folders
from argus.server.backup import state as states
from argus.server.process import existing
from argus.server.settings import DAY, Settings, variable
from argus.server.stores import opening

NAME = "backups"
LATE = 2
"""Intervals after which a backup is missing rather than late."""

_VERSION = re.compile(r"\) (\d+)")


def backups(settings: Settings) -> Result:
    """Look at the folder, at what PostgreSQL's copies need, and at the newest backup."""
    try:
        folder, is_postgres = folders.folder_of(settings), not opening.is_sqlite(settings.records_url)
        if is_postgres and (lacking := _lacking(settings.records_url)):
            return failure(NAME, lacking, "install PostgreSQL's client programs of its version (postgresql-client-NN)")
    except ConfigError as error:
        return failure(NAME, str(error), f"correct {variable('records_url')}")
    there = existing(folder)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        fix = f"let argus write there, or choose another with {variable('backup_dir')}"
        return failure(NAME, f"{folder} cannot be written, so none can be made", fix)
    return newest(settings, folder, time.time(), shutil.disk_usage(there).free)


def newest(settings: Settings, folder: Path, now: float, free: int) -> Result:
    """Judge the backups that there are; ``free``: bytes of room for another."""
    whole = [one for one in folders.listed(folder) if one.manifest is not None]
    every, error = settings.backup_every_days, states.read(folder).last_error
    if error is not None:
        hours = (now - error.at) / 3_600
        return warning(NAME, f"one failed {hours:.1f} h ago: {error.message}", "mend that; argus backup tries again")
    if not whole or whole[0].manifest is None:
        if every == 0:
            return warning(NAME, f"there is none in {folder}, and the server makes none", "argus backup makes one")
        return ok(NAME, f"none in {folder} yet; a server makes one within a minute of its start")
    days = (now - whole[0].manifest.created_at) / DAY
    told = f"{len(whole)} in {folder}, the newest {days:.1f} days old"
    if every and days > LATE * every:
        return warning(NAME, f"{told}, and one is made every {every:g} days", "argus backup says what keeps it from it")
    if free < whole[0].size:
        return warning(NAME, f"{told}, and there is no room for another", "make room, or lower ARGUS_BACKUP_KEEP")
    return ok(NAME, told)


def _lacking(url: str) -> str:
    """Return what is wrong with PostgreSQL's programs, or nothing. Whether the database answers is told elsewhere."""
    import psycopg  # noqa: PLC0415  # the store's own part, when it is used

    from argus.server.stores.postgres.database import conninfo_of  # noqa: PLC0415  # as above
    from argus.server.stores.postgres.programs import program  # noqa: PLC0415  # as above

    conninfo = conninfo_of(url)
    try:
        command = [program(name, "--version").command for name in ("psql", "pg_restore", "pg_dump")][-1]
    except StoreError as error:
        return str(error)
    found = _VERSION.search(subprocess.run(command, capture_output=True, text=True, check=False, timeout=10).stdout)
    try:
        with psycopg.connect(conninfo) as connection:
            server = connection.info.server_version // 10_000
    except psycopg.Error:
        return ""
    return older(int(found[1]) if found else server, server)


def older(dump: int, server: int) -> str:
    """Return that pg_dump cannot copy a server, or nothing. Both are major versions."""
    return f"pg_dump is version {dump} and cannot copy a server of version {server}" if dump < server else ""
