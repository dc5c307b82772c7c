"""The extension reads columns and writes lines; what its twin in Python makes of the same input is the measure."""

from __future__ import annotations

import struct
import sys
from random import Random

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from argus.errors import WireError
from argus.server.stores.metrics import sketches
from argus.server.stores.remote import lines, packing
from argus.server.stores.victoria import export
from argus.wire import sections

_columns = pytest.importorskip("argus.wire._columns", reason="built without a C++ compiler")

FEW = settings(max_examples=60, deadline=None)

ANY_DOUBLE = st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("d", struct.pack("Q", bits))[0])
ROUNDED = st.builds(round, st.floats(-1e13, 1e13), st.integers(0, 6))
BESIDE = st.builds(lambda n, up: float(np.nextafter(n / 1000, up)), st.integers(-(10**16), 10**16), st.floats(-1, 1))
EDGES = st.sampled_from([0.0, -0.0, 1e12, 1e15, 1e16, 999_999_999_999.999, 1e-5, 1e-6, 0.0005, 5e-324, float("inf")])
DOUBLES = ANY_DOUBLE | ROUNDED | BESIDE | EDGES | st.integers(-(2**60), 2**60).map(float)
WHOLE = st.integers(-(2**63), 2**63 - 1)
TEXT = st.binary(max_size=20)
"""The engine's names come escaped; to the writer they are any bytes."""

ROWS = st.lists(st.tuples(TEXT, DOUBLES, DOUBLES, WHOLE, TEXT, WHOLE), max_size=8)


@settings(FEW)
@given(TEXT, ROWS, st.booleans())
def test_both_twins_write_the_same_lines(head: bytes, rows: list[tuple[bytes, ...]], more: bool) -> None:
    tags, values, sums, counts, texts, times = (
        (list(column) for column in zip(*rows, strict=True)) if rows else [[]] * 6
    )
    reals = [np.array(column, np.float64) for column in (values, sums)]
    whole = [np.array(column, np.int64) for column in (counts, times)]
    fields = [(b" value=", reals[0]), (b",count=", whole[0]), (b",sum=", reals[1]), (b",last=", reals[0])]
    some = texts if more else ()
    expected = lines.written_lines(head, tags, fields, some, whole[1])
    assert _columns.write_lines(head, tags, fields, some, whole[1]) == expected


def test_columns_that_do_not_fit_are_refused() -> None:
    times = np.zeros(2, np.int64)
    for fields, more, stamps, error in (
        ([(b" value=", np.zeros(3))], (), times, ValueError),
        ([(b" value=", np.zeros(2, np.float32))], (), times, ValueError),
        ([(b" value=", np.zeros(2))], [b""], times, ValueError),
        ([(b" value=", np.zeros(2))], (), np.zeros(2), ValueError),
        ([(b" value=", np.zeros(4)[::2])], (), times, (ValueError, BufferError)),
        ([(b" value=", np.zeros(2))], [b"", "text"], times, TypeError),
    ):
        with pytest.raises(error):
            _columns.write_lines(b"m", [b"", b""], fields, more, stamps)


GAPS = st.integers(1, 3) | st.integers(1, 70_000)
BINS = st.lists(st.tuples(GAPS, st.integers(1, 200) | st.integers(1, 2**32 - 1)), max_size=30)


def columns_of(rows: list[list[tuple[int, int]]]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    flat = [number for row in rows for pair in row for number in pair]
    return np.array([len(row) for row in rows], np.uint32), np.array(flat, np.uint32)


@settings(FEW)
@given(st.lists(BINS, max_size=5), TEXT)
def test_both_twins_pack_the_same_sketches(rows: list[list[tuple[int, int]]], name: bytes) -> None:
    lengths, flat = columns_of(rows)
    expected = packing.packed(lengths, flat)
    assert _columns.pack_sketches(lengths, flat) == expected
    assert _columns.number_fields(name, expected) == export.numbered_fields(name, expected)


@settings(FEW)
@given(st.lists(BINS, max_size=5), st.lists(st.binary(max_size=12), max_size=3), st.randoms(use_true_random=False))
def test_both_twins_unpack_the_same_and_see_the_same_damage(
    whole: list[list[tuple[int, int]]], damaged: list[bytes], order: Random
) -> None:
    rows = [*packing.packed(*columns_of(whole)), *damaged]
    order.shuffle(rows)
    data, ends = np.frombuffer(b"".join(rows), np.uint8), np.cumsum([len(row) for row in rows]).astype(np.int64)
    try:
        expected = packing.unpacked(data, ends)
    except ValueError:
        assert _columns.unpack_sketches(data, ends) is None
        return
    found = _columns.unpack_sketches(data, ends)
    assert [bytes(column) for column in found] == [column.tobytes() for column in expected]


@settings(FEW)
@given(
    st.lists(st.tuples(st.integers(0, 3), BINS, st.integers(0, 5)), max_size=8), st.floats(0.01, 1), st.integers(1, 40)
)
def test_both_twins_choose_the_same_bins(
    rows: list[tuple[int, list[tuple[int, int]], int]], q: float, dense: int
) -> None:
    """Each row is of a group, and has some values of zero besides its bins."""
    lengths, flat = columns_of([bins for _, bins, _ in rows])
    groups = np.array([group for group, _, _ in rows], np.int64)
    total = np.zeros(4, np.int64)
    for group, bins, zeros in rows:
        total[group] += zeros + sum(count for _, count in bins)
    rank = np.maximum(np.ceil(q * total), 1).astype(np.int64)
    expected = sketches.chosen_bins(groups, lengths, flat, total, rank, dense)
    found = _columns.choose_bins(groups, lengths, flat, total, rank, dense)
    assert (found if found is None else bytes(found)) == expected


def test_a_row_of_no_group_is_refused() -> None:
    one, flat, two = np.ones(1, np.uint32), np.ones(2, np.uint32), np.ones(2, np.int64)
    for group in (-1, 2):
        with pytest.raises(ValueError, match="there are 2"):
            _columns.choose_bins(np.array([group]), one, flat, two, two, 8)


def test_sketches_that_do_not_fit_are_refused() -> None:
    lengths, flat = np.array([2, 1], np.uint32), np.ones(6, np.uint32)
    for wrong in ((lengths, flat[:4]), (lengths.astype(np.int64), flat), (lengths, flat.astype(np.float32))):
        with pytest.raises(ValueError, match="as many pairs"):
            _columns.pack_sketches(*wrong)


JSON_NUMBERS = st.floats(allow_nan=False, allow_infinity=False).map(repr) | st.integers().map(str) | ROUNDED.map(repr)
HOSTILE = st.sampled_from(
    [
        "-0",
        "-0.0",
        "01",
        "1.",
        ".5",
        "-",
        "+1",
        "1e5",
        "1E+400",
        "1e-400",
        "1e",
        "0x1",
        "nan",
        "true",
        "null",
        "1_0",
        '"1"',
    ]
)
LISTS = st.lists(JSON_NUMBERS | HOSTILE, max_size=5).flatmap(
    lambda texts: st.sampled_from(["[%s]", " [ %s ]\n", "[%s", "%s]", "[%s,]", "[,%s]", "[%s]]"]).map(
        lambda form: form % " ,".join(texts)
    )
)


@settings(FEW)
@given(LISTS, st.booleans())
def test_what_the_extension_reads_is_what_msgspec_reads(text: str, whole: bool) -> None:
    read = _columns.read_numbers(text.encode(), whole)
    if read is not None:
        kind = np.int64 if whole else np.float64
        expected = np.array(msgspec.json.decode(text, type=list[int] if whole else list[float]), kind)
        assert bytes(read) == expected.tobytes()


@settings(FEW)
@given(
    st.lists(LISTS | st.lists(st.integers(-(2**64), 2**64)).map(str), max_size=3),
    st.sampled_from(["[%s]", "%s", "[%s,]"]),
)
def test_the_rows_that_the_extension_reads_are_those_that_msgspec_reads(rows: list[str], form: str) -> None:
    text = form % ", ".join(rows)
    found = _columns.read_rows(text.encode())
    if found is not None:
        lengths, flat = (np.frombuffer(column, np.int64).tolist() for column in found)
        expected = msgspec.json.decode(text, type=list[list[int]])
        assert (lengths, flat) == ([len(row) for row in expected], [number for row in expected for number in row])


def test_plain_columns_are_read_by_the_extension() -> None:
    assert bytes(_columns.read_numbers(b" [1, -2.5,1e3 ]", False)) == np.array([1, -2.5, 1000.0]).tobytes()
    assert bytes(_columns.read_numbers(b"[1,-2]", True)) == np.array([1, -2]).tobytes()
    lengths, flat = _columns.read_rows(b"[[1, 2], [], [3,4 , 5,6]]")
    assert (np.frombuffer(lengths, np.int64).tolist(), np.frombuffer(flat, np.int64).tolist()) == (
        [2, 0, 4],
        [1, 2, 3, 4, 5, 6],
    )


@pytest.mark.parametrize("built", [True, False], ids=["extension", "msgspec"])
def test_a_wrong_number_is_named_by_its_place(built: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not built:
        monkeypatch.setattr(sections, "read_numbers", lambda *_: None)
    assert sections.column(msgspec.Raw(b"[1, 2.5]"), "$.a", whole=False).tolist() == [1.0, 2.5]
    assert sections.column(msgspec.Raw(b"[1, 2]"), "$.a", whole=True).dtype == np.int64
    for text, whole, where in (
        (b'[1, "2"]', False, "$.a[1]"),
        (b"[1.5]", True, "$.a[0]"),
        (b"[%d]" % 2**63, True, "$.a"),
    ):
        with pytest.raises(WireError) as wrong:
            sections.column(msgspec.Raw(text), "$.a", whole=whole)
        assert wrong.value.where == where


def test_no_text_is_held_on_to() -> None:
    tags = [b",a=%d" % number for number in range(4)]
    references = [sys.getrefcount(tag) for tag in tags]
    _columns.write_lines(b"m", tags, [(b" v=", np.zeros(4))], (), np.zeros(4, np.int64))
    assert [sys.getrefcount(tag) for tag in tags] == references
