"""Servers that share a database meet in it: LISTEN and NOTIFY, and an advisory lock that one of them holds.

One connection does both, so that a server which hears nothing does not lead either. PostgreSQL ends the connection of
a server that died at once, and of one that fell silent (stopped, or cut off) after :data:`SILENCE_SECONDS`: the lock is
free then. Such a server takes itself for the leader no longer than :data:`LEASE_SECONDS` after its last answer, which
is less. Another schema of the database is another meeting.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from argus.server.stores.base import Exchange, Listener
from argus.server.stores.postgres.database import Database, said

log = logging.getLogger("argus.server.stores")

LOCK = 0x6C656164  # "lead"; the other half of the lock's number is the schema's
NAME = "argus exchange"
CHANNEL: LiteralString = "'argus_' || md5(current_schema())"

LOOK_SECONDS = 1.0
"""Between two looks at whether the lock is free, or the connection still stands."""

ANSWER_SECONDS = 5.0
SILENCE_SECONDS = 10
LEASE_SECONDS = 8.0
RETRY_SECONDS = 1.0

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


class PostgresExchange(Exchange):
    """Listens on a connection of its own; tells through the database's pool."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._trouble: str | None = None

    async def run(self, listener: Listener) -> None:
        while True:
            try:
                await self._take_part(listener)
            except (psycopg.Error, OSError) as error:  # OSError: no answer in time is one, too
                self._note(said(error) if isinstance(error, psycopg.Error) else "no answer")
            finally:
                listener.leads(None)
            await asyncio.sleep(RETRY_SECONDS)

    async def _take_part(self, listener: Listener) -> None:
        async with await psycopg.AsyncConnection.connect(
            self._database.conninfo, autocommit=True, application_name=NAME
        ) as connection:
            await _one(connection, f"SELECT set_config('idle_session_timeout', '{SILENCE_SECONDS}s', false)")
            channel = await _one(connection, f"SELECT {CHANNEL}")
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            self._note(None)
            listener.joined()
            leading = False
            while True:
                asked = time.monotonic()
                leading = await self._look(connection, leading)
                listener.leads(asked + LEASE_SECONDS if leading else None)
                async for notice in connection.notifies(timeout=LOOK_SECONDS):
                    listener.heard(notice.payload)

    async def _look(self, connection: Connection, leading: bool) -> bool:
        """Return whether this server leads; it does so from the moment that nobody else does."""
        if leading:  # the lock lasts as long as the connection
            await _one(connection, "SELECT 1")
            return True
        return bool(await _one(connection, f"SELECT pg_try_advisory_lock({LOCK}, hashtext(current_schema()))"))

    async def tell(self, messages: Sequence[str]) -> None:
        await asyncio.to_thread(self._tell, messages)

    def _tell(self, messages: Sequence[str]) -> None:
        with self._database.write() as connection:
            connection.execute("SET LOCAL synchronous_commit = off")  # who was not told when all ends, asks anew
            connection.execute(
                f"SELECT pg_notify({CHANNEL}, message) FROM unnest(%s::text[]) AS message",  # noqa: S608  # a constant
                (list(messages),),
            )

    def _note(self, trouble: str | None) -> None:
        """Remember whether others can be heard; log when that changes."""
        if trouble is not None and self._trouble is None:
            log.warning("other servers cannot be heard, and this one does not lead: PostgreSQL: %s", trouble)
        if trouble is None and self._trouble is not None:
            log.info("other servers can be heard again")
        self._trouble = trouble


async def _one(connection: Connection, statement: LiteralString) -> Any:
    async with asyncio.timeout(ANSWER_SECONDS):
        row = await (await connection.execute(statement)).fetchone()
    assert row is not None
    return row[0]
