"""Both embedded stores close no connection that somebody reads from: that would crash the process."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from argus.errors import StoreUnavailable
from argus.server.stores.metrics.store import SqliteMetricStore
from argus.server.stores.readers import Readers
from argus.server.stores.records.store import SqliteRecordStore


def _connect() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", check_same_thread=False)


def test_closing_waits_for_who_reads_and_lets_nobody_in() -> None:
    readers = Readers("store", _connect)
    begun, go_on = threading.Event(), threading.Event()

    def read() -> int:
        with readers.reading() as connection:
            begun.set()
            assert go_on.wait(10)
            return connection.execute("SELECT 1").fetchone()[0]

    with ThreadPoolExecutor(2) as pool:
        reader = pool.submit(read)
        assert begun.wait(10)
        closer = pool.submit(readers.close)
        with pytest.raises(TimeoutError):
            closer.result(0.05)
        with pytest.raises(StoreUnavailable, match="the store is closed"), readers.reading():
            pass
        go_on.set()
        assert reader.result(10) == 1
        closer.result(10)


def test_a_reader_can_not_write() -> None:
    readers = Readers("store", _connect)
    with readers.reading() as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("CREATE TABLE t (x)")
    readers.close()


@pytest.mark.parametrize(
    ("make", "read"),
    [
        (SqliteRecordStore, lambda store: store.apps()),
        (SqliteMetricStore, lambda store: store._read(0, [], None)),
    ],
)
def test_a_closed_store_says_so(make: Callable[[Path], Any], read: Callable[[Any], Any], tmp_path: Path) -> None:
    store = make(tmp_path / "store.db")
    store.close()
    with pytest.raises(StoreUnavailable, match="store is closed"):
        read(store)
