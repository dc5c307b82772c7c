"""Log lines of a made-up shop, the same in every run, and what people ask of them: for the benchmarks of log stores."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

from argus.server.stores.base import LogBatch, LogQuery
from argus.wire.columns import LogLine

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


def batches(count: int) -> Iterator[LogBatch]:
    """Yield so many lines, ten per second, in batches of one sender."""
    text = messages()
    for seq in range(1, count // BATCH + 1):
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
