"""Brings the words of new lines into the index, beside storing.

PostgreSQL puts a new line's words on a list, and whoever makes the list longer than 4 MiB takes all of them into the
index proper: half of what a line costs, paid by the one connection everybody waits for. So another connection takes
them, soon after they came. Where it cannot keep up, the storing one helps as before. Nothing durable depends on it: the
list is part of the index, is searched with it, and survives a crash.
"""

from __future__ import annotations

import contextlib
import logging
from concurrent.futures import Future, ThreadPoolExecutor

from psycopg import errors

from argus.errors import StoreUnavailable
from argus.server.stores.postgres.database import Database

log = logging.getLogger("argus.server.stores")

EVERY_LINES = 4_000
"""Lines after which the list is taken: half of what makes it too long, and enough that words come in bunches."""

_SWEEP = """
SELECT gin_clean_pending_list(indexrelid)
FROM (SELECT name FROM chapters ORDER BY first_id DESC LIMIT 2) AS newest
JOIN pg_index ON indrelid = quote_ident(name)::regclass
JOIN pg_class ON pg_class.oid = indexrelid
JOIN pg_am ON pg_am.oid = relam AND amname = 'gin'
"""
"""Of the two newest chapters: the last lines of one that has just become full are on its list still."""


class Sweeper:
    """Belongs to the storing thread; sweeps on a thread of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="argus-sweep")
        self._running: Future[None] | None = None
        self._lines = 0

    def stored(self, lines: int) -> None:
        """Take note of lines that were stored; sweep when they are enough."""
        self._lines += lines
        if self._lines >= EVERY_LINES and (self._running is None or self._running.done()):
            self._lines = 0
            self._running = self._thread.submit(self._sweep)

    def _sweep(self) -> None:
        try:
            # A chapter may be dropped meanwhile; why the database is away, the next one who stores is told.
            with contextlib.suppress(StoreUnavailable, errors.UndefinedTable), self._database.write() as connection:
                connection.execute("SET LOCAL synchronous_commit = off")  # nobody waits, and nothing can be lost
                connection.execute(_SWEEP)
        except Exception:
            log.exception("the index of words was not swept in a way that was not foreseen; storing does it instead")

    def close(self) -> None:
        """Return when no sweep runs."""
        self._thread.shutdown()
