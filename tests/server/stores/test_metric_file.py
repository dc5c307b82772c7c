"""What is particular to the embedded metric store: a file that may be damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from engine_failures import full_disk

from argus.errors import StoreUnavailable
from argus.server.stores.base import MetricBatch, RangeQuery
from argus.server.stores.metrics.store import SqliteMetricStore
from argus.wire.columns import KeySet, Kind, Section, SeriesKey

HOUR, DAY = 3600.0, 86_400.0
T0 = 1_763_856_000.0  # a midnight


def batch(at: float) -> MetricBatch:
    one = np.ones(1)
    section = Section(Kind.COUNTER, KeySet((SeriesKey("n"),)), one.astype(np.int64), one, one, one, one)
    return MetricBatch("shop", "h", at, at + 10, (section,))


def test_a_chunk_that_cannot_be_read_is_counted_and_the_rest_answers(tmp_path: Path, caplog) -> None:
    store = SqliteMetricStore(tmp_path / "m.db", clock=lambda: T0 + DAY)
    store.append([batch(T0), batch(T0 + 2 * HOUR)])
    store.maintain(T0 + DAY)
    store._writer.execute("UPDATE chunk SET body = X'00' WHERE start = ?", (int(T0 * 1000),))
    answer = store.query(RangeQuery("shop", ("n",), T0, T0 + DAY, 60.0, "sum"))
    assert np.nansum(answer.lines[0].values) == 1.0
    assert "cannot be read" in caplog.text
    assert store.stats()["store.metrics.bad_chunks"] >= 1
    store.close()


def test_a_file_that_is_no_store_is_said_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreUnavailable, match=r"m\.db"):
        SqliteMetricStore(path)


def test_a_full_disk_fails_the_check_until_there_is_room(tmp_path: Path) -> None:
    with full_disk(tmp_path / "small", 4) as disk:
        store = SqliteMetricStore(disk.folder / "m.db")
        store.check()
        with disk.filled(), pytest.raises(StoreUnavailable, match=r"m\.db: .*(full|I/O)"):
            store.check()
        store.check()
        store.close()
