"""psycopg, against a real PostgreSQL: every statement is timed once, sync and async, in all the forms it takes."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
import sqlalchemy
from psycopg import sql


@pytest.fixture(scope="module")
def url(postgres: Any) -> str:
    return str(postgres.new_schema())


def test_statements_are_counted_by_operation_in_every_form(url, counted) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE orders (number int)")
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO orders VALUES (%s)", [(1,), (2,)])
            cursor.execute(b"UPDATE orders SET number = number + 1")
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier("orders")))
            cursor.execute(sql.SQL("SELECT 1"))
        with connection.cursor("named") as cursor:
            assert cursor.execute("SELECT 1").fetchall() == [(1,)]
        with psycopg.ClientCursor(connection) as cursor:
            cursor.execute("DROP TABLE orders")
    assert counted("db.query") == {
        "CREATE postgresql": 1,
        "INSERT postgresql": 1,
        "UPDATE postgresql": 1,
        "DELETE postgresql": 1,
        "SELECT postgresql": 2,
        "DROP postgresql": 1,
        "COMMIT postgresql": 1,
    }


async def test_the_async_ones_are_counted_the_same_way(url, counted) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        async with connection.transaction():
            await connection.execute("SELECT 1")
        async with connection.cursor("named") as cursor:
            with pytest.raises(psycopg.Error):
                await cursor.execute("SELECT nothing")
        async with connection.cursor() as cursor:
            await cursor.executemany("SELECT %s", [(1,)])
    assert counted("db.query") == {"SELECT postgresql": 3, "COMMIT postgresql": 1}


def test_what_fails_raises_as_ever_and_is_counted(url, counted) -> None:
    with psycopg.connect(url) as connection:
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT * FROM nothing")
        connection.rollback()
        with pytest.raises(TypeError):
            connection.execute(7)  # type: ignore[call-overload]  # on purpose
    assert counted("db.query") == {"SELECT postgresql": 1, "OTHER postgresql": 1, "COMMIT postgresql": 1}


def test_a_statement_of_sqlalchemy_s_on_psycopg_is_counted_once(url, counted) -> None:
    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        counted("")  # what SQLAlchemy asks of a new connection
        assert connection.execute(sqlalchemy.text("SELECT 1")).scalar() == 1
    assert counted("db.query") == {"SELECT postgresql": 1, "COMMIT postgresql": 1}
    engine.dispose()
