"""Reading connections to one SQLite file, a thread each, of which none is closed under a statement.

SQLite crashes the process where one thread closes a connection that another one reads from. So whoever closes waits
for those who read, and who comes later is told that the store is closed.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from argus.errors import StoreUnavailable


class Readers:
    """The readers of one store. ``reading`` may be entered from all threads at once; ``close`` from any."""

    def __init__(self, store: str, connect: Callable[[], sqlite3.Connection]) -> None:
        self._store = store
        self._connect = connect
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._reads = 0
        self._changed = threading.Condition()
        """Guards the connections and how many of them read now."""
        self.closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection, which stays open meanwhile. Raises :class:`StoreUnavailable` once closed."""
        with self._changed:
            if self.closed:
                raise StoreUnavailable(f"the {self._store} is closed")
            connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
            if connection is None:
                connection = self._local.connection = self._connect()
                connection.execute("PRAGMA query_only = ON")
                self._connections.append(connection)
            self._reads += 1
        try:
            yield connection
        finally:
            with self._changed:
                self._reads -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Let no more readers in, wait for those who read, and close their connections."""
        with self._changed:
            self.closed = True
            self._changed.wait_for(lambda: self._reads == 0)
            for connection in self._connections:
                connection.close()
            self._connections.clear()
