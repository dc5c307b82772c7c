"""The embedded record store; see the contract in ``stores/base.py``."""

from __future__ import annotations

import itertools
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from argus.errors import QueryError
from argus.server.log_search import cursor_id, parse
from argus.server.stores.administration import SqlAdministration
from argus.server.stores.base import Appended, FoundLine, LogBatch, LogHistogram, LogPage, LogQuery
from argus.server.stores.counting import buckets, histogram
from argus.server.stores.delivery import sort_out
from argus.server.stores.records import lines
from argus.server.stores.records.database import Database
from argus.server.stores.records.histogram import count

DAY = 86_400.0
SESSION_SECONDS = 90 * DAY
MARK_SECONDS = 30 * DAY
STEPS_BETWEEN_CHECKS = 50_000


class SqliteRecordStore(SqlAdministration):
    """Everything but summaries in one SQLite file. Retention and the time a search may take are seconds."""

    def __init__(
        self,
        path: Path,
        *,
        log_retention: float = 30 * DAY,
        audit_retention: float = 400 * DAY,
        query_timeout: float = 10.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = Database(path)
        super().__init__(self._database)
        self._retention = log_retention
        self._audit_retention = audit_retention
        self._query_timeout = query_timeout
        self._clock = clock
        self._stored = 0
        with self._database.read() as connection:
            rows = connection.execute("SELECT app, instance, seq FROM marks")
            self._marks = {(app, instance): seq for app, instance, seq in rows}

    def purge(self, app_id: str) -> None:
        with self._database.write() as connection:
            lines.delete_app(connection, app_id)
            connection.execute("DELETE FROM marks WHERE app = ?", (app_id,))
            connection.execute("DELETE FROM apps WHERE app_id = ? AND deleted_at IS NOT NULL", (app_id,))
        self._marks = {mark: seq for mark, seq in self._marks.items() if mark[0] != app_id}

    def exchange(self) -> None:
        return None

    def append(self, batches: Sequence[LogBatch]) -> list[Appended]:
        answers, fresh, marks = sort_out(batches, lambda sender: self._marks.get(sender, 0))
        now = self._clock()
        with self._database.write() as connection:
            stored = lines.insert(connection, fresh, now)
            connection.executemany(
                "INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?)",
                [(app, instance, seq, now) for (app, instance), seq in marks.items()],
            )
        self._marks.update(marks)
        self._stored += stored
        return answers

    def search(self, query: LogQuery) -> LogPage:
        terms = parse(query.q)
        before = cursor_id(query.cursor)
        found: list[FoundLine] = []
        with self._database.read() as connection, self._timed(connection):
            try:
                for line in itertools.islice(lines.search(connection, query, terms, before), query.limit):
                    found.append(line)  # noqa: PERF402  # what was found stays when the search is interrupted
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                    raise
                if not found:
                    raise QueryError(
                        f"the search took longer than {self._query_timeout:g} s; add a word, or shorten the range", "q"
                    ) from error
                # A short page with a cursor: the caller has what was found in time, and can go on from there.
                return LogPage(found, str(found[-1].id))
        return LogPage(found, str(found[-1].id) if len(found) == query.limit else None)

    def histogram(self, query: LogQuery, step: float) -> LogHistogram:
        terms = parse(query.q)
        counts = buckets(query, step)
        complete = True
        with self._database.read() as connection, self._timed(connection):
            try:
                count(connection, query, terms, step, counts)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                    raise
                complete = False
        return histogram(query, step, counts, complete=complete)

    @contextmanager
    def _timed(self, connection: sqlite3.Connection) -> Iterator[None]:
        """Interrupt the block's statements when the time that a search may take is over."""
        deadline = time.monotonic() + self._query_timeout
        connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS_BETWEEN_CHECKS)
        try:
            yield
        finally:
            connection.set_progress_handler(None, 0)

    def maintain(self, now: float) -> None:
        with self._database.write() as connection:
            lines.drop_before(connection, now - self._retention)
            connection.execute("DELETE FROM sessions WHERE last_seen < ?", (now - SESSION_SECONDS,))
            old = connection.execute(
                "DELETE FROM marks WHERE stored_at < ? RETURNING app, instance", (now - MARK_SECONDS,)
            ).fetchall()
            connection.execute("DELETE FROM keys WHERE expires_at <= ?", (now,))
            connection.execute("DELETE FROM audit WHERE at < ?", (now - self._audit_retention,))
        for sender in old:
            self._marks.pop(sender, None)
        self._database.give_back()

    def check(self) -> None:
        with self._database.write() as connection:
            connection.execute("UPDATE counters SET value = value WHERE name = 'version'")

    def stats(self) -> Mapping[str, float]:
        with self._database.read() as connection:
            (total,) = connection.execute("SELECT coalesce(sum(lines), 0) FROM chapters").fetchone()
        return {
            "store.records.bytes": float(self._database.size()),
            "store.records.log_lines": float(total),
            "store.records.appended_lines": float(self._stored),
        }

    def close(self) -> None:
        self._database.close()
