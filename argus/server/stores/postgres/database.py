"""Connections to one PostgreSQL database: two pools, and errors in our words.

Writing and reading have a pool each, so that slow searches never keep batches waiting. A database that is away is tried
again by whoever comes after :data:`RETRY_SECONDS`; until then everybody is told at once why, and nobody waits.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from argus.errors import ConfigError, StoreUnavailable
from argus.server.stores.postgres.silence import Silence

Connection = psycopg.Connection[tuple[Any, ...]]

RETRY_SECONDS = 1.0
CONNECT_SECONDS = 5
POOL_SECONDS = 5.0
"""Seconds to wait for a connection of the pool."""

TCP: dict[str, str | int] = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""A machine that was cut off is noticed in half a minute, and in ten seconds (libpq counts milliseconds) where it has
not taken what we sent; by itself TCP takes up to two hours."""

LOCK_SECONDS = 10
"""Seconds to wait for another server that stores or migrates."""

ABANDONED_SECONDS = 60
"""Seconds after which the database ends a transaction whose server fell silent."""

WRITERS = 4
READERS = 8

REMEDIES: tuple[tuple[type[psycopg.Error], str], ...] = (
    (errors.DiskFull, "the database's disk is full; make room, nothing was stored"),
    (errors.ReadOnlySqlTransaction, "the database is read-only: a standby, or default_transaction_read_only is set"),
    (errors.InsufficientPrivilege, "the role of --records-url may not do this; make it the database's owner"),
    (errors.LockNotAvailable, "another server holds the lock; try again"),
    (errors.QueryCanceled, "the database took too long; try again"),
    (psycopg.OperationalError, "is it running, and is --records-url right?"),
    (psycopg.InterfaceError, "the connection was lost; try again"),
)
"""Kind of error → what may help. Other errors are mistakes of ours and are raised as they are."""


Pool = ConnectionPool[Connection]


class _Pools(NamedTuple):
    write: Pool
    read: Pool


def conninfo_of(url: str) -> str:
    """Return libpq's connection string. Raises :class:`ConfigError`, without the URL: it may hold a password."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        parts = None
    if parts is None or "@" in str(parts.get("host")):  # the rest of a password, which messages would show
        raise ConfigError(
            "the address of --records-url cannot be read; it looks like postgresql://user:password@host:5432/database "
            "(write special characters of a password as %XX, such as %40 for @)"
        )
    defaults: dict[str, str | int] = {"application_name": "argus", "connect_timeout": CONNECT_SECONDS, **TCP}
    return make_conninfo(url, **{name: value for name, value in defaults.items() if name not in parts})


class Database:
    """``write`` and ``read`` may be entered from any thread. ``prepare`` is called with every new set of pools."""

    def __init__(self, url: str, prepare: Callable[[str], None], query_timeout: float) -> None:
        self.conninfo = conninfo_of(url)
        self._prepare = prepare
        self._query_timeout = query_timeout
        self._lock = threading.Lock()
        self._local = threading.local()
        self._pools: _Pools | None = None
        self._away = (float("-inf"), "")
        self._silence = Silence(self.conninfo)
        self._closed = False
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # what it warns of is in the errors raised here

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: what the block does is stored whole and durable, or not at all.

        Inside of another one of the same thread it is a part of that.
        """
        around: Connection | None = getattr(self._local, "writes", None)
        if around is not None:
            yield around
            return
        with self._connection(lambda pools: pools.write) as connection:
            self._local.writes = connection
            try:
                yield connection
            finally:
                self._local.writes = None

    def read(self) -> AbstractContextManager[Connection]:
        """One snapshot: what the block reads belongs together, whatever is written meanwhile."""
        return self._connection(lambda pools: pools.read)

    @contextmanager
    def _connection(self, pool_of: Callable[[_Pools], Pool]) -> Iterator[Connection]:
        with self._translated():
            pool, connection = self._take(pool_of)
            try:
                with self._silence.watched(connection), connection:
                    yield connection
            except psycopg.Error as error:
                # A session's own default_transaction_read_only would outlast the database's.
                if connection.closed or isinstance(error, errors.ReadOnlySqlTransaction):
                    self._forget(pool)
                raise
            finally:
                pool.putconn(connection)

    def _take(self, pool_of: Callable[[_Pools], Pool]) -> tuple[Pool, Connection]:
        """Return a connection that lives. After a restart of the database that is a new one, or a reason why not."""
        pool = pool_of(self.connect())
        connection = self._get(pool)
        try:
            with self._silence.watched(connection):
                ConnectionPool.check_connection(connection)
        except psycopg.Error:
            pool.putconn(connection)
            self._forget(pool)
            pool = pool_of(self.connect())
            connection = self._get(pool)
        return pool, connection

    def _get(self, pool: Pool) -> Connection:
        try:
            return pool.getconn()
        except PoolTimeout:
            try:
                psycopg.connect(self.conninfo).close()
            except psycopg.Error:
                self._forget(pool)
                raise
            raise StoreUnavailable(
                f"every connection to the database was busy for {POOL_SECONDS:g} s; try again"
            ) from None

    def connect(self) -> _Pools:
        """Return the pools; open and prepare them where the database was away. Raises :class:`StoreUnavailable`."""
        pools = self._pools
        if pools is not None:
            return pools
        with self._lock:
            if self._closed:
                raise StoreUnavailable("the record store is closed")
            if self._pools is None:
                self._pools = self._open()
            return self._pools

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            self._closed = True
            pools, self._pools = self._pools, None
        for pool in pools or ():
            pool.close()
        self._silence.close()

    def _open(self) -> _Pools:
        until, reason = self._away
        if time.monotonic() < until:
            raise StoreUnavailable(reason)
        try:
            with self._translated():
                self._prepare(self.conninfo)
        except StoreUnavailable as error:
            self._away = (time.monotonic() + RETRY_SECONDS, str(error))
            raise
        return _Pools(
            self._pool(WRITERS, self._configure_writer),
            self._pool(READERS, self._configure_reader),
        )

    def _pool(self, most: int, configure: Callable[[Connection], None]) -> Pool:
        return ConnectionPool(
            self.conninfo,
            min_size=1,
            max_size=most,
            timeout=POOL_SECONDS,
            configure=configure,
            open=True,
        )

    def _configure_writer(self, connection: Connection) -> None:
        configure(connection)
        connection.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        connection.execute(f"SET idle_in_transaction_session_timeout = '{ABANDONED_SECONDS}s'")
        # An acknowledgement means durable, whatever the database's default is.
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
        connection.commit()

    def _configure_reader(self, connection: Connection) -> None:
        configure(connection)
        connection.execute(f"SET statement_timeout = {self._query_timeout * 1e3:.0f}")
        connection.commit()
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except PoolClosed as error:
            text = "the record store is closed" if self._closed else "the connection was lost; try again"
            raise StoreUnavailable(text) from error
        except psycopg.Error as error:
            raise translated(error) from error

    def _forget(self, lost: Pool) -> None:
        """Drop the pools if this is one of them: the next caller opens new ones, or learns why there are none."""
        pools = self._pools
        if pools is not None and lost in pools:
            self._pools = None
            for pool in pools:
                pool.close(timeout=0)


def configure(connection: Connection) -> None:
    """Let the database notice soon, also inside a long statement, that this process died."""
    connection.execute("SET client_connection_check_interval = '2s'")


def translated(error: psycopg.Error) -> Exception:
    """Return the error in our words; a mistake of ours stays what it is."""
    for kind, remedy in REMEDIES:
        if isinstance(error, kind):
            return StoreUnavailable(f"PostgreSQL: {said(error)}; {remedy}")
    return error


def said(error: psycopg.Error) -> str:
    """Return an error's own words, without libpq's advice. They name host and user, never a password."""
    return error.diag.message_primary or str(error).partition("\n")[0] or type(error).__name__
