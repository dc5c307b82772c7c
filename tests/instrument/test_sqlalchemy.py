"""SQLAlchemy measures where its driver is not measured, and only there."""

from __future__ import annotations

import sqlite3
from types import ModuleType

import pytest
import sqlalchemy

from argus.instrument import Instrumentation


def make_engine(driver: ModuleType | None = None) -> sqlalchemy.Engine:
    made = sqlalchemy.create_engine("sqlite://", poolclass=sqlalchemy.StaticPool, module=driver)
    with made.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE orders (number INTEGER PRIMARY KEY)")
    return made


@pytest.fixture
def engine_on_a_driver_left_untouched(installed: Instrumentation, monkeypatch: pytest.MonkeyPatch) -> sqlalchemy.Engine:
    """As it is where a driver's version is not known, or Argus knows the driver not at all."""
    driver = ModuleType("driver")
    vars(driver).update(vars(sqlite3.dbapi2))
    driver.connect = sqlite3.connect.__wrapped__  # type: ignore[attr-defined]  # what the patch replaced
    monkeypatch.setattr(installed.recorder, "patched", {"sqlalchemy"})
    return make_engine(driver)


def test_a_statement_is_counted_once_by_a_driver_that_is_measured(counted) -> None:
    engine = make_engine()
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("INSERT INTO orders VALUES (1)"))
        assert connection.execute(sqlalchemy.text("SELECT number FROM orders")).scalar() == 1
    counts = counted("db.query")
    assert {key: counts[key] for key in ("INSERT sqlite", "SELECT sqlite")} == {"INSERT sqlite": 1, "SELECT sqlite": 1}
    engine.dispose()


def test_a_statement_is_counted_once_by_sqlalchemy_otherwise(engine_on_a_driver_left_untouched, counted) -> None:
    engine = engine_on_a_driver_left_untouched
    counted("")
    insert = sqlalchemy.text("INSERT INTO orders VALUES (:number)")
    with engine.begin() as connection:
        connection.execute(insert, [{"number": 1}, {"number": 2}])
        assert connection.execute(sqlalchemy.text("SELECT count(*) FROM orders")).scalar() == 2
    assert counted("db.query") == {"INSERT sqlite": 1, "SELECT sqlite": 1}
    with pytest.raises(sqlalchemy.exc.IntegrityError), engine.begin() as connection:
        connection.execute(insert, {"number": 1})
    assert counted("db.query") == {"INSERT sqlite": 1}
    engine.dispose()
