"""Copying everything but metrics from SQLite to PostgreSQL: every table there is, and log lines with their ids.

Tables have the same names and columns in both stores, except for log lines. A table that the other side does not know
is an error, never left out.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from argus.errors import StoreError
from argus.server import data_folder
from argus.server.backup import embedded
from argus.server.backup import postgres as database
from argus.server.backup.manifest import Counts, Progress, differences
from argus.server.migrate.journal import Journal
from argus.server.stores.base import LogQuery
from argus.server.stores.postgres import lines as target_lines
from argus.server.stores.postgres.database import Connection, conninfo_of, translated
from argus.server.stores.postgres.dump import dump
from argus.server.stores.postgres.migrations import migrate
from argus.server.stores.records import lines as source_lines
from argus.server.stores.records.store import SqliteRecordStore

LINES, CHAPTERS, COUNTERS = "lines", "chapters", "counters"
OWN = {CHAPTERS, COUNTERS, "schema_migrations"}
"""What each store keeps in its own way."""

OWN_COUNTER = "last_chapter"
TABLES_PART = "tables"

COLUMNS = """
    SELECT a.attname, format_type(a.atttypid, NULL) FROM pg_attribute a
    WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
"""


class RecordMigration:
    """A SQLite file and a database. Nobody else may use the file's folder meanwhile."""

    unreadable = 0
    """SQLite reads all of a file, or says that it is damaged."""

    def __init__(self, path: Path, url: str, journal: Journal, folder: Path) -> None:
        self._path = path
        self._lock = data_folder.lock(path.parent)
        self._conninfo = conninfo_of(url)
        self._journal = journal
        self._folder = folder
        SqliteRecordStore(path).close()  # brings the file up to date
        self._source = sqlite3.connect(path, isolation_level=None)

    def is_empty(self) -> bool:
        """Return whether the database has no rows of ours."""
        with self._connected() as connection:
            counts = database.counted(connection)
        return not any(apps for table, apps in counts.items() if table not in OWN)

    def clear(self) -> None:
        """Drop everything in the database."""
        with self._connected() as connection:
            connection.execute(database.dropping(connection).encode())

    def copy(self, progress: Progress) -> Counts:
        """Copy what is not copied yet; return the rows of each table and application, which both have.

        Raises ``StoreError`` where they differ.
        """
        with _said(self._path), self._connected() as connection:
            migrate(self._conninfo, lambda conninfo, name: dump(conninfo, self._folder, name))
            self._copy_lines(connection, progress)
            if self._journal.rows(TABLES_PART) is None:
                with connection.transaction():
                    self._copy_tables(connection)
                    self._copy_counters(connection)
                self._journal.note(TABLES_PART, 0)
            progress("comparing records", 0, None)
            there = {table: apps for table, apps in database.counted(connection).items() if table not in OWN}
        here = {table: apps for table, apps in embedded.counted(self._path).items() if table not in OWN}
        here["log_lines"] = here.pop(LINES, {})
        differing = differences(here, there)
        if differing:
            raise StoreError(
                f"the database differs from {self._path.name}: {'; '.join(differing[:5])}; does somebody write to one "
                "of them? Then begin anew with --force"
            )
        return there

    def close(self) -> None:
        """Close the connections, and let others use the folder."""
        self._source.close()
        os.close(self._lock)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            with psycopg.connect(self._conninfo, autocommit=True) as connection:
                yield connection
        except psycopg.Error as error:
            raise translated(error) from error

    def _copy_lines(self, connection: Connection, progress: Progress) -> None:
        chapters = self._source.execute("SELECT first_id, last_id, lines, day FROM chapters ORDER BY number").fetchall()
        present = {chapter.first_id for chapter in target_lines.chapters(connection)}
        total, done = sum(lines for _, _, lines, _ in chapters), 0
        for first, last, lines, day in chapters:
            progress("copying log lines", done, total)
            found = source_lines.search(self._source, LogQuery(after=first - 1), (), None)
            some = list(takewhile(lambda one, last=last: one.id <= last, found))  # type: ignore[misc]  # bound now, not later
            if some and some[0].id not in present:  # a chapter is stored whole, or not at all
                with connection.transaction():
                    target_lines.adopt(connection, day, some)
            done += lines
            progress("copying log lines", done, total)

    def _copy_tables(self, connection: Connection) -> None:
        tables = {table: self._columns(connection, table) for table in self._tables()}
        for table in reversed(tables):
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        for table, columns in tables.items():
            self._copy_table(connection, table, columns)

    def _tables(self) -> list[str]:
        """Return the tables, each after those its foreign keys lead to."""
        rows = self._source.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        names = {name for (name,) in rows if embedded.table_of(name) not in {*OWN, LINES, None}}
        ordered: list[str] = []

        def add(name: str) -> None:
            for _, _, parent, *_ in self._source.execute(f'PRAGMA foreign_key_list("{name}")'):
                if parent != name:
                    add(parent)
            if name not in ordered:
                ordered.append(name)

        for name in sorted(names):
            add(name)
        return ordered

    def _columns(self, connection: Connection, table: str) -> dict[str, str]:
        """Return a table's columns and PostgreSQL's type of each. Raises ``StoreError`` where it lacks one."""
        columns = [name for _, name, *_ in self._source.execute(f'PRAGMA table_info("{table}")')]
        try:
            rows = connection.execute(COLUMNS, (sql.Identifier(table).as_string(connection),)).fetchall()
        except psycopg.errors.UndefinedTable as error:
            raise StoreError(f"PostgreSQL has no table {table}, which {self._path.name} has; update Argus") from error
        types: dict[str, str] = dict(rows)
        missing = [column for column in columns if column not in types]
        if missing:
            raise StoreError(f"PostgreSQL's table {table} has no column {', '.join(missing)}; update Argus")
        return {column: types[column] for column in columns}

    def _copy_table(self, connection: Connection, table: str, columns: Mapping[str, str]) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        copy = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
        with connection.cursor() as cursor, cursor.copy(copy) as stream:
            for row in self._source.execute(f'SELECT * FROM "{table}"'):  # noqa: S608  # the file's own name, quoted
                stream.write_row([_value(value, kind) for value, kind in zip(row, columns.values(), strict=True)])
        for column in columns:
            self._go_on_counting(connection, table, column)

    @staticmethod
    def _go_on_counting(connection: Connection, table: str, column: str) -> None:
        """Let a column that numbers itself go on after the greatest number."""
        quoted = sql.Identifier(table).as_string(connection)
        (sequence,) = _row(connection, "SELECT pg_get_serial_sequence(%s, %s)", (quoted, column))
        if sequence is not None:
            greatest = sql.SQL("SELECT setval(%s, greatest(1, coalesce(max({}), 1)), count(*) > 0) FROM {}")
            connection.execute(greatest.format(sql.Identifier(column), sql.Identifier(table)), (sequence,))

    def _copy_counters(self, connection: Connection) -> None:
        for name, value in self._source.execute("SELECT name, value FROM counters").fetchall():
            if name != OWN_COUNTER:
                connection.execute(
                    "INSERT INTO counters (name, value) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE "
                    "SET value = greatest(counters.value, excluded.value)",
                    (name, value),
                )


def _value(value: Any, kind: str) -> Any:
    """Return SQLite's value as a column of PostgreSQL takes it."""
    if value is None:
        return None
    if kind == "boolean":
        return bool(value)
    if kind.startswith("timestamp"):
        return datetime.fromtimestamp(value, UTC)
    return target_lines.storable(value) if isinstance(value, str) else value


def _row(connection: Connection, statement: LiteralString, values: Sequence[Any]) -> tuple[Any, ...]:
    row = connection.execute(statement, values).fetchone()
    assert row is not None
    return row


@contextlib.contextmanager
def _said(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}") from error
