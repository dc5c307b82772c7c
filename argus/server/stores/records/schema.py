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
    (  # alerts: see postgres/migrations/0003_alerts.sql, whose twins these tables are
        """CREATE TABLE alert_rules (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            app TEXT,
            enabled INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            body TEXT NOT NULL
        )""",
        """CREATE TABLE alert_states (
            rule_id INTEGER NOT NULL REFERENCES alert_rules ON DELETE CASCADE,
            app TEXT NOT NULL,
            revision INTEGER NOT NULL,
            incident INTEGER NOT NULL,
            version INTEGER NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (rule_id, app)
        ) WITHOUT ROWID""",
        "CREATE INDEX alert_states_incidents ON alert_states (app) WHERE incident = 1",
        """CREATE TABLE alert_events (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            rule_id INTEGER NOT NULL,
            app TEXT NOT NULL,
            state TEXT NOT NULL,
            at REAL NOT NULL,
            body TEXT NOT NULL
        )""",
        "CREATE INDEX alert_events_rule ON alert_events (rule_id, id)",
        "CREATE INDEX alert_events_app ON alert_events (app, at)",
        "CREATE INDEX alert_events_at ON alert_events (at)",
        """CREATE TABLE alert_deliveries (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            event_id INTEGER NOT NULL REFERENCES alert_events ON DELETE CASCADE,
            kind TEXT NOT NULL,
            target TEXT NOT NULL,
            content TEXT NOT NULL,
            state TEXT NOT NULL,
            reason TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            created_at REAL NOT NULL,
            next_at REAL NOT NULL
        )""",
        "CREATE INDEX alert_deliveries_due ON alert_deliveries (next_at) WHERE state = 'pending'",
        "CREATE INDEX alert_deliveries_event ON alert_deliveries (event_id)",
        """CREATE TABLE alert_attempts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            delivery_id INTEGER NOT NULL REFERENCES alert_deliveries ON DELETE CASCADE,
            at REAL NOT NULL,
            ok INTEGER NOT NULL,
            answer TEXT NOT NULL
        )""",
        "CREATE INDEX alert_attempts_delivery ON alert_attempts (delivery_id)",
        "CREATE INDEX alert_attempts_at ON alert_attempts (at)",
        """CREATE TABLE alert_silences (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            app TEXT,
            starts REAL NOT NULL,
            over_at REAL,
            body TEXT NOT NULL
        )""",
    ),
    (  # channels: the twin of postgres/migrations/0004_channels.sql
        """CREATE TABLE alert_channels (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            target TEXT NOT NULL,
            secret TEXT NOT NULL,
            created_at REAL NOT NULL,
            updated_at REAL NOT NULL
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
