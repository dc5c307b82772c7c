"""Log lines in PostgreSQL: how fast they are stored, what a line costs on disk, how fast five million are searched.

A PostgreSQL of the benchmark's own with fsync on. Loading takes some minutes.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import postgres
import psycopg
import pytest
from loaded_server import LoadedServer
from log_traffic import BATCH, SEARCHES, batches

from argus.server.stores.base import LogBatch, LogQuery
from argus.server.stores.postgres.store import PostgresRecordStore
from argus.server.stores.records.store import SqliteRecordStore

LINES = 5_000_000
PAIRED = 80_000
"""Lines that two sides store in turns; less than one partition holds."""

BATCHES = 20
"""Of one round."""

SENDERS = 4
TRIES = 20
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


def test_storing_over_http_beside_postgresqls_own(tmp_path: Path, claim: Callable[..., None]) -> None:
    """The server with four senders, and COPY of the same rows into the same tables by one connection, in turns."""
    with postgres.running(**SETTINGS) as made:
        source, other = made.new_database(), made.new_database()
        store = PostgresRecordStore(other, tmp_path / "backups")
        with (
            LoadedServer(tmp_path / "data", ARGUS_RECORDS_URL=source, ARGUS_PAST=str(3650 * 86_400)) as server,
            psycopg.connect(source) as reading,
            psycopg.connect(other) as writing,
        ):
            done, through, own = 0, 0.0, 0.0
            for number, some in enumerate(rounds(PAIRED)):
                bodies = [wire_body(batch, f"web:{place % SENDERS}") for place, batch in enumerate(some)]
                took = server.send("/api/v1/logs", [bodies[sender::SENDERS] for sender in range(SENDERS)])
                first, last = done + 1, done + len(some) * BATCH
                pieces = [copied(reading, at, at + BATCH - 1) for at in range(first, last, BATCH)]
                if number == 0:
                    store.append(some[:1])  # makes the partition that the rows go to
                    writing.execute("TRUNCATE log_lines")
                    writing.commit()
                began = time.perf_counter()
                for piece in pieces:
                    with writing.cursor().copy("COPY log_lines FROM STDIN") as stream:
                        stream.write(piece)
                    writing.commit()
                own += time.perf_counter() - began
                through, done = through + took, last
        store.close()
    claim("PostgreSQL: log lines over HTTP", done / through, 30_000, "lines/s", at_least=True)
    claim("PostgreSQL: log lines over HTTP ÷ its own COPY", own / through, 0.6, "x", at_least=True)


def rounds(count: int) -> Iterator[list[LogBatch]]:
    """Yield so many lines in rounds; together they fit one partition."""
    some = list(batches(count))
    return (some[at : at + BATCHES] for at in range(0, len(some), BATCHES))


def wire_body(batch: LogBatch, instance: str) -> bytes:
    """Return a batch as an application sends it."""
    lines = [dataclasses.asdict(line) for line in batch.lines]
    return json.dumps({"instance": instance, "seq": batch.seq, "host": batch.host, "logs": lines}).encode()


def copied(connection: psycopg.Connection, first: int, last: int) -> bytes:
    """Return stored rows as COPY takes them."""
    statement = f"COPY (SELECT * FROM log_lines WHERE id BETWEEN {first} AND {last}) TO STDOUT"
    with connection.cursor().copy(statement) as stream:
        return b"".join(bytes(piece) for piece in stream)


@pytest.mark.parametrize("what", SEARCHES)
def test_searching(full: tuple[PostgresRecordStore, float], claim: Callable[..., None], what: str) -> None:
    """Milliseconds to the first page of 200, and to the tenth of what has so many."""
    store = full[0]
    claim_search(store, SEARCHES[what], what, claim)
    query = SEARCHES[what]
    for _ in range(9):
        page = store.search(query)
        if page.next is None:
            return
        query = dataclasses.replace(query, cursor=page.next)
    claim_search(store, query, f"{what}, tenth page", claim)


def claim_search(store: PostgresRecordStore, query: LogQuery, what: str, claim: Callable[..., None]) -> None:
    """Claim the 95th percentile of a search's milliseconds."""
    times = []
    for _ in range(TRIES):
        started = time.perf_counter()
        found = len(store.search(query).lines)
        times.append(time.perf_counter() - started)
    p95 = sorted(times)[round(0.95 * TRIES) - 1]
    claim(f"PostgreSQL, 5 million lines: {what} ({found} found), p95", p95 * 1e3, 100, "ms")
