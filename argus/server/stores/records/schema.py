"""The tables of the embedded record store, as numbered migrations.

A file's version is SQLite's ``user_version``. Each migration runs in one transaction with the new number, so a process
killed in the middle leaves the version before it. Chapters of log lines are not here: they come and go while the
server runs (``chapters.py``).
"""

from __future__ import annotations

import sqlite3

from argus.errors import StoreUnavailable

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE apps (
            app_id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            created_at REAL NOT NULL,
            deleted_at REAL
        ) WITHOUT ROWID""",
        """CREATE TABLE keys (
            sha256 BLOB PRIMARY KEY,
            prefix TEXT NOT NULL,
            app_id TEXT NOT NULL REFERENCES apps,
            created_at REAL NOT NULL,
            expires_at REAL
        ) WITHOUT ROWID""",
        """CREATE TABLE admin (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            hash TEXT NOT NULL
        )""",
        """CREATE TABLE sessions (
            sha256 BLOB PRIMARY KEY,
            created_at REAL NOT NULL,
            last_seen REAL NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE marks (
            app TEXT NOT NULL,
            instance TEXT NOT NULL,
            seq INTEGER NOT NULL,
            stored_at REAL NOT NULL,
            PRIMARY KEY (app, instance)
        ) WITHOUT ROWID""",
        """CREATE TABLE chapters (
            number INTEGER PRIMARY KEY,
            first_id INTEGER NOT NULL,
            last_id INTEGER NOT NULL,
            lines INTEGER NOT NULL,
            earliest REAL NOT NULL,
            latest REAL NOT NULL,
            day INTEGER NOT NULL
        )""",
        "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
        "INSERT INTO counters VALUES ('version', 0), ('last_id', 0), ('last_chapter', 0)",
    ),
    (
        "ALTER TABLE keys ADD COLUMN label TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE keys ADD COLUMN last_used REAL",
        "ALTER TABLE apps ADD COLUMN max_series INTEGER",
        "ALTER TABLE apps ADD COLUMN max_rows_per_second REAL",
        "ALTER TABLE apps ADD COLUMN max_lines_per_second REAL",
        """CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at REAL NOT NULL,
            who TEXT NOT NULL,
            origin TEXT NOT NULL,
            act TEXT NOT NULL,
            subject TEXT NOT NULL,
            detail TEXT NOT NULL
        )""",
    ),
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to the newest version. Raises :class:`StoreUnavailable` for a file of a newer Argus."""
    connection.execute("BEGIN IMMEDIATE")  # two processes may open a new file at once: one migrates, one waits
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise StoreUnavailable(  # noqa: TRY301  # the transaction must be ended first
                f"the record store has version {version}, this Argus knows up to {len(MIGRATIONS)}; update Argus"
            )
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
