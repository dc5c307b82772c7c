"""PostgreSQL's client programs: found, and told where the database is without showing the password."""

from __future__ import annotations

import os
import shutil
from typing import NamedTuple

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from argus.errors import StoreError


class Program(NamedTuple):
    """What to start, and with which environment."""

    command: list[str]
    environment: dict[str, str]


def program(name: str, *options: str, conninfo: str | None = None) -> Program:
    """Return how a program is started on a database. Raises :class:`StoreError` with the remedy."""
    found = shutil.which(name)
    if found is None:
        raise StoreError(
            f"{name}, which copies of the database need, is not installed; "
            "install PostgreSQL's client programs (on Debian: apt-get install postgresql-client)"
        )
    if conninfo is None:
        return Program([found, *options], dict(os.environ))
    parts = conninfo_to_dict(conninfo)
    # The password goes through the environment: a command line is everybody's to read.
    secret = {"PGPASSWORD": str(parts.pop("password"))} if "password" in parts else {}
    return Program([found, *options, f"--dbname={make_conninfo('', **parts)}"], {**os.environ, **secret})
