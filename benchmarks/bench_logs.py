"""Log lines: how fast they are stored with their index, what a line costs on disk, how fast a million are searched.

The store alone, without HTTP: the ingest benchmark measures the road to it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from log_traffic import SEARCHES, batches

from argus.server.stores.records.store import SqliteRecordStore

LINES = 1_000_000


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SqliteRecordStore, float, Path]]:
    """Return a store with a million lines, and the seconds that storing them took."""
    path = tmp_path_factory.mktemp("logs") / "records.db"
    store = SqliteRecordStore(path)
    seconds = 0.0
    for batch in batches(LINES):
        started = time.perf_counter()
        store.append([batch])
        seconds += time.perf_counter() - started
    yield store, seconds, path
    store.close()


def test_storing(full: tuple[SqliteRecordStore, float, Path], claim: Callable[..., None]) -> None:
    """Lines per second, and bytes per line."""
    store, seconds, _ = full
    claim("log lines stored with index, batches of 1 000", LINES / seconds, 40_000, "lines/s", at_least=True)
    claim("bytes on disk per log line, text of about 75 bytes", store.stats()["store.records.bytes"] / LINES, 300, "B")


@pytest.mark.parametrize("what", SEARCHES)
def test_searching(full: tuple[SqliteRecordStore, float, Path], claim: Callable[..., None], what: str) -> None:
    """Milliseconds to the first page of 200."""
    store = full[0]
    times = []
    for _ in range(5):
        started = time.perf_counter()
        found = len(store.search(SEARCHES[what]).lines)
        times.append(time.perf_counter() - started)
    claim(f"search in a million lines: {what} ({found} found)", statistics.median(times) * 1e3, 50, "ms")
