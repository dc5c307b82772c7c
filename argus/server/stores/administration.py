"""Applications, keys, the administrator, sessions and the audit log: what both record stores keep alike.

Statements are written once, in words that SQLite and PostgreSQL share; see ``alerts/connections.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from argus.errors import Conflict
from argus.server.stores.alerts.base import AlertStore, Outbox
from argus.server.stores.alerts.channels import ChannelStore, SqlChannelStore
from argus.server.stores.alerts.connections import Connections, Transaction
from argus.server.stores.alerts.outbox import SqlOutbox
from argus.server.stores.alerts.store import SqlAlertStore
from argus.server.stores.base import App, AppLimits, AuditEntry, Key, RecordStore, Session


class SqlAdministration(RecordStore):
    """The part of a record store that is no log line, over any database that :class:`Connections` describes.

    ``keep`` ends a SELECT whose rows must stay as they are until the commit; SQLite has one writer anyway.
    """

    def __init__(self, connections: Connections, keep: str = "") -> None:
        self._connections = connections
        self._keep = keep

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._connections.write():
            yield

    def create_app(self, app: App, key: Key) -> None:
        with self._connections.write() as transaction:
            made = transaction.execute(
                "INSERT INTO apps (app_id, name, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (app.app_id, app.name, app.created_at),
            )
            if made.rowcount == 0:
                raise Conflict(f"there is an application {app.app_id!r} already")
            _insert_key(transaction, key)

    def apps(self) -> Sequence[App]:
        with self._connections.read() as transaction:
            rows = transaction.execute(
                "SELECT app_id, name, created_at, max_series, max_rows_per_second, max_lines_per_second "
                "FROM apps WHERE deleted_at IS NULL"
            ).fetchall()
        found = [App(row[0], row[1], row[2], AppLimits(*row[3:])) for row in rows]
        return sorted(found, key=lambda app: (app.name.casefold(), app.app_id))

    def change_app(self, app: App) -> bool:
        limits = app.limits
        with self._connections.write() as transaction:
            found = transaction.execute(
                "UPDATE apps SET name = ?, max_series = ?, max_rows_per_second = ?, max_lines_per_second = ? "
                "WHERE app_id = ? AND deleted_at IS NULL",
                (app.name, limits.max_series, limits.max_rows_per_second, limits.max_lines_per_second, app.app_id),
            )
            _touch(transaction)
            return found.rowcount == 1

    def delete_app(self, app_id: str, now: float) -> bool:
        with self._connections.write() as transaction:
            found = transaction.execute(
                "UPDATE apps SET deleted_at = ? WHERE app_id = ? AND deleted_at IS NULL", (now, app_id)
            )
            transaction.execute("DELETE FROM keys WHERE app_id = ?", (app_id,))
            _touch(transaction)
            return found.rowcount == 1

    def deleted_apps(self) -> Sequence[str]:
        with self._connections.read() as transaction:
            rows = transaction.execute("SELECT app_id FROM apps WHERE deleted_at IS NOT NULL").fetchall()
        return [row[0] for row in rows]

    def rotate_key(
        self, key: Key, now: float, old_expires_at: float, replaced: Collection[bytes] | None = None
    ) -> bool:
        with self._connections.write() as transaction:
            known = transaction.execute(
                f"SELECT 1 FROM apps WHERE app_id = ? AND deleted_at IS NULL{self._keep}",  # noqa: S608  # one of two
                (key.app_id,),
            ).fetchone()
            if known is None:
                return False
            rows = transaction.execute("SELECT sha256 FROM keys WHERE app_id = ?", (key.app_id,)).fetchall()
            old = [row[0] for row in rows if replaced is None or row[0] in replaced]
            transaction.executemany(
                "UPDATE keys SET expires_at = CASE WHEN expires_at < ? THEN expires_at ELSE ? END WHERE sha256 = ?",
                [(old_expires_at, old_expires_at, sha256) for sha256 in old],
            )
            transaction.execute("DELETE FROM keys WHERE expires_at <= ?", (now,))
            _insert_key(transaction, key)
            return True

    def keys(self) -> Sequence[Key]:
        with self._connections.read() as transaction:
            rows = transaction.execute(
                "SELECT sha256, prefix, app_id, created_at, expires_at, label, last_used FROM keys "
                "ORDER BY created_at, sha256"
            ).fetchall()
        return [Key(*row) for row in rows]

    def revoke_key(self, app_id: str, sha256: bytes) -> bool:
        with self._connections.write() as transaction:
            found = transaction.execute("DELETE FROM keys WHERE sha256 = ? AND app_id = ?", (sha256, app_id))
            _touch(transaction)
            return found.rowcount == 1

    def use_keys(self, used: Mapping[bytes, float]) -> None:
        with self._connections.write() as transaction:
            transaction.executemany(
                "UPDATE keys SET last_used = CASE WHEN last_used > ? THEN last_used ELSE ? END WHERE sha256 = ?",
                [(at, at, sha256) for sha256, at in sorted(used.items())],  # in one order, so that nobody deadlocks
            )

    def version(self) -> int:
        with self._connections.read() as transaction:
            (value,) = transaction.execute("SELECT value FROM counters WHERE name = 'version'").fetchone()
            return int(value)

    def admin_hash(self) -> str | None:
        with self._connections.read() as transaction:
            row = transaction.execute("SELECT hash FROM admin").fetchone()
            return None if row is None else str(row[0])

    def set_admin_hash(self, encoded: str) -> None:
        with self._connections.write() as transaction:
            transaction.execute(
                "INSERT INTO admin (one, hash) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET hash = excluded.hash",
                (encoded,),
            )
            transaction.execute("DELETE FROM sessions")
            _touch(transaction)

    def first_admin_hash(self, encoded: str) -> bool:
        with self._connections.write() as transaction:
            made = transaction.execute("INSERT INTO admin (one, hash) VALUES (1, ?) ON CONFLICT DO NOTHING", (encoded,))
            return made.rowcount == 1

    def add_session(self, session: Session) -> None:
        with self._connections.write() as transaction:
            transaction.execute(
                "INSERT INTO sessions (sha256, created_at, last_seen) VALUES (?, ?, ?)",
                (session.sha256, session.created_at, session.last_seen),
            )

    def session(self, sha256: bytes) -> Session | None:
        with self._connections.read() as transaction:
            row = transaction.execute(
                "SELECT sha256, created_at, last_seen FROM sessions WHERE sha256 = ?", (sha256,)
            ).fetchone()
            return None if row is None else Session(*row)

    def touch_session(self, sha256: bytes, now: float) -> None:
        with self._connections.write() as transaction:
            transaction.execute("UPDATE sessions SET last_seen = ? WHERE sha256 = ?", (now, sha256))

    def end_sessions(self, sha256: Iterable[bytes] | None = None) -> None:
        with self._connections.write() as transaction:
            if sha256 is None:
                transaction.execute("DELETE FROM sessions")
            else:
                transaction.executemany("DELETE FROM sessions WHERE sha256 = ?", [(one,) for one in sha256])

    def add_audit(self, entry: AuditEntry) -> None:
        with self._connections.write() as transaction:
            transaction.execute(
                "INSERT INTO audit (at, who, origin, act, subject, detail) VALUES (?, ?, ?, ?, ?, ?)",
                (entry.at, entry.who, entry.origin, entry.act, entry.subject, entry.detail),
            )

    def audit(self, limit: int, before: int | None = None) -> Sequence[AuditEntry]:
        wanted, values = ("", (limit,)) if before is None else (" WHERE id < ?", (before, limit))
        with self._connections.read() as transaction:
            rows = transaction.execute(
                f"SELECT at, who, origin, act, subject, detail, id FROM audit{wanted} ORDER BY id DESC LIMIT ?",  # noqa: S608  # one of two
                values,
            ).fetchall()
        return [AuditEntry(*row) for row in rows]

    def alerts(self) -> AlertStore:
        return SqlAlertStore(self._connections, self._keep)

    def outbox(self) -> Outbox:
        return SqlOutbox(self._connections)

    def channels(self) -> ChannelStore:
        return SqlChannelStore(self._connections)


def _insert_key(transaction: Transaction, key: Key) -> None:
    transaction.execute(
        "INSERT INTO keys (sha256, prefix, app_id, created_at, expires_at, label) VALUES (?, ?, ?, ?, ?, ?)",
        (key.sha256, key.prefix, key.app_id, key.created_at, key.expires_at, key.label),
    )
    _touch(transaction)


def _touch(transaction: Transaction) -> None:
    """Tell other processes that applications, keys or the password changed."""
    transaction.execute("UPDATE counters SET value = value + 1 WHERE name = 'version'")
