"""The seam between alerts and the databases they lie in: the little that both know of SQL.

Statements are written once, with ``?`` for a value and in words that SQLite and PostgreSQL share.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

Values = Sequence[Any]


class Cursor(Protocol):
    """What a statement found."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...


class Transaction(Protocol):
    """An open transaction."""

    def execute(self, statement: str, values: Values = (), /) -> Cursor: ...

    def executemany(self, statement: str, rows: Sequence[Values], /) -> object: ...


class Connections(Protocol):
    """A database: see ``records/database.py`` and ``postgres/database.py``."""

    def write(self) -> AbstractContextManager[Transaction]: ...

    def read(self) -> AbstractContextManager[Transaction]: ...


class Marked:
    """PostgreSQL, whose driver marks values by ``%s`` and whose texts have no zero byte."""

    def __init__(self, database: Any) -> None:
        self._database = database

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One transaction."""
        with self._database.write() as connection:
            yield _MarkedTransaction(connection)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One snapshot."""
        with self._database.read() as connection:
            yield _MarkedTransaction(connection)


class _MarkedTransaction:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Values = (), /) -> Cursor:
        found: Cursor = self._connection.execute(_marked(statement), _storable(values))
        return found

    def executemany(self, statement: str, rows: Sequence[Values], /) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(_marked(statement), [_storable(row) for row in rows])


def _marked(statement: str) -> bytes:
    return statement.replace("?", "%s").encode()


def _storable(values: Values) -> list[Any]:
    return [value.replace("\0", "�") if isinstance(value, str) else value for value in values]
