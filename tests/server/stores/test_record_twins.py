"""Both record stores find the same lines: random lines, random searches, the index asked or passed by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import record_backends
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from argus.errors import QueryError
from argus.server.stores.base import LogBatch, LogQuery, RecordStore
from argus.server.stores.postgres.words import words_of
from argus.wire.columns import LogLine

NOW = 1_763_900_000.0
LONG = "x" * 501
HUGE = " ".join(f"n{i}" for i in range(100_000))
"""More than a tsvector holds."""

MANY = "tick " * 300
"""More places of one word than PostgreSQL keeps."""

# Words that meet often, letters whose folding differs between programs, and what PostgreSQL's own syntax is made of.
WORDS = ["pay", "pay", "Pay", "paid", "ment", "café", "CAFE", "cafe\u0301", "straße", "ΣΊΣΥΦΟΣ", "İstanbul", "żółć"]
pieces = st.sampled_from([*WORDS, "漢字", *"йё½²😀_-.'\\:*|&!()\n\t\0", " ", " ", " ", "<->"])
text = st.lists(pieces, max_size=6).map("".join)
names = st.sampled_from(["shop", "shop.pay", "shop.pay.card", "bank", "web-1", "web-10", "o'hara\\", "ü"])
values = st.one_of(
    text, st.integers(-5, 5), st.booleans(), st.none(), st.sampled_from([1.5, 0.25, -3.0]), st.lists(text, max_size=2)
)
metadata = st.dictionaries(st.sampled_from(["order", "user", "hit", "café"]), values, max_size=2)
lines = st.builds(
    LogLine,
    timestamp=st.integers(0, 9).map(lambda second: NOW + second),
    level=st.sampled_from(["DEBUG", "INFO", "WARN", "ERROR"]),
    message=st.one_of(text, st.sampled_from([LONG, f"{LONG} pay", f"{MANY}pay", f"pay {MANY}"])),
    logger=names,
    metadata=metadata,
)
batches = st.lists(
    st.builds(LogBatch, app=names, host=names, lines=st.lists(lines, min_size=1, max_size=8)), max_size=4
)
terms = st.one_of(
    text.filter(lambda word: '"' not in word),
    text.map(lambda words: f'"{words}"'),
    pieces.map(lambda word: f"{word}*"),
    st.sampled_from(["level:error", "level:info", LONG, f"{LONG}x", "tick", '"tick pay"', '"pay tick"', "tick*", "x*"]),
    st.builds("{}:{}{}".format, st.sampled_from(["logger", "host", "app"]), names, st.sampled_from(["", "*"])),
    st.builds(
        "{}={}".format,
        st.sampled_from(["order", "user", "hit"]),
        st.sampled_from(["1", "true", "pay", "1.5", '"a b"', "_"]),
    ),
)
searches = st.lists(st.builds("{}{}".format, st.sampled_from(["", "", "-"]), terms), max_size=3).map(" ".join)
queries = st.builds(
    LogQuery,
    app=st.one_of(st.none(), names),
    q=searches,
    levels=st.sampled_from([(), ("ERROR",), ("INFO", "WARN"), ("DEBUG", "INFO", "WARN")]),
    start=st.one_of(st.none(), st.integers(0, 9).map(lambda second: NOW + second)),
    end=st.one_of(st.none(), st.integers(0, 9).map(lambda second: NOW + second)),
    limit=st.sampled_from([1, 3, 1000]),
)


@dataclass
class Twins:
    """Both stores with the same lines, all of which are there from the first search on."""

    stores: list[RecordStore]

    def append(self, some: list[LogBatch]) -> None:
        for store in self.stores:
            store.append(some)

    def found(self, query: LogQuery) -> list[list[tuple[int, LogLine]] | str]:
        return [answer(store, query) for store in self.stores]


def answer(store: RecordStore, query: LogQuery) -> list[tuple[int, LogLine]] | str:
    """Return what a store finds; ids are told as places from the store's first line, where both begin."""
    try:
        return [(line.id, shown(line.line)) for line in store.search(query).lines]
    except QueryError as error:
        return str(error)


def shown(line: LogLine) -> LogLine:
    """Return a line as both can keep it: PostgreSQL has no character NUL."""
    return LogLine(line.timestamp, line.level, line.message.replace("\0", "\ufffd"), line.logger)


@pytest.fixture(scope="module", params=["postgresql", record_backends.INDEXED])
def twins(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    def opened(name: str) -> RecordStore:
        folder: Path = tmp_path_factory.mktemp("twin")
        return record_backends.backend(name, folder, request).open(clock=lambda: NOW)

    made = Twins([opened("sqlite"), opened(request.param)])
    yield made
    for store in made.stores:
        store.close()


@given(some=batches, query=queries)
@example([LogBatch("shop", "web-1", [LogLine(NOW, "INFO", f"{MANY}pay")])], LogQuery(q='"tick pay" -"pay tick"'))
@example([LogBatch("shop", "web-1", [LogLine(NOW, "INFO", LONG)])], LogQuery(q=f"{LONG}* -_"))
@example([LogBatch("_", "web-1", [LogLine(NOW, "INFO", "", "", {"order": "_"})])], LogQuery(q="order=_ app:_*"))
@example([LogBatch("shop", "web-1", [LogLine(NOW, "INFO", "", "", {"n": HUGE})])], LogQuery(q="n99999 -n100000"))
@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=150
)
def test_both_stores_find_the_same_lines(twins: Twins, some: list[LogBatch], query: LogQuery) -> None:
    twins.append(some)
    one, other = twins.found(query)
    assert other == one


@given(st.text())
@settings(deadline=None)
def test_words_are_folded_once_and_for_all(some: str) -> None:
    words = words_of(some)
    assert words_of(" ".join(words)) == words
