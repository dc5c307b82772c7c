"""One SQLite file: a writing connection, a reading connection per thread, and errors in our words.

WAL lets readers work on a snapshot while the writer commits; ``synchronous=FULL`` makes a commit survive the machine.
The command line may write to the same file from another process: the busy timeout lets each wait for the other.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from argus.errors import StoreUnavailable
from argus.server.stores.free_pages import give_back
from argus.server.stores.readers import Readers
from argus.server.stores.records.schema import migrate

BUSY_TIMEOUT = 10.0
"""Seconds to wait for another process before giving up."""

REMEDIES = {
    sqlite3.SQLITE_BUSY: "another process is writing; try again",
    sqlite3.SQLITE_LOCKED: "another process is writing; try again",
    sqlite3.SQLITE_FULL: "the disk is full; make room, nothing was stored",
    sqlite3.SQLITE_IOERR: "the disk failed; see the system's log",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened; check the data folder's owner and permissions",
    sqlite3.SQLITE_READONLY: "the file cannot be written; check the data folder's owner and permissions",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; restore a backup",
    sqlite3.SQLITE_NOTADB: "the file is not a record store; choose another data folder",
}
PRIMARY_CODE = 0xFF
"""SQLite's extended codes keep the primary one in their low byte."""


class Database:
    """Connections to one file. ``write`` may be entered from any thread, one at a time; ``read`` from all at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._write_lock = threading.Lock()
        self._local = threading.local()
        self._readers = Readers("record store", self._connect)
        with self._translated():
            self._writer = self._connect()
            try:
                migrate(self._writer)
            except BaseException:
                self._writer.close()
                raise

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: what the block does is stored whole and durable, or not at all.

        Inside of another one of the same thread it is a part of that.
        """
        if getattr(self._local, "writes", False):
            yield self._writer
            return
        with self._translated(), self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            self._local.writes = True
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # a full disk may have rolled back already
                    self._writer.execute("ROLLBACK")
                raise
            finally:
                self._local.writes = False

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One snapshot: what the block reads belongs together, whatever is written meanwhile."""
        with self._translated(), self._readers.reading() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    def give_back(self) -> None:
        """Give free pages back to the file system, some at a time."""
        with self._translated(), self._write_lock:
            give_back(self._writer)

    def size(self) -> int:
        """Bytes on disk, the write-ahead log included."""
        paths = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return sum(path.stat().st_size for path in paths if path.exists())

    def close(self) -> None:
        """Close every connection when all who read have ended; the last one folds the write-ahead log into the file."""
        self._readers.close()
        with self._write_lock:
            self._writer.close()

    def _connect(self) -> sqlite3.Connection:
        # Connections move between threads (executors) and are closed by another one; the locks here keep them apart.
        connection = sqlite3.connect(
            self.path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # heeded by a new file only
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = FAST")  # no extra writes to blank what retention drops
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if self._readers.closed:
                raise StoreUnavailable("the record store is closed") from error
            remedy = REMEDIES.get(getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE)
            if remedy is None:
                raise
            raise StoreUnavailable(f"{self.path}: {error}; {remedy}") from error
