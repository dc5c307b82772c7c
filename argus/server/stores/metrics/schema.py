"""The tables of ``metrics.db``."""

from __future__ import annotations

import sqlite3
from pathlib import Path

VERSION = 1

RAW, ROLLUP = 0, 1
"""Tiers, as they stand in the table: do not change them."""

LOG_BYTES = 4 * 1024 * 1024
"""Size to which the write-ahead log is cut after a transaction that was larger, such as a seal."""

TABLES = """
CREATE TABLE series (
    id INTEGER PRIMARY KEY, app TEXT NOT NULL, host TEXT NOT NULL, kind INTEGER NOT NULL,
    name TEXT NOT NULL, tags TEXT NOT NULL, last_seen REAL NOT NULL
);
CREATE TABLE marks (
    app TEXT NOT NULL, instance TEXT NOT NULL, seq INTEGER NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (app, instance)
) WITHOUT ROWID;
CREATE TABLE head (id INTEGER PRIMARY KEY, rows BLOB NOT NULL);
CREATE TABLE chunk (
    tier INTEGER NOT NULL, series INTEGER NOT NULL, start INTEGER NOT NULL, part INTEGER NOT NULL,
    end INTEGER NOT NULL, rows INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (tier, series, start, part)
) WITHOUT ROWID;
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open the database for one thread; transactions are begun by hand."""
    connection = sqlite3.connect(path, timeout=30.0, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # heeded by a new file only
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
    connection.execute("PRAGMA synchronous = FULL")  # an acknowledgement means that the bytes are on the disk
    connection.execute("PRAGMA wal_autocheckpoint = 4000")
    connection.execute("PRAGMA mmap_size = 268435456")
    return connection


def create(connection: sqlite3.Connection) -> None:
    """Make the tables in a new file. Raises ``sqlite3.DatabaseError`` for a file of a newer Argus."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise sqlite3.DatabaseError(f"metrics.db has version {version}; this Argus knows versions up to {VERSION}")
    if version == 0:
        connection.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
