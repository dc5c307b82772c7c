"""Log lines in PostgreSQL: how fast they are stored, what a line costs on disk, how fast five million are searched.

The store alone, without HTTP, and a PostgreSQL of the benchmark's own with fsync on. Loading takes some minutes.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import postgres
import pytest
from log_traffic import BATCH, SEARCHES, batches

from argus.server.stores.postgres.store import PostgresRecordStore
from argus.server.stores.records.store import SqliteRecordStore

LINES = 5_000_000
PAIRED = 300_000
NOTE_EVERY = 500_000
SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "4GB"}
"""What anyone sets who gives a database a machine; everything else is PostgreSQL's default."""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PostgresRecordStore, float]]:
    """Return a store with five million lines, and the seconds that storing them took."""
    with postgres.running(**SETTINGS) as made:
        store = PostgresRecordStore(made.new_database(), tmp_path_factory.mktemp("backups"))
        seconds = 0.0
        for number, batch in enumerate(batches(LINES), 1):
            started = time.perf_counter()
            store.append([batch])
            seconds += time.perf_counter() - started
            if number * BATCH % NOTE_EVERY == 0:
                print(f"{number * BATCH:,} of {LINES:,} lines stored, {number * BATCH / seconds:,.0f} per second")
        yield store, seconds
        store.close()


def test_storing(full: tuple[PostgresRecordStore, float], claim: Callable[..., None]) -> None:
    """Lines per second, and bytes per line."""
    store, seconds = full
    claim(
        "PostgreSQL: log lines stored with index, batches of 1 000", LINES / seconds, 30_000, "lines/s", at_least=True
    )
    claim("PostgreSQL: bytes on disk per log line", store.stats()["store.records.bytes"] / LINES, 900, "B")


def test_storing_beside_the_embedded_store(tmp_path: Path, claim: Callable[..., None]) -> None:
    """The two stores take turns with the same batches, so that they share whatever else the machine does."""
    with postgres.running(**SETTINGS) as made:
        stores = (
            PostgresRecordStore(made.new_database(), tmp_path / "backups"),
            SqliteRecordStore(tmp_path / "records.db"),
        )
        seconds = [0.0, 0.0]
        for batch in batches(PAIRED):
            for i, store in enumerate(stores):
                started = time.perf_counter()
                store.append([batch])
                seconds[i] += time.perf_counter() - started
        for store in stores:
            store.close()
    claim("PostgreSQL: lines per second against the embedded store", seconds[1] / seconds[0], 0.4, "x", at_least=True)


@pytest.mark.parametrize("what", SEARCHES)
def test_searching(full: tuple[PostgresRecordStore, float], claim: Callable[..., None], what: str) -> None:
    """Milliseconds to the first page of 200."""
    store = full[0]
    times = []
    for _ in range(5):
        started = time.perf_counter()
        found = len(store.search(SEARCHES[what]).lines)
        times.append(time.perf_counter() - started)
    claim(f"PostgreSQL, 5 million lines: {what} ({found} found)", statistics.median(times) * 1e3, 100, "ms")
