"""The record store on PostgreSQL; see the contract in ``stores/base.py``.

Several servers may use one database at once: nothing is remembered here that another could change.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, LiteralString

from psycopg import errors

from argus.errors import QueryError, StoreUnavailable
from argus.server.log_search import cursor_id, parse
from argus.server.stores.administration import SqlAdministration
from argus.server.stores.alerts.connections import Marked
from argus.server.stores.base import Appended, Exchange, FoundLine, LogBatch, LogHistogram, LogPage, LogQuery
from argus.server.stores.counting import buckets, histogram
from argus.server.stores.delivery import sort_out
from argus.server.stores.postgres import lines
from argus.server.stores.postgres.database import Connection, Database
from argus.server.stores.postgres.dump import dump
from argus.server.stores.postgres.exchange import PostgresExchange
from argus.server.stores.postgres.histogram import count
from argus.server.stores.postgres.migrations import migrate
from argus.server.stores.postgres.search import OutOfTime, search
from argus.server.stores.postgres.sweeping import Sweeper

log = logging.getLogger("argus.server.stores")

DAY = 86_400.0
SESSION_SECONDS = 90 * DAY
MARK_SECONDS = 30 * DAY


class PostgresRecordStore(SqlAdministration):
    """Everything but summaries in one database. Retention and the time a search may take are seconds.

    A database that is away when the store is opened is connected by whoever needs it first when it is back.
    """

    def __init__(
        self,
        url: str,
        backups: Path,
        *,
        log_retention: float = 30 * DAY,
        audit_retention: float = 400 * DAY,
        query_timeout: float = 10.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        keep = partial(_keep, backups)
        self._database = Database(url, lambda conninfo: migrate(conninfo, keep), query_timeout)
        super().__init__(Marked(self._database), " FOR SHARE")
        self._sweeper = Sweeper(self._database)
        self._retention = log_retention
        self._audit_retention = audit_retention
        self._query_timeout = query_timeout
        self._clock = clock
        self._stored = 0
        with contextlib.suppress(StoreUnavailable):  # whoever needs the store learns why
            self._database.connect()

    def purge(self, app_id: str) -> None:
        with self._database.read() as connection:
            chapters = lines.chapters(connection)
        for chapter in chapters:
            # Short transactions: what is interrupted goes on the next time. A chapter may be dropped meanwhile.
            with contextlib.suppress(errors.UndefinedTable), self._database.write() as connection:
                lines.delete_app(connection, chapter, app_id)
        with self._database.write() as connection:
            connection.execute("DELETE FROM marks WHERE app = %s", (app_id,))
            connection.execute("DELETE FROM apps WHERE app_id = %s AND deleted_at IS NOT NULL", (app_id,))

    def exchange(self) -> Exchange:
        return PostgresExchange(self._database)

    def append(self, batches: Sequence[LogBatch]) -> list[Appended]:
        now = self._clock()
        with self._database.write() as connection:
            last = lines.last_id(connection)  # from here on no other server stores, or moves a mark
            known = _marks(connection, batches)
            answers, fresh, marks = sort_out(batches, lambda sender: known.get(_storable(sender), 0))
            stored = lines.insert(connection, fresh, last, now)
            senders = [_storable(sender) for sender in marks]
            connection.execute(
                "INSERT INTO marks (app, instance, seq, stored_at) SELECT app, instance, seq, %s "
                "FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS mark (app, instance, seq) "
                "ON CONFLICT (app, instance) DO UPDATE SET seq = excluded.seq, stored_at = excluded.stored_at",
                (now, [app for app, _ in senders], [instance for _, instance in senders], list(marks.values())),
            )
        self._stored += stored
        self._sweeper.stored(stored)
        return answers

    def search(self, query: LogQuery) -> LogPage:
        try:
            return self._page(query)
        except errors.UndefinedTable:  # the retention of a chapter ended after this search had listed it
            return self._page(query)

    def _page(self, query: LogQuery) -> LogPage:
        terms, before = parse(query.q), cursor_id(query.cursor)
        found: list[FoundLine] = []
        with self._database.read() as connection:
            matching = search(connection, query, terms, before, self._query_timeout)
            try:
                for line in itertools.islice(matching, query.limit):
                    found.append(line)  # noqa: PERF402  # what was found stays when the search is interrupted
            except (OutOfTime, errors.QueryCanceled) as error:
                if not found:
                    raise QueryError(
                        f"the search took longer than {self._query_timeout:g} s; add a word, or shorten the range", "q"
                    ) from error
                # A short page with a cursor: the caller has what was found in time, and can go on from there.
                return LogPage(found, str(found[-1].id))
        return LogPage(found, str(found[-1].id) if len(found) == query.limit else None)

    def histogram(self, query: LogQuery, step: float) -> LogHistogram:
        try:
            return self._histogram(query, step)
        except errors.UndefinedTable:  # the retention of a chapter ended after it was listed
            return self._histogram(query, step)

    def _histogram(self, query: LogQuery, step: float) -> LogHistogram:
        terms, counts = parse(query.q), buckets(query, step)
        with self._database.read() as connection:
            try:
                count(connection, query, terms, step, counts, self._query_timeout)
            except (OutOfTime, errors.QueryCanceled):
                return histogram(query, step, counts, complete=False)
        return histogram(query, step, counts, complete=True)

    def maintain(self, now: float) -> None:
        with self._database.write() as connection:
            lines.drop_before(connection, now - self._retention)
            connection.execute("DELETE FROM sessions WHERE last_seen < %s", (now - SESSION_SECONDS,))
            connection.execute("DELETE FROM marks WHERE stored_at < %s", (now - MARK_SECONDS,))
            connection.execute("DELETE FROM keys WHERE expires_at <= %s", (now,))
            connection.execute("DELETE FROM audit WHERE at < %s", (now - self._audit_retention,))

    def check(self) -> None:
        with self._database.write() as connection:
            # A sort that does not fit in memory writes a file: a full disk shows here before it refuses a batch.
            connection.execute("SET LOCAL work_mem = '64kB'")
            connection.execute(
                "SELECT count(*) FROM (SELECT n FROM generate_series(1, 20000) AS n ORDER BY -n) AS sorted"
            )
            connection.execute("UPDATE counters SET value = value WHERE name = 'version'")

    def stats(self) -> Mapping[str, float]:
        with self._database.read() as connection:
            size = _one(connection, "SELECT pg_database_size(current_database())")
            total = _one(connection, "SELECT coalesce(sum(lines), 0) FROM chapters")
        return {
            "store.records.bytes": float(size),
            "store.records.log_lines": float(total),
            "store.records.appended_lines": float(self._stored),
        }

    def close(self) -> None:
        self._sweeper.close()
        self._database.close()


def _marks(connection: Connection, batches: Sequence[LogBatch]) -> dict[tuple[str, str], int]:
    """Return the last batch that is stored of each sender."""
    senders = {_storable((batch.app, batch.instance)) for batch in batches if batch.instance is not None}
    rows = connection.execute(
        "SELECT app, instance, seq FROM marks "
        "WHERE (app, instance) IN (SELECT * FROM unnest(%s::text[], %s::text[]) AS sender (app, instance))",
        ([app for app, _ in senders], [instance for _, instance in senders]),
    )
    return {(app, instance): seq for app, instance, seq in rows}


def _storable(sender: tuple[str, str]) -> tuple[str, str]:
    app, instance = sender
    return lines.storable(app), lines.storable(instance)


def _one(connection: Connection, statement: LiteralString) -> Any:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]


def _keep(folder: Path, conninfo: str, name: str) -> Path:
    path = dump(conninfo, folder, name)
    log.info("the database is brought up to date; a copy of it is kept in %s", path)
    return path
