"""What only a database of its own can do to a record store: stop, die, refuse, fill up; and several servers at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import postgres as own_postgres
import psycopg
import pytest
from postgres import ESCAPED, PASSWORD, Postgres
from psycopg import sql

from argus.errors import ConfigError, Conflict, QueryError, StoreUnavailable
from argus.server.stores.base import App, Appended, FoundLine, Key, LogBatch, LogQuery, RecordStore
from argus.server.stores.postgres import database, lines
from argus.server.stores.postgres.store import PostgresRecordStore
from argus.wire.columns import LogLine

NOW = 1_763_900_000.0
DAY = 86_400.0
LINES = 50

WRITER = """
import itertools, sys
from pathlib import Path
from argus.server.stores.base import LogBatch
from argus.server.stores.postgres.store import PostgresRecordStore
from argus.wire.columns import LogLine

store = PostgresRecordStore(sys.argv[1], Path(sys.argv[2]))
for seq in itertools.count(1):
    lines = [LogLine(1_763_900_000.0, "INFO", f"web:1 batch {seq} line {i}") for i in range(50)]
    store.append([LogBatch("shop", "web-1", lines, "web:1", seq)])
    print(seq, flush=True)
"""


def batch(seq: int, instance: str = "web:1") -> LogBatch:
    some = [LogLine(NOW, "INFO", f"{instance} batch {seq} line {i}") for i in range(LINES)]
    return LogBatch("shop", "web-1", some, instance, seq)


def everything(store: RecordStore) -> Iterator[str]:
    cursor = None
    while True:
        page = store.search(LogQuery(limit=1000, cursor=cursor))
        yield from (found.line.message for found in page.lines)
        cursor = page.next
        if cursor is None:
            return


def expected(instance: str, last: int) -> list[str]:
    return [line.message for seq in range(1, last + 1) for line in batch(seq, instance).lines]


@pytest.fixture
def open_store(postgres: Postgres, tmp_path: Path) -> Iterator[Callable[..., PostgresRecordStore]]:
    """Open stores on one place, as several servers do."""
    url = postgres.new_schema()
    opened = []

    def make() -> PostgresRecordStore:
        opened.append(PostgresRecordStore(url, tmp_path, clock=lambda: NOW))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


def until(works: Callable[[], object]) -> None:
    """Call again, as senders and browsers do, until the store is back."""
    deadline = time.monotonic() + 60
    while True:
        try:
            works()
        except StoreUnavailable:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return


def test_a_killed_writer_loses_no_acknowledged_line_and_repeats_none(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.new_schema()
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, url, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        for _ in range(20):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        last = max([20, *map(int, writer.stdout.read().split())])
    store = PostgresRecordStore(url, tmp_path)
    answers = [store.append([batch(seq)])[0] for seq in range(1, last + 3)]  # the sender, unsure, sends all again
    assert answers[:last] == [Appended.DUPLICATE] * last
    assert sorted(everything(store)) == sorted(expected("web:1", last + 2))
    store.close()


def test_a_repeat_is_recognised_by_every_server(open_store: Callable[..., RecordStore]) -> None:
    here, there = open_store(), open_store()
    assert here.append([batch(1)]) == [Appended.STORED]
    assert there.append([batch(1), batch(2)]) == [Appended.DUPLICATE, Appended.STORED]
    assert here.append([batch(2)]) == [Appended.DUPLICATE]


def test_a_tail_misses_nothing_of_several_servers_that_store_at_once(
    open_store: Callable[..., RecordStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "CHAPTER_LINES", 120)  # so that chapters begin in the middle of batches
    writers = {name: open_store() for name in ("web:1", "web:2", "web:3")}

    def write(name: str, store: RecordStore) -> None:
        for seq in range(1, 16):
            store.append([batch(seq, name)])

    threads = [threading.Thread(target=write, args=item) for item in writers.items()]
    for thread in threads:
        thread.start()
    tail = open_store()
    seen: list[FoundLine] = []
    while any(thread.is_alive() for thread in threads) or not seen or tail.search(LogQuery(after=seen[-1].id)).lines:
        seen += tail.search(LogQuery(after=seen[-1].id if seen else 0, limit=77)).lines
    assert [found.id for found in seen] == sorted({found.id for found in seen})
    assert sorted(found.line.message for found in seen) == sorted(
        message for name in writers for message in expected(name, 15)
    )


def test_an_application_is_registered_by_one_server_only(open_store: Callable[..., RecordStore]) -> None:
    stores = [open_store() for _ in range(4)]
    made: list[int | None] = []

    def register(number: int) -> None:
        try:
            stores[number].create_app(App("shop", "Shop", NOW), Key(bytes([number] * 32), "argus", "shop", NOW))
            made.append(number)
        except Conflict:
            made.append(None)

    threads = [threading.Thread(target=register, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made.count(None) == 3
    (key,) = stores[0].keys()
    assert key.sha256[0] in made


def test_retention_ends_once_whoever_looks_after_it(
    open_store: Callable[..., RecordStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "CHAPTER_LINES", 10)
    stores = [open_store() for _ in range(3)]
    stores[0].append([batch(1), batch(2)])
    threads = [threading.Thread(target=store.maintain, args=(NOW + 100 * DAY,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(everything(stores[0])) == []
    assert stores[0].stats()["store.records.log_lines"] == 0
    assert stores[1].append([batch(3)]) == [Appended.STORED]


@pytest.fixture
def locked(postgres: Postgres, tmp_path: Path) -> Iterator[tuple[PostgresRecordStore, psycopg.Connection]]:
    """Open a store of one chapter, and a stranger who has locked that chapter."""
    url = postgres.new_schema()
    store = PostgresRecordStore(url, tmp_path, query_timeout=0.2, clock=lambda: NOW)
    store.append([batch(1)])
    with psycopg.connect(url) as stranger:
        row = stranger.execute("SELECT name FROM chapters").fetchone()
        assert row is not None
        stranger.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(row[0])))
        yield store, stranger
    store.close()


def test_a_search_that_has_to_wait_ends_in_its_time(locked: tuple[RecordStore, psycopg.Connection]) -> None:
    store, stranger = locked
    with pytest.raises(QueryError, match=r"longer than 0\.2 s"):
        store.search(LogQuery(q="batch"))
    stranger.rollback()
    assert len(store.search(LogQuery(q="batch")).lines) == LINES


def test_a_chapter_that_is_read_is_dropped_another_time_and_holds_nobody_up(
    locked: tuple[RecordStore, psycopg.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, stranger = locked
    monkeypatch.setattr(lines, "DROP_SECONDS", 0.1)
    with pytest.raises(StoreUnavailable, match="lock timeout"):
        store.maintain(NOW + 100 * DAY)
    stranger.rollback()
    assert len(list(everything(store))) == LINES
    store.maintain(NOW + 100 * DAY)
    assert list(everything(store)) == []


def test_a_wrong_password_is_told_without_it(postgres: Postgres, tmp_path: Path) -> None:
    store = PostgresRecordStore(postgres.url(password="canary-feather"), tmp_path)
    with pytest.raises(StoreUnavailable, match=r"password authentication failed.*--records-url") as refused:
        store.apps()
    assert "canary" not in "".join(traceback.format_exception(refused.value))
    store.close()


@pytest.mark.parametrize(
    "wrong", ["postgresql://u:canary%zz@h/d", "postgresql://u:a@canary@h/d", "postgresql://u:canary@h/d?x=1"]
)
def test_a_url_that_cannot_be_read_is_refused_without_its_secrets(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"postgresql://user:password@host") as refused:
        PostgresRecordStore(wrong, tmp_path)
    assert "canary" not in str(refused.value)


def test_a_database_that_is_not_there_is_named(postgres: Postgres, tmp_path: Path) -> None:
    store = PostgresRecordStore(postgres.url("nowhere"), tmp_path)
    with pytest.raises(StoreUnavailable, match=r'"nowhere" does not exist.*is --records-url right'):
        store.apps()
    store.close()


def test_a_read_only_database_answers_and_stores_nothing_until_it_may(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.new_database()
    store = PostgresRecordStore(url, tmp_path)
    store.append([batch(1)])

    def read_only(state: str) -> None:
        with postgres.connect() as connection:
            name = url.rpartition("/")[2]
            connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {state}")
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))

    read_only("on")
    with pytest.raises(StoreUnavailable, match="read-only"):
        store.append([batch(2)])
    with pytest.raises(StoreUnavailable, match="read-only"):
        store.check()
    assert len(list(everything(store))) == LINES
    with postgres.connect() as connection:
        connection.execute(f"ALTER DATABASE {url.rpartition('/')[2]} RESET default_transaction_read_only")
    until(lambda: store.append([batch(2)]))
    store.check()
    assert sorted(everything(store)) == sorted(expected("web:1", 2))
    store.close()


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 40 MiB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    place = Path(tempfile.mkdtemp(prefix="argus-small-"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m,mode=0777", "tmpfs", str(place)], check=False)
    if mounted.returncode:
        place.rmdir()
        pytest.skip("no file system may be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)
    place.rmdir()


def test_a_full_disk_stores_nothing_and_the_same_batch_works_later(
    postgres: Postgres, small_disk: Path, tmp_path: Path
) -> None:
    space = small_disk / "space"
    space.mkdir()
    own_postgres.hand_over(space)
    with postgres.connect() as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{space}'")
        connection.execute("CREATE DATABASE small TABLESPACE small")
    store = PostgresRecordStore(postgres.url("small"), tmp_path)
    store.append([batch(1)])
    ballast = small_disk / "ballast"
    fill = subprocess.run(["dd", "if=/dev/zero", f"of={ballast}", "bs=4k"], capture_output=True, text=True, check=False)
    assert "No space left" in fill.stderr
    large = LogBatch("shop", "web-1", [LogLine(NOW, "INFO", f"{i} " * 1000) for i in range(200)], "web:1", 2)
    for attempt in (lambda: store.append([large]), store.check):
        with pytest.raises(StoreUnavailable, match="disk is full"):
            attempt()
    assert len(list(everything(store))) == LINES
    ballast.unlink()
    store.check()
    assert store.append([large]) == [Appended.STORED]
    store.close()
    with postgres.connect() as connection:
        connection.execute("DROP DATABASE small")
        connection.execute("DROP TABLESPACE small")


@pytest.fixture(scope="module")
def own() -> Iterator[Postgres]:
    """A database that only these tests use: they stop it."""
    with own_postgres.running() as made:
        yield made


@pytest.mark.parametrize("end", ["restart", "kill"])
def test_what_was_acknowledged_survives_the_end_of_the_database_under_load_once(
    own: Postgres, tmp_path: Path, end: str
) -> None:
    url = own.new_database()
    stores = [PostgresRecordStore(url, tmp_path, clock=lambda: NOW) for _ in range(2)]
    running = threading.Event()
    running.set()
    sent: dict[str, int] = {}

    def send(name: str, store: RecordStore) -> None:
        seq = 0
        while running.is_set():
            seq += 1
            until(lambda: store.append([batch(seq, name)]))  # noqa: B023  # called before it changes
            sent[name] = seq

    threads = [threading.Thread(target=send, args=(f"web:{i}", store)) for i, store in enumerate(stores)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        before = sum(sent.values())
        while sum(sent.values()) < before + 20:
            time.sleep(0.001)
        own.stop() if end == "restart" else own.kill()
        own.start()
    before = sum(sent.values())
    while sum(sent.values()) < before + 20:
        time.sleep(0.001)
    running.clear()
    for thread in threads:
        thread.join()
    assert sorted(everything(stores[0])) == sorted(m for name, last in sent.items() for m in expected(name, last))
    for store in stores:
        store.close()


def test_while_the_database_is_away_everybody_is_told_at_once(
    own: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PostgresRecordStore(own.new_database(), tmp_path)
    store.apps()
    own.stop()
    try:
        with pytest.raises(StoreUnavailable):
            store.apps()
        monkeypatch.setattr(database, "RETRY_SECONDS", 3600.0)
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match=rf"port {own.port}.*Connection refused.*is it running"):
                store.apps()
        monkeypatch.setattr(psycopg, "connect", None)  # nobody tries again meanwhile
        with pytest.raises(StoreUnavailable, match="Connection refused"):
            store.append([batch(1)])
    finally:
        own.start()
    store.close()


def test_the_password_is_in_no_log_line_of_a_store_that_comes_and_goes(
    own: Postgres, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    store = PostgresRecordStore(own.new_database(), tmp_path)
    store.apps()
    own.stop()
    with pytest.raises(StoreUnavailable):
        store.append([batch(1)])
    own.start()
    until(store.apps)
    store.close()
    assert PASSWORD not in caplog.text
    assert ESCAPED not in caplog.text
