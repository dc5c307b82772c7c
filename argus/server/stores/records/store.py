"""The embedded record store; see the contract in ``stores/base.py``."""

from __future__ import annotations

import itertools
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from argus.errors import Conflict, QueryError
from argus.server.log_search import cursor_id, parse
from argus.server.stores.alerts.base import AlertStore, Outbox
from argus.server.stores.alerts.channels import ChannelStore, SqlChannelStore
from argus.server.stores.alerts.outbox import SqlOutbox
from argus.server.stores.alerts.store import SqlAlertStore
from argus.server.stores.base import (
    App,
    Appended,
    AppLimits,
    AuditEntry,
    FoundLine,
    Key,
    LogBatch,
    LogHistogram,
    LogPage,
    LogQuery,
    RecordStore,
    Session,
)
from argus.server.stores.counting import buckets, histogram
from argus.server.stores.delivery import sort_out
from argus.server.stores.records import lines
from argus.server.stores.records.database import Database
from argus.server.stores.records.histogram import count

DAY = 86_400.0
SESSION_SECONDS = 90 * DAY
MARK_SECONDS = 30 * DAY
STEPS_BETWEEN_CHECKS = 50_000


class SqliteRecordStore(RecordStore):
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
        self._retention = log_retention
        self._audit_retention = audit_retention
        self._query_timeout = query_timeout
        self._clock = clock
        self._stored = 0
        with self._database.read() as connection:
            rows = connection.execute("SELECT app, instance, seq FROM marks")
            self._marks = {(app, instance): seq for app, instance, seq in rows}

    def create_app(self, app: App, key: Key) -> None:
        with self._database.write() as connection:
            taken = connection.execute("SELECT 1 FROM apps WHERE app_id = ?", (app.app_id,)).fetchone()
            if taken is not None:
                raise Conflict(f"there is an application {app.app_id!r} already")
            connection.execute(
                "INSERT INTO apps (app_id, name, created_at) VALUES (?, ?, ?)", (app.app_id, app.name, app.created_at)
            )
            self._insert_key(connection, key)

    def apps(self) -> Sequence[App]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT app_id, name, created_at, max_series, max_rows_per_second, max_lines_per_second "
                "FROM apps WHERE deleted_at IS NULL ORDER BY name COLLATE NOCASE, app_id"
            )
            return [App(row[0], row[1], row[2], AppLimits(*row[3:])) for row in rows]

    def change_app(self, app: App) -> bool:
        limits = app.limits
        with self._database.write() as connection:
            found = connection.execute(
                "UPDATE apps SET name = ?, max_series = ?, max_rows_per_second = ?, max_lines_per_second = ? "
                "WHERE app_id = ? AND deleted_at IS NULL",
                (app.name, limits.max_series, limits.max_rows_per_second, limits.max_lines_per_second, app.app_id),
            )
            self._touch(connection)
            return found.rowcount == 1

    def delete_app(self, app_id: str, now: float) -> bool:
        with self._database.write() as connection:
            found = connection.execute(
                "UPDATE apps SET deleted_at = ? WHERE app_id = ? AND deleted_at IS NULL", (now, app_id)
            )
            connection.execute("DELETE FROM keys WHERE app_id = ?", (app_id,))
            self._touch(connection)
            return found.rowcount == 1

    def deleted_apps(self) -> Sequence[str]:
        with self._database.read() as connection:
            return [row[0] for row in connection.execute("SELECT app_id FROM apps WHERE deleted_at IS NOT NULL")]

    def purge(self, app_id: str) -> None:
        with self._database.write() as connection:
            lines.delete_app(connection, app_id)
            connection.execute("DELETE FROM marks WHERE app = ?", (app_id,))
            connection.execute("DELETE FROM apps WHERE app_id = ? AND deleted_at IS NOT NULL", (app_id,))
        self._marks = {mark: seq for mark, seq in self._marks.items() if mark[0] != app_id}

    def rotate_key(
        self, key: Key, now: float, old_expires_at: float, replaced: Collection[bytes] | None = None
    ) -> bool:
        with self._database.write() as connection:
            known = connection.execute(
                "SELECT 1 FROM apps WHERE app_id = ? AND deleted_at IS NULL", (key.app_id,)
            ).fetchone()
            if known is None:
                return False
            rows = connection.execute("SELECT sha256 FROM keys WHERE app_id = ?", (key.app_id,)).fetchall()
            old = [row[0] for row in rows if replaced is None or row[0] in replaced]
            connection.executemany(
                "UPDATE keys SET expires_at = min(coalesce(expires_at, ?1), ?1) WHERE sha256 = ?2",
                [(old_expires_at, sha256) for sha256 in old],
            )
            connection.execute("DELETE FROM keys WHERE expires_at <= ?", (now,))
            self._insert_key(connection, key)
            return True

    def keys(self) -> Sequence[Key]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT sha256, prefix, app_id, created_at, expires_at, label, last_used FROM keys "
                "ORDER BY created_at, sha256"
            )
            return [Key(*row) for row in rows]

    def revoke_key(self, app_id: str, sha256: bytes) -> bool:
        with self._database.write() as connection:
            found = connection.execute("DELETE FROM keys WHERE sha256 = ? AND app_id = ?", (sha256, app_id))
            self._touch(connection)
            return found.rowcount == 1

    def use_keys(self, used: Mapping[bytes, float]) -> None:
        with self._database.write() as connection:
            connection.executemany(
                "UPDATE keys SET last_used = max(coalesce(last_used, ?1), ?1) WHERE sha256 = ?2",
                [(at, sha256) for sha256, at in used.items()],
            )

    def version(self) -> int:
        with self._database.read() as connection:
            (value,) = connection.execute("SELECT value FROM counters WHERE name = 'version'").fetchone()
            return int(value)

    def exchange(self) -> None:
        return None

    def admin_hash(self) -> str | None:
        with self._database.read() as connection:
            row = connection.execute("SELECT hash FROM admin").fetchone()
            return None if row is None else str(row[0])

    def set_admin_hash(self, encoded: str) -> None:
        with self._database.write() as connection:
            connection.execute("INSERT OR REPLACE INTO admin VALUES (1, ?)", (encoded,))
            connection.execute("DELETE FROM sessions")
            self._touch(connection)

    def first_admin_hash(self, encoded: str) -> bool:
        with self._database.write() as connection:
            return connection.execute("INSERT OR IGNORE INTO admin VALUES (1, ?)", (encoded,)).rowcount == 1

    def add_session(self, session: Session) -> None:
        with self._database.write() as connection:
            row = (session.sha256, session.created_at, session.last_seen)
            connection.execute("INSERT INTO sessions VALUES (?, ?, ?)", row)

    def session(self, sha256: bytes) -> Session | None:
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM sessions WHERE sha256 = ?", (sha256,)).fetchone()
            return None if row is None else Session(*row)

    def touch_session(self, sha256: bytes, now: float) -> None:
        with self._database.write() as connection:
            connection.execute("UPDATE sessions SET last_seen = ? WHERE sha256 = ?", (now, sha256))

    def end_sessions(self, sha256: Iterable[bytes] | None = None) -> None:
        with self._database.write() as connection:
            if sha256 is None:
                connection.execute("DELETE FROM sessions")
                return
            connection.executemany("DELETE FROM sessions WHERE sha256 = ?", [(one,) for one in sha256])

    def add_audit(self, entry: AuditEntry) -> None:
        with self._database.write() as connection:
            row = (entry.at, entry.who, entry.origin, entry.act, entry.subject, entry.detail)
            connection.execute(
                "INSERT INTO audit (at, who, origin, act, subject, detail) VALUES (?, ?, ?, ?, ?, ?)", row
            )

    def audit(self, limit: int, before: int | None = None) -> Sequence[AuditEntry]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT at, who, origin, act, subject, detail, id FROM audit "
                "WHERE ?1 IS NULL OR id < ?1 ORDER BY id DESC LIMIT ?2",
                (before, limit),
            )
            return [AuditEntry(*row) for row in rows]

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

    def alerts(self) -> AlertStore:
        return SqlAlertStore(self._database)

    def outbox(self) -> Outbox:
        return SqlOutbox(self._database)

    def channels(self) -> ChannelStore:
        return SqlChannelStore(self._database)

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

    def _insert_key(self, connection: sqlite3.Connection, key: Key) -> None:
        row = (key.sha256, key.prefix, key.app_id, key.created_at, key.expires_at, key.label)
        connection.execute(
            "INSERT INTO keys (sha256, prefix, app_id, created_at, expires_at, label) VALUES (?, ?, ?, ?, ?, ?)", row
        )
        self._touch(connection)

    @staticmethod
    def _touch(connection: sqlite3.Connection) -> None:
        """Tell other processes that applications, keys or the password changed."""
        connection.execute("UPDATE counters SET value = value + 1 WHERE name = 'version'")
