"""psycopg 3, sync and async: statements by their first word, from the call until the result is there.

Measured is what goes through ``execute`` and ``executemany`` of the cursors of all kinds, and the COMMIT of
``commit()`` and transaction blocks. The rows of a server-side cursor come later; ``stream`` and ``copy`` are not
measured.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from argus.aggregate.base import Timer
from argus.instrument.patching import Patch, UnknownVersionError
from argus.instrument.recorder import Queries, Recorder

HEAD_BYTES = 200
"""Of a statement in bytes, as much is looked at."""

COMMIT = b"COMMIT"


def patch(psycopg: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Measure at the cursors of both kinds, and where a connection runs commands of its own."""
    queries = recorder.queries("postgresql")
    sql = psycopg.sql.SQL

    def make(original: Any) -> Any:
        def execute(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
            with _timer(queries, sql, query):
                return original(self, query, *args, **kwargs)

        return execute

    def make_async(original: Any) -> Any:
        async def execute(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
            with _timer(queries, sql, query):
                return await original(self, query, *args, **kwargs)

        return execute

    def make_command(original: Any) -> Any:
        def exec_command(self: Any, command: Any, *args: Any, **kwargs: Any) -> Any:
            if command != COMMIT:
                return (yield from original(self, command, *args, **kwargs))
            with queries.timer("COMMIT"):
                return (yield from original(self, command, *args, **kwargs))

        return exec_command

    for name in ("Cursor", "ServerCursor"):
        if not hasattr(psycopg, name) or not hasattr(psycopg, f"Async{name}"):
            raise UnknownVersionError(f"psycopg has no {name} or no Async{name}")
        patch.wrap(getattr(psycopg, name), "execute", make, "self", "query")
        patch.wrap(getattr(psycopg, f"Async{name}"), "execute", make_async, "self", "query")
    patch.wrap(psycopg.Cursor, "executemany", make, "self", "query")
    patch.wrap(psycopg.AsyncCursor, "executemany", make_async, "self", "query")
    patch.wrap(psycopg.BaseConnection, "_exec_command", make_command, "self", "command")


def _timer(queries: Queries, sql: Any, query: Any) -> Timer:
    """Return the timer of a query in any of the forms that psycopg takes."""
    if isinstance(query, bytes):
        return queries.timer(query[:HEAD_BYTES].decode(errors="replace"))
    try:
        while not isinstance(query, str):  # compositions and templates consist of parts
            query = query.as_string(None) if isinstance(query, sql) else next(iter(query))
    except (AttributeError, TypeError, StopIteration):  # an identifier first, say, or nothing that psycopg takes
        query = None
    return queries.timer(query)
