"""The record stores that the contract suite runs over: where each is opened, and what a test may turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from postgres import Postgres

from argus.server.stores.base import RecordStore
from argus.server.stores.postgres import histogram as postgres_histogram
from argus.server.stores.postgres import lines as postgres_lines
from argus.server.stores.postgres import search as postgres_search
from argus.server.stores.postgres.store import PostgresRecordStore
from argus.server.stores.records import lines as sqlite_lines
from argus.server.stores.records import store as sqlite_store
from argus.server.stores.records.store import SqliteRecordStore

NAMES = ["sqlite", "postgresql"]
INDEXED = "postgresql by index"
"""PostgreSQL's store where no line is new enough to be found without the index."""


@dataclass(frozen=True)
class Backend:
    """An empty place for a store. ``open`` takes the options that all stores have."""

    open: Callable[..., RecordStore]
    lines: ModuleType
    """Has ``CHAPTER_LINES``."""

    hurry: Callable[[pytest.MonkeyPatch], None]
    """Let a search's clock move by a second for every few lines."""


def backend(name: str, folder: Path, request: pytest.FixtureRequest) -> Backend:
    """Return a new place for the named store."""
    if name == "sqlite":
        return Backend(
            lambda **options: SqliteRecordStore(folder / "records.db", **options), sqlite_lines, hurry_sqlite
        )
    if name == INDEXED:
        patch = pytest.MonkeyPatch()
        patch.setattr(postgres_search, "NEWEST", 0)
        request.addfinalizer(patch.undo)
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.new_schema()
    backups = folder / "backups"
    return Backend(lambda **options: PostgresRecordStore(url, backups, **options), postgres_lines, hurry_postgres)


class TickingClock:
    """A clock that moves by a second whenever it is read."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        """Return one second more than the last time."""
        self.now += 1.0
        return self.now


def hurry_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite looks at the clock after so many steps of its machine. Each table takes some, when the schema is read."""
    monkeypatch.setattr(sqlite_store, "STEPS_BETWEEN_CHECKS", 50)
    monkeypatch.setattr(sqlite_store, "time", TickingClock())


def hurry_postgres(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search looks at the clock after each chapter."""
    monkeypatch.setattr(postgres_lines, "CHAPTER_LINES", 7)
    monkeypatch.setattr(postgres_search, "time", TickingClock())
    monkeypatch.setattr(postgres_histogram, "time", TickingClock())
