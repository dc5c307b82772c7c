"""Chunks give back every number bit for bit, and say when they cannot."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.server.stores.metrics import codec
from argus.server.stores.metrics.rows import COLUMNS, Rows, unpack

DOUBLES = st.floats(allow_nan=False, allow_infinity=False)
DECIMALS = st.integers(-(10**7), 10**7).map(lambda n: n / 100)


@st.composite
def groups(draw: st.DrawFn) -> list[Rows]:
    found = []
    for number in range(draw(st.integers(1, 4))):
        size = draw(st.integers(1, 12))
        values = draw(st.sampled_from([DOUBLES, DECIMALS, st.just(7.0), st.sampled_from([-0.0, 0.0, 1.5])]))
        column = [np.array(draw(st.lists(values, min_size=size, max_size=size))) for _ in range(4)]
        same = draw(st.booleans())
        last = column[0]
        times = np.cumsum(np.array(draw(st.lists(st.integers(0, 10**6), min_size=size, max_size=size)), np.int64))
        lengths = np.array(draw(st.lists(st.integers(0, 3), min_size=size, max_size=size)), np.uint32)
        pairs = int(lengths.sum()) * 2
        flat = np.array(draw(st.lists(st.integers(0, 2**32 - 1), min_size=pairs, max_size=pairs)), np.uint32)
        counts = np.array(draw(st.lists(st.integers(1, 10**6), min_size=size, max_size=size)), np.int64)
        series = np.full(size, number + 1, np.uint32)
        others = (last, last, last) if same else (column[1], column[2], column[3])
        found.append(Rows(series, times, counts, others[0], others[1], others[2], last, lengths, flat))
    return found


def join(parts: list[Rows]) -> tuple[Rows, np.ndarray]:
    rows = Rows(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    sizes = np.array([part.size for part in parts])
    return rows, np.cumsum(sizes) - sizes


@settings(max_examples=150, deadline=None)
@given(groups())
def test_every_double_comes_back_bit_for_bit(parts: list[Rows]) -> None:
    rows, starts = join(parts)
    opened = codec.open_chunks(codec.encode(rows, starts))
    chunks = [chunk for chunk in opened if not isinstance(chunk, codec.ChunkError)]
    assert len(chunks) == len(parts)
    decoded = codec.decode(chunks, COLUMNS, sketches=True)
    assert decoded.time.tolist() == rows.time.tolist()
    for name in COLUMNS:
        expected = getattr(rows, name).astype(np.float64)
        assert decoded.columns[name].view(np.uint64).tolist() == expected.view(np.uint64).tolist(), name
    assert decoded.lengths.tolist() == rows.lengths.tolist()
    assert decoded.flat.tolist() == rows.flat.tolist()


@settings(max_examples=60, deadline=None)
@given(groups())
def test_a_column_read_alone_is_the_same_as_read_with_others(parts: list[Rows]) -> None:
    rows, starts = join(parts)
    chunks = [c for c in codec.open_chunks(codec.encode(rows, starts)) if not isinstance(c, codec.ChunkError)]
    for name in COLUMNS:
        alone = codec.decode(chunks, [name]).columns[name]
        assert alone.view(np.uint64).tolist() == getattr(rows, name).astype(np.float64).view(np.uint64).tolist()


@settings(max_examples=60, deadline=None)
@given(groups())
def test_head_records_come_back_as_they_were(parts: list[Rows]) -> None:
    rows, _ = join(parts)
    assert [column.tolist() for column in unpack(rows.pack())] == [column.tolist() for column in rows]


def walk(size: int, *, plain: bool) -> Rows:
    chance = np.random.default_rng(1)
    last = np.round(np.cumsum(chance.normal(0, 1, size)) + 100, 2)
    low = last if plain else np.round(last - 0.37, 2)
    times = np.arange(size, dtype=np.int64) * 10_000
    zeros, none = np.zeros(size, np.uint32), np.empty(0, np.uint32)
    return Rows(np.ones(size, np.uint32), times, np.ones(size, np.int64), last, low, last, last, zeros, none)


def test_a_negative_zero_is_not_taken_for_a_zero() -> None:
    zero, negative = np.zeros(1), np.array([-0.0])
    one, none = np.ones(1, np.int64), np.empty(0, np.uint32)
    rows = Rows(np.ones(1, np.uint32), one, one, negative, negative, zero, zero, np.zeros(1, np.uint32), none)
    assert np.signbit(unpack(rows.pack()).sum).tolist() == [True]
    chunks = [c for c in codec.open_chunks(codec.encode(rows, np.array([0]))) if not isinstance(c, codec.ChunkError)]
    decoded = codec.decode(chunks, COLUMNS).columns
    assert [np.signbit(decoded[name][0]).item() for name in COLUMNS] == [False, True, True, False, False]


def test_what_follows_from_something_else_takes_no_room() -> None:
    plain, derived = (codec.encode(walk(8640, plain=plain), np.array([0]))[0] for plain in (True, False))
    assert len(plain) / 8640 < 1.5
    assert len(derived) / 8640 < 1.8


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"junk" * 9])
def test_a_damaged_chunk_is_told_apart_and_the_others_still_open(damage) -> None:
    good = codec.encode(walk(100, plain=True), np.array([0]))[0]
    bad, fine = codec.open_chunks([damage(good), good])
    assert isinstance(bad, codec.ChunkError)
    assert not isinstance(fine, codec.ChunkError)


@pytest.mark.parametrize("position", range(10, 150, 7))
def test_a_flipped_bit_is_noticed(position: int) -> None:
    body = bytearray(codec.encode(walk(200, plain=True), np.array([0]))[0])
    body[position] ^= 0x10
    (chunk,) = codec.open_chunks([bytes(body)])
    assert isinstance(chunk, codec.ChunkError)


def test_a_cut_head_record_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cut short|buffer"):
        unpack(walk(10, plain=True).pack()[:-5])
