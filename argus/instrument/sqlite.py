"""sqlite3: statements by their first word. Its types are C's and cannot be patched, so subclasses take their names.

``sqlite3.Connection`` and ``sqlite3.Cursor`` become subclasses of themselves that time ``execute`` and its sisters, and
``sqlite3.connect`` makes connections of that kind. The application's own subclasses and factories derive from
them and work as before; whatever they do to a statement on its way, it is timed once, where it reaches C. A SELECT is
timed until its first row is there: SQLite finds the others while they are fetched. The end of a transaction, where
SQLite waits for the disk, is timed as COMMIT.
"""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

from argus.instrument.patching import MARK, Patch
from argus.instrument.recorder import Queries, Recorder

FACTORY = 5
"""Position of ``factory`` among the arguments of ``connect``."""


def patch(sqlite3: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Put the measured types in the place of both, and have ``connect`` make them."""
    if hasattr(sqlite3.connect, MARK):
        return
    queries = recorder.queries("sqlite")
    cursor = _measured_cursor(sqlite3.Cursor, queries)
    connection = _measured_connection(sqlite3.Connection, cursor, queries)

    @functools.wraps(sqlite3.connect)
    def connect(*args: Any, **kwargs: Any) -> Any:
        if len(args) <= FACTORY and "factory" not in kwargs:
            kwargs["factory"] = connection
        return original(*args, **kwargs)

    original = sqlite3.connect
    for module in (sqlite3, sqlite3.dbapi2):
        patch.replace(module, "Cursor", cursor)
        patch.replace(module, "Connection", connection)
        patch.replace(module, "connect", connect)


def _measured_cursor(base: Any, queries: Queries) -> type:
    execute_one, execute_many, execute_script = base.execute, base.executemany, base.executescript

    class Cursor(base):  # type: ignore[misc]  # the base is the library's, known when it is there
        __doc__ = base.__doc__
        __module__ = base.__module__
        __qualname__ = base.__qualname__

        @functools.wraps(execute_one)
        def execute(self, sql: Any, *args: Any) -> Any:
            with queries.timer(sql):
                return execute_one(self, sql, *args)

        @functools.wraps(execute_many)
        def executemany(self, sql: Any, *args: Any) -> Any:
            with queries.timer(sql):
                return execute_many(self, sql, *args)

        @functools.wraps(execute_script)
        def executescript(self, sql_script: Any) -> Any:
            with queries.timer(sql_script):
                return execute_script(self, sql_script)

    return Cursor


def _measured_connection(base: Any, cursor_type: Any, queries: Queries) -> type:
    make_cursor, execute_one = base.cursor, cursor_type.__base__.execute

    class Connection(base):  # type: ignore[misc]  # the base is the library's, known when it is there
        __doc__ = base.__doc__
        __module__ = base.__module__
        __qualname__ = base.__qualname__

        @functools.wraps(base.cursor)
        def cursor(self, factory: Any = cursor_type) -> Any:
            return make_cursor(self, factory)

        # C makes a cursor of its own kind for these three, whatever cursor() makes.
        @functools.wraps(base.execute)
        def execute(self, sql: Any, *args: Any) -> Any:
            with queries.timer(sql):
                return execute_one(make_cursor(self, cursor_type), sql, *args)

        @functools.wraps(base.executemany)
        def executemany(self, sql: Any, *args: Any) -> Any:
            return make_cursor(self, cursor_type).executemany(sql, *args)

        @functools.wraps(base.executescript)
        def executescript(self, sql_script: Any) -> Any:
            return make_cursor(self, cursor_type).executescript(sql_script)

        @functools.wraps(base.commit)
        def commit(self) -> Any:
            if not self.in_transaction:
                return super().commit()
            with queries.timer("COMMIT"):
                return super().commit()

        @functools.wraps(base.__exit__)
        def __exit__(self, kind: object, error: object, trace: object) -> Any:
            if kind is not None or not self.in_transaction:
                return super().__exit__(kind, error, trace)
            with queries.timer("COMMIT"):  # C does not call commit() here
                return super().__exit__(kind, error, trace)

    return Connection
