"""Log lines: how fast they are stored with their index, what a line costs on disk, how fast a million are searched.

The store alone, without HTTP: the ingest benchmark measures the road to it.
"""

from __future__ import annotations

import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from argus.server.stores.base import LogBatch, LogQuery
from argus.server.stores.records.store import SqliteRecordStore
from argus.wire.columns import LogLine

LINES = 1_000_000
BATCH = 1_000
START = 1_763_900_000.0
LEVELS = ["INFO"] * 900 + ["DEBUG"] * 60 + ["WARN"] * 30 + ["ERROR"] * 10
LOGGERS = [f"shop.{room}.{part}" for room in ("web", "pay", "stock", "mail") for part in "abcdefghij"]

SEARCHES = {
    "newest lines": LogQuery(),
    "a common word": LogQuery(q="w0"),
    "a rare word": LogQuery(q="w19000"),
    "two common words": LogQuery(q="w0 w1"),
    "a phrase": LogQuery(q='"w0 w1"'),
    "a word that is nowhere": LogQuery(q="nowhere"),
    "a common word without another": LogQuery(q="w0 -w1"),
    "a short wildcard": LogQuery(q="w1*"),
    "a level": LogQuery(levels=("ERROR",)),
    "a rare level and a common word": LogQuery(q="level:error w0"),
    "a logger's branch": LogQuery(q="logger:shop.pay.*"),
    "a metadata value": LogQuery(q="user=42"),
    "an hour of long ago": LogQuery(start=START + 36_000, end=START + 39_600, q="w3"),
}


def messages() -> Iterator[str]:
    """Yield lines of nine words and a number, the words as unevenly spread as in a language."""
    chance = random.Random(1)  # the same lines in every run
    words = [f"w{i}" for i in range(20_000)]
    weights = list(itertools.accumulate(1 / (i + 5) for i in range(len(words))))
    while True:
        some = chance.choices(words, cum_weights=weights, k=9 * BATCH)
        for i in range(0, len(some), 9):
            yield f"{' '.join(some[i : i + 9])} order {chance.randrange(1_000_000)}"


def batches() -> Iterator[LogBatch]:
    """Yield ``LINES`` lines, ten per second, in batches of one sender."""
    text = messages()
    for seq in range(1, LINES // BATCH + 1):
        first = (seq - 1) * BATCH
        lines = [
            LogLine(
                START + i / 10,
                LEVELS[i * 7 % 1000],
                next(text),
                LOGGERS[i % 40],
                {"user": i % 1000, "path": "/api/pay"},
            )
            for i in range(first, first + BATCH)
        ]
        yield LogBatch("shop", f"web-{seq % 3}", lines, "web:1", seq)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SqliteRecordStore, float, Path]]:
    """Return a store with a million lines, and the seconds that storing them took."""
    path = tmp_path_factory.mktemp("logs") / "records.db"
    store = SqliteRecordStore(path)
    seconds = 0.0
    for batch in batches():
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
