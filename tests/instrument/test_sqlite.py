"""sqlite3: every statement is timed once, and the types are still what programs expect of them."""

from __future__ import annotations

import contextlib
import gc
import sqlite3
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
import web_frameworks


@pytest.fixture
def db(counted) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE orders (number INTEGER)")
    counted("")
    yield connection
    connection.close()


def test_statements_are_counted_by_operation_whichever_way_they_are_executed(db, counted) -> None:
    db.execute("INSERT INTO orders VALUES (?)", (1,))
    db.executemany("INSERT INTO orders VALUES (?)", [(2,), (3,)])
    assert db.cursor().execute("SELECT count(*) FROM orders").fetchone() == (3,)
    db.executescript("DELETE FROM orders; DROP TABLE orders;")
    counts = counted("db.query")
    assert counts == {"INSERT sqlite": 2, "SELECT sqlite": 1, "DELETE sqlite": 1}


def test_the_end_of_a_transaction_is_timed_where_there_is_one(db, counted) -> None:
    db.commit()
    with db:
        pass
    assert counted("db.query") == {}
    db.execute("INSERT INTO orders VALUES (1)")
    db.commit()
    with db:
        db.execute("INSERT INTO orders VALUES (2)")
    with contextlib.suppress(RuntimeError), db:
        db.execute("INSERT INTO orders VALUES (3)")
        raise RuntimeError
    assert counted("db.query") == {"INSERT sqlite": 3, "COMMIT sqlite": 2}
    assert db.execute("SELECT number FROM orders").fetchall() == [(1,), (2,)]


def test_a_statement_that_fails_raises_as_ever_and_is_counted(db, counted) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table: nowhere"):
        db.execute("SELECT * FROM nowhere")
    with pytest.raises(TypeError):
        db.execute(None)
    assert counted("db.query") == {"SELECT sqlite": 1, "OTHER sqlite": 1}


@pytest.fixture(scope="module")
def own() -> tuple[type[sqlite3.Connection], type[sqlite3.Cursor]]:
    """A program's own types, as Django has them: what they do to a statement is part of one execution."""

    class OwnCursor(sqlite3.Cursor):
        def execute(self, sql: str, parameters: Any = ()) -> Any:
            return super().execute(sql.replace("%s", "?"), parameters)

        def executemany(self, sql: str, parameters: Any) -> Any:
            for row in parameters:
                self.execute(sql, row)
            return self

    class OwnConnection(sqlite3.Connection):
        def cursor(self, factory: Any = OwnCursor) -> Any:
            return super().cursor(factory)

    return OwnConnection, OwnCursor


def test_a_program_s_own_types_are_kept_and_counted_once(own, counted) -> None:
    db = sqlite3.connect(":memory:", factory=own[0])
    db.execute("CREATE TABLE orders (number INTEGER)")
    db.cursor().executemany("INSERT INTO orders VALUES (%s)", [(1,), (2,)])
    assert (type(db), type(db.cursor())) == own
    assert isinstance(db, sqlite3.Connection)
    assert isinstance(db.cursor(), sqlite3.Cursor)
    assert counted("db.query") == {"CREATE sqlite": 1, "INSERT sqlite": 2}
    db.close()


@pytest.mark.filterwarnings("ignore:Passing more than 1 positional argument:DeprecationWarning")  # from 3.12 on
def test_a_factory_may_be_given_in_its_place_among_the_arguments(own) -> None:
    db = sqlite3.connect(":memory:", 5.0, 0, None, True, own[0])
    assert type(db) is own[0]
    db.close()


def test_a_statement_of_django_s_is_counted_once(counted) -> None:
    web_frameworks.configure_django()
    from django.db import connection  # noqa: PLC0415  # needs the settings

    connection.ensure_connection()
    counted("")
    with connection.cursor() as cursor:
        assert cursor.execute("SELECT %s", [1]).fetchall() == [(1,)]
    assert counted("db.query") == {"SELECT sqlite": 1}
    connection.close()


def test_the_types_are_named_and_made_as_before(db) -> None:
    assert repr(sqlite3.Connection) == "<class 'sqlite3.Connection'>"
    assert (type(db), type(db.cursor())) == (sqlite3.Connection, sqlite3.Cursor)
    assert type(db.execute("SELECT 1")) is sqlite3.Cursor
    assert sqlite3.Cursor(db).execute("SELECT 1").fetchall() == [(1,)]
    direct = sqlite3.Connection(":memory:")
    direct.row_factory = sqlite3.Row
    assert dict(direct.execute("SELECT 1 AS one").fetchone()) == {"one": 1}
    direct.close()
    assert sqlite3.dbapi2.connect is sqlite3.connect


def test_connections_and_cursors_are_collected_as_before() -> None:
    db = sqlite3.connect(":memory:")
    gone: list[Any] = [weakref.ref(db), weakref.ref(db.cursor()), weakref.ref(db.execute("SELECT 1"))]
    db.close()
    del db
    gc.collect()
    assert [reference() for reference in gone] == [None, None, None]
