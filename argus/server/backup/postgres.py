"""PostgreSQL: ``pg_dump`` of the whole database, and ``pg_restore`` in one transaction.

The rows are counted in the snapshot that is dumped, so the counts are those of the backup while others write.
"""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import IO, Any, LiteralString

import psycopg
from psycopg import errors, sql

from argus.errors import StoreError, StoreLocked, StoreUnavailable
from argus.server.backup.archive import PIECE, Archive, Writing
from argus.server.backup.contents import Contents
from argus.server.backup.manifest import Counts, Progress, StoreFacts, add
from argus.server.stores.postgres.database import Connection, conninfo_of, translated
from argus.server.stores.postgres.programs import Program, program

ATTEMPTS = 3
"""A chapter of log lines may be dropped between the snapshot and its lock."""

UNKNOWN_BEFORE_17 = b"SET transaction_timeout = 0;\n"
"""What pg_restore of PostgreSQL 17 begins with. An older database refuses it, and with it the transaction."""

PROLOGUE = 50
"""Lines among which it is."""

TABLES = """
    SELECT c.relname, (
        SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('app', 'app_id')
        ORDER BY a.attname DESC LIMIT 1
    )
    FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition ORDER BY c.relname
"""
"""Every table with its column of applications; partitions count with their table."""

OTHERS = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND application_name = current_setting('application_name')
"""

LEAVE_SECONDS = 3.0
"""Seconds within which the connections of a server that was stopped are gone."""

ROUTINES = """
    SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""


class PostgresContents(Contents):
    """One database."""

    kind = "postgresql"

    def __init__(self, folder: str, url: str) -> None:
        self._part = f"{folder}/records.dump"
        self._conninfo = conninfo_of(url)

    def save(self, archive: Writing, progress: Progress) -> Counts:
        for _ in range(ATTEMPTS):
            try:
                return self._saved(archive, progress)
            except errors.UndefinedTable:
                continue
        raise StoreUnavailable("tables of the database were dropped while they were counted; try again")

    def _saved(self, archive: Writing, progress: Progress) -> Counts:
        with self._snapshot() as connection:
            (name,), (total,) = (
                _row(connection, "SELECT pg_export_snapshot()"),
                _row(connection, "SELECT pg_database_size(current_database())"),
            )
            counts = counted(connection)  # and from here on no table of the snapshot can be dropped
            dump = program("pg_dump", "--format=custom", f"--snapshot={name}", conninfo=self._conninfo)
            done = 0
            with archive.part(self._part) as out, _running(dump, stdout=subprocess.PIPE) as dumping:
                for piece in dumping.pieces():
                    out.write(piece)
                    done += len(piece)
                    progress("dumping PostgreSQL", done, max(done, total))
                if not dumping.succeeds():
                    raise StoreError(f"pg_dump could not copy the database: {dumping.told()}")
        return counts

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        with self._connected() as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            with connection.transaction():
                yield connection

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            with psycopg.connect(self._conninfo) as connection:
                yield connection
        except errors.UndefinedTable:
            raise
        except psycopg.Error as error:
            raise translated(error) from error

    def is_empty(self) -> bool:
        with self._connected() as connection:
            return connection.execute(TABLES).fetchone() is None

    def load(self, archive: Archive, facts: StoreFacts, progress: Progress) -> Counts:
        (part,) = facts.parts
        with self._connected() as connection:
            _check_alone(connection)
            begin = f"BEGIN; SET LOCAL lock_timeout = '10s'; {dropping(connection)}\n"
        done = 0

        def pieces() -> Iterator[bytes]:
            nonlocal done
            for piece in archive.pieces(part.name):
                yield piece
                done += len(piece)
                progress("restoring PostgreSQL", done, part.size)

        trouble = self._replace(begin, pieces())
        if trouble:
            raise StoreError(f"the database was not restored and is as it was: {trouble}")
        with self._snapshot() as connection:
            return counted(connection)

    def _replace(self, begin: str, pieces: Iterator[bytes]) -> str:
        """Restore a dump after some statements, all in one transaction; return why not, or nothing."""
        options = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", "--file=-")
        write = program("psql", *options, conninfo=self._conninfo)
        read = program("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--file=-")
        with _running(write, stdin=subprocess.PIPE) as writing:
            writing.say(begin)
            with _running(read, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reading:
                handing_on = threading.Thread(target=_hand_on, args=(reading, writing), name="restore")
                handing_on.start()
                try:
                    all(reading.take(piece) for piece in pieces)  # one that ends early says why
                finally:
                    reading.end_input()
                    handing_on.join()
                trouble = "" if reading.succeeds() else f"pg_restore: {reading.told()}"
            if not trouble:
                writing.say("COMMIT;\n")  # psql takes the end of a text that was cut short for its end
            return trouble if writing.succeeds() else writing.told()

    def adopt(self) -> None:
        """Nothing is left to do: the transaction has put it in its place."""

    def close(self) -> None:
        """No connection is kept."""


def counted(connection: Connection) -> Counts:
    """Return the rows of every table of the schema, in the open transaction."""
    counts: Counts = {}
    for table, app in connection.execute(TABLES).fetchall():
        name = sql.Identifier(table)
        column = sql.SQL("coalesce({}::text, '')").format(sql.Identifier(app)) if app else sql.SQL("''")
        rows = connection.execute(sql.SQL("SELECT {}, count(*) FROM {} GROUP BY 1").format(column, name))
        for of_app, number in rows:
            add(counts, table, of_app, number)
        counts.setdefault(table, {})
    return counts


def _check_alone(connection: Connection) -> None:
    """Raise :class:`StoreLocked` while a server has connections to the database."""
    until = time.monotonic() + LEAVE_SECONDS
    while (others := _row(connection, OTHERS)[0]) and time.monotonic() < until:
        time.sleep(0.1)
    if others:
        raise StoreLocked(f"a server has {others} connections to the database; stop it first")


def dropping(connection: Connection) -> str:
    """Return the statements that drop what is in the schema."""
    tables = [sql.Identifier(table).as_string(connection) for table, _ in connection.execute(TABLES)]
    routines = [name for (name,) in connection.execute(ROUTINES)]
    statements = [f"DROP TABLE {name} CASCADE" for name in tables]
    statements += [f"DROP ROUTINE IF EXISTS {name} CASCADE" for name in routines]
    return "".join(f"{statement}; " for statement in statements)


def _hand_on(reading: _Running, writing: _Running) -> None:
    """Hand the script of ``pg_restore`` on to ``psql``, without the setting at its beginning that only 17 knows."""
    try:
        if all(line == UNKNOWN_BEFORE_17 or writing.take(line) for line in reading.lines(PROLOGUE)):
            all(writing.take(piece) for piece in reading.pieces())
    finally:
        reading.end_output()  # where psql ended early, pg_restore learns it


def _row(connection: Connection, statement: LiteralString) -> tuple[Any, ...]:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return row


class _Running:
    """One of PostgreSQL's programs at work. What it says goes to a file: nobody would empty a pipe meanwhile."""

    def __init__(self, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
        self._process = process
        self._said = said
        self.stdin = process.stdin

    def take(self, piece: bytes) -> bool:
        """Hand it a piece; ``False`` if it has ended."""
        assert self.stdin is not None
        try:
            self.stdin.write(piece)
            self.stdin.flush()
        except BrokenPipeError:
            return False
        return True

    def say(self, text: str) -> None:
        """Hand it a text; where it has ended, :meth:`succeeds` tells."""
        self.take(text.encode())

    def lines(self, most: int) -> Iterator[bytes]:
        """Yield the first lines of what it writes."""
        assert self._process.stdout is not None
        return islice(self._process.stdout, most)

    def pieces(self) -> Iterator[bytes]:
        """Yield what it writes."""
        assert self._process.stdout is not None
        while piece := self._process.stdout.read(PIECE):
            yield piece

    def end_output(self) -> None:
        """Take nothing more from it."""
        assert self._process.stdout is not None
        self._process.stdout.close()

    def succeeds(self) -> bool:
        """Return whether it ends well, once it has nothing more to read."""
        self.end_input()
        return self._process.wait() == 0

    def end_input(self) -> None:
        """Tell it that nothing more comes."""
        if self.stdin is not None and not self.stdin.closed:
            with suppress(BrokenPipeError):  # it ended before it took everything, and says why
                self.stdin.close()

    def told(self) -> str:
        """Return what it said."""
        self._said.seek(0)
        said = " ".join(self._said.read().decode("utf-8", "replace").split())
        return said or f"exit status {self._process.returncode}"


@contextmanager
def _running(wanted: Program, stdin: int | None = None, stdout: int | None = None) -> Iterator[_Running]:
    """Run a program; whatever happens, it has ended afterwards."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(wanted.command, env=wanted.environment, stdin=stdin, stdout=stdout, stderr=said)
        running = _Running(process, said)
        try:
            yield running
        finally:
            if process.poll() is None:
                process.kill()
            running.end_input()
            if process.stdout is not None:
                process.stdout.close()
            process.wait()
