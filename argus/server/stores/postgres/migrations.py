"""Numbered SQL files bring the database up to date, each in one transaction with its row in ``schema_migrations``.

A process killed in the middle leaves the version before; the next one goes on from there. Servers that start at once
take turns under an advisory lock. What is in the database is dumped first.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString, NamedTuple

import psycopg

from argus.errors import StoreError
from argus.server.stores.postgres.database import LOCK_SECONDS, Connection, configure

FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x61726775  # "argu": a number that other users of advisory locks are unlikely to choose


class Migration(NamedTuple):
    """One file: its number, its name, its statements."""

    number: int
    name: str
    sql: str


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """Return the migrations of a folder (``0001_name.sql`` …) in their order."""
    found = [Migration(int(path.name[:4]), path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.sql"))]
    assert [one.number for one in found] == list(range(1, len(found) + 1)), "migrations are numbered without a gap"
    return found


def migrate(conninfo: str, dump: Callable[[str, str], Path], folder: Path = FOLDER) -> None:
    """Apply what is missing. ``dump(conninfo, name)`` keeps a copy first, where there is something to lose.

    Raises :class:`StoreError` for a database of a newer Argus, and what ``dump`` raises.
    """
    known = migrations(folder)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        configure(connection)
        if version(connection) == len(known):
            return
        connection.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))  # until this connection ends
        found = version(connection)
        if found > len(known):
            raise StoreError(f"the record store has version {found}, this Argus knows up to {len(known)}; update Argus")
        if 0 < found < len(known):
            dump(conninfo, f"before-{known[found].name}")
        for migration in known[found:]:
            with connection.transaction():
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS schema_migrations "
                    "(number integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
                )
                connection.execute(migration.sql.encode())
                connection.execute(
                    "INSERT INTO schema_migrations (number, name) VALUES (%s, %s)", (migration.number, migration.name)
                )


def version(connection: Connection) -> int:
    """Return the number of the last migration that was applied, 0 in a new database."""
    if _one(connection, "SELECT to_regclass('schema_migrations')") is None:
        return 0
    return int(_one(connection, "SELECT coalesce(max(number), 0) FROM schema_migrations"))


def _one(connection: Connection, statement: LiteralString) -> Any:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]
