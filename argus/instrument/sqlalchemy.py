"""SQLAlchemy: statements by their first word, for every database whose driver is not measured itself.

Who stands closest to the database measures, so that nothing is counted twice: with sqlite3 and psycopg that is the
driver, whether SQLAlchemy, Django or the application calls it; with the others (MySQL, Oracle, asyncpg …) it is here.
"""

from __future__ import annotations

from functools import partial
from time import perf_counter
from types import ModuleType
from typing import Any

from argus.instrument.patching import MARK, Patch, UnknownVersionError
from argus.instrument.recorder import Recorder

DRIVERS = {"pysqlite": "sqlite3", "aiosqlite": "sqlite3", "psycopg": "psycopg", "psycopg_async": "psycopg"}
"""Driver as SQLAlchemy names it → module that is patched."""

BEGAN = "_argus_began"
"""Attribute of an execution's context: when its statement was handed to the driver."""


def patch(sqlalchemy: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Listen to the events of all engines, those included that exist already."""
    for name in ("event", "engine"):
        if not hasattr(sqlalchemy, name):
            raise UnknownVersionError(f"sqlalchemy has no {name}")
    engine, events = sqlalchemy.engine.Engine, sqlalchemy.event
    if hasattr(engine, MARK):
        return
    patch.step(partial(setattr, engine, MARK, True), partial(delattr, engine, MARK))
    statements = _Statements(recorder)
    for name, listener in (
        ("before_cursor_execute", statements.before),
        ("after_cursor_execute", statements.after),
        ("handle_error", statements.failed),
    ):
        patch.step(partial(events.listen, engine, name, listener), partial(events.remove, engine, name, listener))


class _Statements:
    """Listens to the statements of all engines."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def before(self, *event: Any) -> None:
        connection, _cursor, _statement, _parameters, context, _many = event
        self._recorder.attempt("sqlalchemy", self._begin, connection.dialect, context)

    def after(self, *event: Any) -> None:
        _connection, _cursor, statement, _parameters, context, _many = event
        self._recorder.attempt("sqlalchemy", self._finish, statement, context)

    def failed(self, error: Any) -> None:
        self._recorder.attempt("sqlalchemy", self._finish, error.statement, error.execution_context)

    def _begin(self, dialect: Any, context: Any) -> None:
        if DRIVERS.get(dialect.driver) not in self._recorder.patched:
            setattr(context, BEGAN, perf_counter())

    def _finish(self, statement: Any, context: Any) -> None:
        began = getattr(context, BEGAN, None)
        if began is not None:
            delattr(context, BEGAN)
            timer = self._recorder.queries(context.dialect.name).timer(statement)
            timer.record(perf_counter() - began)
