"""A PostgreSQL that falls silent, as a stopped process or a machine that is cut off does, and one that is slow."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import Postgres

from argus.errors import StoreUnavailable
from argus.server.stores.base import Appended, LogBatch, LogQuery
from argus.server.stores.postgres import silence
from argus.server.stores.postgres.database import conninfo_of
from argus.server.stores.postgres.store import PostgresRecordStore
from argus.wire.columns import LogLine


@pytest.fixture
def store(postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresRecordStore]:
    monkeypatch.setattr(silence, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(silence, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(silence, "ANSWER_SECONDS", 2)
    made = PostgresRecordStore(f"{postgres.new_schema()}&connect_timeout=2", tmp_path)
    yield made
    made.close()


@contextlib.contextmanager
def silent(postgres: Postgres) -> Iterator[None]:
    """Stop every process of the database while the block runs."""
    main = postgres.pid()
    os.kill(main, signal.SIGSTOP)
    stopped = [main, *map(int, Path(f"/proc/{main}/task/{main}/children").read_text().split())]
    for process in stopped:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in stopped:
            os.kill(process, signal.SIGCONT)


def line(seq: int) -> list[LogBatch]:
    return [LogBatch("shop", "h", [LogLine(time.time(), "INFO", f"line {seq}")], "i", seq)]


def test_nobody_waits_for_ever_and_what_is_sent_again_counts_once(store, postgres) -> None:
    store.append(line(1))
    began = time.monotonic()
    with silent(postgres), pytest.raises(StoreUnavailable, match="PostgreSQL"):
        store.append(line(2))
    assert time.monotonic() - began < 20
    time.sleep(1)  # whoever found it away is told so for a second
    assert store.append(line(2)) in ([Appended.STORED], [Appended.DUPLICATE])
    assert [found.line.message for found in store.search(LogQuery("shop")).lines] == ["line 2", "line 1"]


def test_a_slow_database_is_waited_for(store) -> None:
    with store._database.write() as connection:
        assert connection.execute("SELECT 7 FROM pg_sleep(1)").fetchone() == (7,)


def test_a_machine_that_is_gone_is_noticed_unless_the_address_says_otherwise() -> None:
    assert "tcp_user_timeout=10000" in conninfo_of("postgresql://db/argus")
    assert "keepalives_idle=10" in conninfo_of("postgresql://db/argus")
    assert "tcp_user_timeout=3" in conninfo_of("postgresql://db/argus?tcp_user_timeout=3").split()
