"""What ends the wait for a database that has fallen silent: a stopped process, a machine that is cut off.

libpq waits for an answer for ever, and TCP only notices a machine that is gone. So a transaction that takes long has
somebody ask the database on another connection: where that gets no answer either, the transaction's connection is shut,
and whoever waits learns that it is lost. A database that is merely slow answers, and is waited for.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg

LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 5.0
"""How long a transaction may take before the database is asked whether it lives, and from one asking to the next."""

ANSWER_SECONDS = 3
"""How long that may take: a connection and its log-in."""


class Silence:
    """Watches transactions of any thread, on one thread of its own that begins with the first."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._lock = threading.Lock()
        self._watched: dict[int, tuple[float, psycopg.Connection[Any]]] = {}
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    @contextlib.contextmanager
    def watched(self, connection: psycopg.Connection[Any]) -> Iterator[None]:
        """Watch a connection while the block uses it."""
        with self._lock:
            self._watched[id(connection)] = time.monotonic() + PATIENCE_SECONDS, connection
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._watch, name="argus-silence", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                del self._watched[id(connection)]

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        while not self._closed.wait(LOOK_SECONDS):
            now = time.monotonic()
            with self._lock:
                late = any(patience < now for patience, _ in self._watched.values())
            if late:
                lives = self._lives()
                with self._lock:
                    self._judge(now, lives=lives)

    def _judge(self, now: float, *, lives: bool) -> None:
        """Have patience with those that were late at a moment, or end them."""
        for number, (patience, connection) in list(self._watched.items()):
            if patience < now:
                self._watched[number] = time.monotonic() + PATIENCE_SECONDS, connection
                if not lives:
                    _shut(connection)

    def _lives(self) -> bool:
        try:
            with psycopg.connect(self._conninfo, connect_timeout=ANSWER_SECONDS):
                return True
        except psycopg.OperationalError as error:
            return "FATAL" in str(error)  # it answers, if only that it takes no more connections


def _shut(connection: psycopg.Connection[Any]) -> None:
    """Shut a connection under whoever waits for it; only they may close it."""
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as same:
        same.shutdown(socket.SHUT_RDWR)
