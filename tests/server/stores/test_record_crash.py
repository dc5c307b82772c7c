"""What was acknowledged is there exactly once, whatever happens to the process or the disk."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from argus.errors import StoreUnavailable
from argus.server.stores.base import App, Appended, Key, LogBatch, LogQuery
from argus.server.stores.records import schema
from argus.server.stores.records.store import SqliteRecordStore
from argus.wire.columns import LogLine

NOW = 1_763_900_000.0
LINES = 50

WRITER = """
import itertools, sys
from pathlib import Path
from argus.server.stores.base import LogBatch
from argus.server.stores.records.store import SqliteRecordStore
from argus.wire.columns import LogLine

store = SqliteRecordStore(Path(sys.argv[1]))
for seq in itertools.count(1):
    lines = [LogLine(1_763_900_000.0, "INFO", f"batch {seq} line {i}") for i in range(50)]
    store.append([LogBatch("shop", "web-1", lines, "web:1", seq)])
    print(seq, flush=True)
"""


def batch(seq: int) -> LogBatch:
    lines = [LogLine(NOW, "INFO", f"batch {seq} line {i}") for i in range(LINES)]
    return LogBatch("shop", "web-1", lines, "web:1", seq)


def everything(store: SqliteRecordStore) -> Iterator[str]:
    cursor = None
    while True:
        page = store.search(LogQuery(limit=1000, cursor=cursor))
        yield from (found.line.message for found in page.lines)
        cursor = page.next
        if cursor is None:
            return


@pytest.mark.parametrize("acknowledged", [1, 20])
def test_a_killed_writer_loses_no_acknowledged_line_and_repeats_none(tmp_path: Path, acknowledged: int) -> None:
    path = tmp_path / "records.db"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for _ in range(acknowledged):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        last = max([acknowledged, *map(int, writer.stdout.read().split())])
    store = SqliteRecordStore(path)
    answers = [store.append([batch(seq)])[0] for seq in range(1, last + 3)]  # the sender, unsure, sends all again
    assert answers[:last] == [Appended.DUPLICATE] * last
    expected = [f"batch {seq} line {i}" for seq in range(1, last + 3) for i in range(LINES)]
    assert sorted(everything(store)) == sorted(expected)
    assert len(store.search(LogQuery(q='"line 7"', limit=1000)).lines) == last + 2
    store.close()


def test_a_full_disk_stores_nothing_and_the_same_batch_works_later(tmp_path: Path) -> None:
    store = SqliteRecordStore(tmp_path / "records.db", clock=lambda: NOW)
    store.append([batch(1)])
    writer = store._database._writer
    (pages,) = writer.execute("PRAGMA page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count = {pages}")
    large = LogBatch("shop", "web-1", [LogLine(NOW, "INFO", f"{i} " * 1000) for i in range(200)], "web:1", 2)
    with pytest.raises(StoreUnavailable, match="disk is full"):
        store.append([batch(2), large])
    assert len(list(everything(store))) == LINES
    writer.execute("PRAGMA max_page_count = 1000000")
    assert store.append([large]) == [Appended.STORED]
    store.close()


def test_another_writer_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    store = SqliteRecordStore(path, clock=lambda: NOW)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store._database._writer.execute("PRAGMA busy_timeout = 1")
    with pytest.raises(StoreUnavailable, match="another process is writing"):
        store.append([batch(1)])
    other.execute("ROLLBACK")
    other.close()
    assert store.append([batch(1)]) == [Appended.STORED]
    store.close()


def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    path.write_text("a diary, not a database\n" * 100)
    with pytest.raises(StoreUnavailable, match=r"records\.db.*not a record store"):
        SqliteRecordStore(path)
    assert path.read_text().startswith("a diary")


def test_a_store_of_a_newer_argus_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    SqliteRecordStore(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreUnavailable, match=r"version 99.*update Argus"):
        SqliteRecordStore(path)


def test_a_migration_that_fails_half_way_leaves_the_version_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "records.db"
    store = SqliteRecordStore(path)
    store.create_app(App("shop", "Shop", NOW), Key(b"k" * 32, "argus_k", "shop", NOW))
    store.close()
    half = (*schema.MIGRATIONS, ("CREATE TABLE half (one)", "no SQL at all"))
    monkeypatch.setattr(schema, "MIGRATIONS", half)
    with pytest.raises(sqlite3.OperationalError):
        SqliteRecordStore(path)
    monkeypatch.undo()
    again = SqliteRecordStore(path)
    assert [app.app_id for app in again.apps()] == ["shop"]
    again.close()


def test_two_processes_may_open_a_new_store_at_once(tmp_path: Path) -> None:
    program = "import sys; from pathlib import Path; from argus.server.stores.records.store import SqliteRecordStore\n"
    program += "SqliteRecordStore(Path(sys.argv[1])).close()"
    opened = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "records.db")], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    assert [process.communicate(timeout=60)[1] for process in opened] == [b""] * 3
