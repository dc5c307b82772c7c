"""What names, tags and sketches become inside an engine, and that they come back whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus.server.stores.remote import names, packing
from argus.server.stores.remote.lines import encoded_tags
from argus.wire.columns import Kind, SeriesKey

TEXTS = st.text(st.characters(), max_size=20) | st.sampled_from(["", "%", "%25", "a\\", "host", "tag_host", "🦚", "\n"])
NAMES = TEXTS.filter(bool) | st.sampled_from(
    ["host", "machine", "value", "tag_value", "tag_tag_kind", "instance", "time"]
)


@given(TEXTS, TEXTS, st.sampled_from(Kind), NAMES, st.dictionaries(NAMES, TEXTS, max_size=5))
def test_a_series_comes_back_whole_from_its_tags(app, host, kind, name, tags) -> None:
    series = names.Series(app, host, kind, SeriesKey(name, tuple(sorted(tags.items()))))
    assert names.series_of(names.tags_of(series)) == series


@given(TEXTS, TEXTS, st.dictionaries(NAMES, TEXTS, max_size=5))
def test_stored_tags_fit_one_line_and_none_is_empty(app, host, tags) -> None:
    stored = names.tags_of(names.Series(app, host, Kind.GAUGE, SeriesKey("n", tuple(sorted(tags.items())))))
    line = encoded_tags(stored).decode()
    assert not {"\n", "\r", "\0"} & set(line)
    assert all(stored.values())
    assert not line.endswith("\\")


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("shop", "shop"),
        ("value", "tag_value"),
        ("tag_value", "tag_tag_value"),
        ("tag_shop", "tag_shop"),
        ("π", "%CF%80"),
    ],
)
def test_a_users_tag_gives_way_to_ours(name: str, stored: str) -> None:
    assert names.stored_tag(name) == stored
    assert names.original_tag(stored) == name


def test_an_ordinary_text_is_stored_as_it_is() -> None:
    assert names.stored("Straße 7, \"ß\" = 'x'") == "Straße 7, \"ß\" = 'x'"


SIDE_BY_SIDE, APART = st.just(1), st.integers(1, 2**20)
COUNTS = st.integers(1, 2**32 - 1)


@st.composite
def pairs(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Return a sketch: its first index is whole, the others are differences, and never 0."""
    differences = draw(st.lists(draw(st.sampled_from([SIDE_BY_SIDE, APART, SIDE_BY_SIDE | APART])), max_size=40))
    return [(step if place else draw(st.integers(0, 2**20)), draw(COUNTS)) for place, step in enumerate(differences)]


@given(st.lists(pairs(), max_size=8))
def test_sketches_come_back_whole_from_their_bytes(rows) -> None:
    lengths = np.array([len(row) for row in rows], np.uint32)
    flat = np.array([number for row in rows for pair in row for number in pair], np.uint32)
    packed = packing.pack(lengths, flat)
    assert not any(row.endswith(b"\0") for row in packed)
    again, numbers = packing.unpack(packed)
    assert again.tolist() == lengths.tolist()
    assert numbers.tolist() == flat.tolist()


def test_a_sketch_whose_bins_lie_side_by_side_takes_a_byte_per_bin() -> None:
    (packed,) = packing.pack(np.array([100], np.uint32), np.array([64_900, 9, *[1, 9] * 99], np.uint32))
    assert len(packed) == 3 + 1 + 100  # the first index, the mark, the counts


@pytest.mark.parametrize("damaged", [b"\x05", b"\x80", b"\x80\x80\x80\x80\x80\x01\x01"])
def test_a_damaged_sketch_is_told_apart(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="damaged"):
        packing.unpack([damaged])
