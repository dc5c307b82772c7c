"""What a log search finds: each kind of condition, in any mixture, over any number of pages and chapters."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import record_backends
from hypothesis import given
from hypothesis import strategies as st
from record_backends import Backend

from argus.errors import QueryError
from argus.server.stores.base import LEVELS, LogBatch, LogQuery, RecordStore
from argus.wire.columns import LogLine

NOW = 1_763_900_000.0


@pytest.fixture(scope="module", params=[*record_backends.NAMES, record_backends.INDEXED])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordStore]:
    """Lines of two applications, with one of everything that can be asked for."""
    store = record_backends.backend(request.param, tmp_path_factory.mktemp("shop"), request).open(clock=lambda: NOW)
    store.append(
        [
            LogBatch(
                "shop",
                "web-1",
                [
                    LogLine(NOW + 1, "INFO", "payment accepted", "shop.pay", {"order": 990, "user": "Ann Lee"}),
                    LogLine(NOW + 2, "ERROR", "Payment failed: card refused", "shop.pay.card", {"order": 991}),
                    LogLine(NOW + 3, "WARN", "the card reader is slow", "shop.pay.card", {"took": 1.5}),
                    LogLine(NOW + 4, "DEBUG", "cache_miss for /api/orders", "shop", {"hit": False, "key": None}),
                    LogLine(NOW + 5, "INFO", "repayment planned", "shopping", {"order": 99}),
                ],
            ),
            LogBatch(
                "bank",
                "web-10",
                [
                    LogLine(NOW + 6, "ERROR", "failed payment", "bank", {"trace": {"id": "a b", "text": "one\ntwo"}}),
                    LogLine(NOW + 7, "INFO", "Überweisung nach Café Œuvre", "bank", {"café": "açaí"}),
                ],
            ),
        ]
    )
    yield store
    store.close()


def offsets(store: RecordStore, query: LogQuery) -> list[int]:
    """Return the found lines by their second, oldest first."""
    return sorted(int(found.line.timestamp - NOW) for found in store.search(query).lines)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7]),
        ("payment", [1, 2, 6]),
        ("PAYMENT failed", [2, 6]),
        ('"payment failed"', [2]),
        ("pay*", [1, 2, 6]),
        ('"payment fail"', []),
        ("ment", []),
        ("failed -card", [6]),
        ("-payment", [3, 4, 5, 7]),
        ("-pay* -card", [4, 5, 7]),
        ('-"payment failed"', [1, 3, 4, 5, 6, 7]),
        ("cache_miss", [4]),
        ("cache", [4]),
        ("/api/orders", [4]),
        ("level:error", [2, 6]),
        ("level:error -host:web-10", [2]),
        ("-level:info -level:error", [3, 4]),
        ("logger:shop", [4]),
        ("logger:shop.*", [1, 2, 3]),
        ("logger:shop*", [1, 2, 3, 4, 5]),
        ("-logger:shop*", [6, 7]),
        ("logger:pay", []),
        ("host:web-1", [1, 2, 3, 4, 5]),
        ("host:web", []),
        ("host:web-1*", [1, 2, 3, 4, 5, 6, 7]),
        ("app:bank", [6, 7]),
        ("app:bank app:shop", []),
        ("order=991", [2]),
        ("order=99", [5]),
        ("-order=991 card", [3]),
        ('user="Ann Lee"', [1]),
        ("user=Ann", []),
        ("took=1.5", [3]),
        ("hit=false", [4]),
        ("Lee", [1]),
        ("two", [6]),
        ("-cafe", [1, 2, 3, 4, 5, 6]),
        ("cafe", [7]),
        ("CAFÉ", [7]),
        ("-café", [1, 2, 3, 4, 5, 6]),
        ("überweisung", [7]),
        ("acai", [7]),
        ("nothing-like-this", []),
        ('""" OR 1', None),
        ("NEAR(payment failed)", []),
        ("payment OR planned", []),
        ("text:payment", []),
        ("*", None),
        ("pay^ment", []),
        ("{payment}", [1, 2, 6]),
    ],
)
def test_what_a_search_finds(shop: RecordStore, search: str, expected: list[int] | None) -> None:
    if expected is None:
        with pytest.raises(QueryError):
            shop.search(LogQuery(q=search))
    else:
        assert offsets(shop, LogQuery(q=search)) == expected
        assert_counted(shop, LogQuery(q=search, start=NOW, end=NOW + 8))


def assert_counted(store: RecordStore, query: LogQuery) -> None:
    """The histogram counts each line that the search finds, at its level and time."""
    step = 2.0
    expected = {level: [0] * 4 for level in LEVELS}
    for found in store.search(query).lines:
        expected[found.line.level][int((found.line.timestamp - NOW) / step)] += 1
    counted = store.histogram(query, step)
    assert (dict(counted.counts), counted.complete) == (expected, True)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (LogQuery(app="shop"), [1, 2, 3, 4, 5]),
        (LogQuery(app="shop", q="app:bank"), []),
        (LogQuery(levels=("ERROR", "WARN")), [2, 3, 6]),
        (LogQuery(levels=("INFO", "WARN", "ERROR")), [1, 2, 3, 5, 6, 7]),
        (LogQuery(levels=("ERROR",), q="level:info"), []),
        (LogQuery(start=NOW + 3, end=NOW + 6), [3, 4, 5]),
        (LogQuery(start=NOW + 3, end=NOW + 6, q="card"), [3]),
        (LogQuery(start=NOW + 30), []),
        (LogQuery(end=NOW), []),
    ],
)
def test_parameters_narrow_the_search(shop: RecordStore, query: LogQuery, expected: list[int]) -> None:
    assert offsets(shop, query) == expected
    assert_counted(shop, replace(query, start=NOW, end=NOW + 8))


def test_a_found_line_is_the_line_that_was_stored(shop: RecordStore) -> None:
    (found,) = shop.search(LogQuery(q="trace")).lines
    assert (found.app, found.host) == ("bank", "web-10")
    assert found.line == LogLine(
        NOW + 6, "ERROR", "failed payment", "bank", {"trace": {"id": "a b", "text": "one\ntwo"}}
    )


@given(search=st.text(max_size=60))
def test_no_text_breaks_the_index(shop: RecordStore, search: str) -> None:
    try:
        shop.search(LogQuery(q=search))
    except QueryError as error:
        assert error.where == "q"  # noqa: PT017  # either outcome is right


@given(search=st.text(alphabet="ab\"*-:=()^+{}' \0.,;NOTANDR", max_size=40))
def test_no_text_of_the_index_s_own_syntax_breaks_it(shop: RecordStore, search: str) -> None:
    try:
        shop.search(LogQuery(q=search))
    except QueryError as error:
        assert error.where == "q"  # noqa: PT017  # either outcome is right


WORDS = ["payment", "failed", "pay*", "card", '"card reader"', "café", "cafe", "cache_miss", "two", "Ann"]
FIELDS = ["level:info", "logger:shop.*", "host:web-1", "app:bank", "order=991", "hit=false"]
terms = st.sampled_from(WORDS + FIELDS)


@given(term=terms, rest=st.lists(terms, max_size=2))
def test_a_condition_and_its_negation_share_the_lines_between_them(
    shop: RecordStore, term: str, rest: list[str]
) -> None:
    everything = offsets(shop, LogQuery(q=" ".join(rest)))
    with_it = offsets(shop, LogQuery(q=" ".join([term, *rest])))
    without = offsets(shop, LogQuery(q=" ".join([f"-{term}", *rest])))
    assert sorted(with_it + without) == everything


def numbered(store: RecordStore, count: int, first: int = 0) -> None:
    some = [LogLine(NOW + i, "INFO", f"line {'even' if i % 2 == 0 else 'odd'}") for i in range(first, first + count)]
    store.append([LogBatch("shop", "web-1", some)])


@pytest.fixture(params=[*record_backends.NAMES, record_backends.INDEXED])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    return record_backends.backend(request.param, tmp_path, request)


@pytest.fixture
def small_chapters(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> Iterator[RecordStore]:
    monkeypatch.setattr(backend.lines, "CHAPTER_LINES", 7)
    store = backend.open(clock=lambda: NOW)
    yield store
    store.close()


def pages(store: RecordStore, query: LogQuery) -> Iterator[list[int]]:
    cursor = None
    while True:
        page = store.search(LogQuery(query.app, query.q, limit=query.limit, cursor=cursor))
        yield [int(found.line.timestamp - NOW) for found in page.lines]
        cursor = page.next
        if cursor is None:
            return


@pytest.mark.parametrize("limit", [1, 5, 7, 30, 31])
@pytest.mark.parametrize(("search", "step"), [("", 1), ("even", 2)])
def test_pages_cover_everything_once_newest_first(
    small_chapters: RecordStore, limit: int, search: str, step: int
) -> None:
    numbered(small_chapters, 30)
    found = list(itertools.chain.from_iterable(pages(small_chapters, LogQuery(q=search, limit=limit))))
    assert found == list(range(30))[::step][::-1]


def test_lines_that_come_in_between_do_not_shift_the_pages(small_chapters: RecordStore) -> None:
    numbered(small_chapters, 20)
    seen = []
    for page in pages(small_chapters, LogQuery(limit=6)):
        seen += page
        numbered(small_chapters, 5, first=100)
    assert seen == list(range(20))[::-1]


def test_a_tail_gets_what_was_stored_after_a_line_in_order(small_chapters: RecordStore) -> None:
    numbered(small_chapters, 10)
    newest = small_chapters.search(LogQuery(limit=1)).lines[0].id
    assert small_chapters.search(LogQuery(after=newest)).lines == []
    numbered(small_chapters, 10, first=10)
    tail = small_chapters.search(LogQuery(after=newest, q="odd")).lines
    assert [int(found.line.timestamp - NOW) for found in tail] == [11, 13, 15, 17, 19]


def test_a_batch_larger_than_a_chapter_is_stored_whole(small_chapters: RecordStore) -> None:
    numbered(small_chapters, 40)
    assert len(small_chapters.search(LogQuery(limit=100)).lines) == 40


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "9" * 30, "²"])
def test_a_cursor_that_is_none_is_refused(shop: RecordStore, cursor: str) -> None:
    with pytest.raises(QueryError) as refused:
        shop.search(LogQuery(cursor=cursor))
    assert refused.value.where == "cursor"


def test_a_search_that_runs_out_of_time_gives_what_it_found_and_goes_on_from_there(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.hurry(monkeypatch)
    store = backend.open(query_timeout=10, clock=lambda: NOW)
    numbered(store, 100)
    found = list(pages(store, LogQuery(limit=1000)))
    assert len(found) > 1
    assert list(itertools.chain.from_iterable(found)) == list(range(100))[::-1]
    store.close()


def test_a_search_that_found_nothing_in_its_time_says_so(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    backend.hurry(monkeypatch)
    store = backend.open(query_timeout=0.5, clock=lambda: NOW)
    numbered(store, 100)
    with pytest.raises(QueryError, match=r"longer than 0\.5 s"):
        store.search(LogQuery(q="even -even"))
    store.close()
