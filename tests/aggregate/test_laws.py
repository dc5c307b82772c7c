"""Laws of merging, of keys, and of the server's vectorised sketches."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.aggregate import sketch
from argus.aggregate.choose import choose_backend
from argus.aggregate.merge import empty_window, merge_windows
from argus.aggregate.series import check, format_key, parse_key
from argus.aggregate.summary import Counters, Gauges, Timings, Window
from argus.errors import ConfigError, WireError
from argus.server.stores.metrics import sketches

NUMBERS = st.integers(0, 1000).map(float)
BINS = st.dictionaries(st.integers(sketch.LOWEST_INDEX, sketch.LOWEST_INDEX + 40), st.integers(1, 9), max_size=6).map(
    lambda found: sorted(found.items())
)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    names = draw(st.lists(st.sampled_from("abc"), unique=True))
    counters = Counters(names, [draw(NUMBERS) for _ in names], [1 for _ in names])
    values = [draw(NUMBERS) for _ in names]
    gauges = Gauges(names, values, values, values, values, [1 for _ in names])
    bins = [draw(BINS) for _ in names]
    counts = [sum(count for _, count in row) + 1 for row in bins]
    return Window(0.0, 1.0, counters, gauges, Timings(names, counts, values, values, values, bins))


def rows(window: Window, *, last: bool = True) -> dict[str, object]:
    found: dict[str, object] = {}
    for kind, section in (("c", window.counters), ("g", window.gauges), ("t", window.timings)):
        for i, key in enumerate(section.keys):
            shown = section._asdict()
            if not last:
                shown.pop("last", None)
            found[f"{kind}:{key}"] = tuple(column[i] for column in shown.values())
    return found


@settings(deadline=None)
@given(windows(), windows(), windows())
def test_merging_is_associative(a: Window, b: Window, c: Window) -> None:
    assert rows(merge_windows(merge_windows(a, b), c)) == rows(merge_windows(a, merge_windows(b, c)))


@settings(deadline=None)
@given(windows(), windows())
def test_merging_is_commutative_but_for_last(a: Window, b: Window) -> None:
    assert rows(merge_windows(a, b), last=False) == rows(merge_windows(b, a), last=False)


@given(windows())
def test_an_empty_window_changes_nothing(a: Window) -> None:
    assert rows(merge_windows(empty_window(0, 1), a)) == rows(a) == rows(merge_windows(a, empty_window(0, 1)))


def test_the_newer_last_wins_and_the_window_spans_both() -> None:
    def gauge(value: float, start: float) -> Window:
        window = empty_window(start, start + 10)
        return window._replace(gauges=Gauges(["g"], [value], [value], [value], [value], [1]))

    merged = merge_windows(gauge(1, 0), gauge(2, 10))
    assert (merged.start, merged.end, merged.gauges.last) == (0, 20, [2])


TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


@given(TEXT, st.dictionaries(TEXT, st.text(st.characters(codec="utf-8"), max_size=40), max_size=5))
def test_a_key_comes_back_as_it_was_written(name: str, tags: dict[str, str]) -> None:
    pairs = check(name, tags)
    assert parse_key(format_key(name, pairs)) == (name, pairs)


@given(TEXT, st.dictionaries(TEXT, st.text(st.characters(codec="utf-8"), max_size=20), max_size=4))
def test_native_and_python_write_the_same_key(name: str, tags: dict[str, str]) -> None:
    aggregator = choose_backend("native")()
    aggregator.increment(name, 1, tags)
    assert aggregator.drain(0, 1).counters.keys == [format_key(name, check(name, tags))]


@pytest.mark.parametrize("key", ["a{", "a{b", "a{b=", "a{b=c", "a}b", "a{b=c}d", "a{b=c=d}", "a\\", "a{b=c,}"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(WireError, match="is no series key"):
        parse_key(key)


@settings(deadline=None)
@given(st.lists(st.lists(st.floats(1e-9, 1e6), max_size=30), min_size=1, max_size=6), st.floats(0, 1))
def test_vectorised_quantiles_equal_the_plain_ones(groups: list[list[float]], q: float) -> None:
    plain, lengths, flat = [], [], []
    for values in groups:
        bins = sketch.merge([(sketch.index_of(value), 1) for value in values])
        low, high = min(values, default=math.inf), max(values, default=-math.inf)
        plain.append(sketch.quantile(bins, 0, q, low, high))
        before = 0
        for index, count in bins:
            flat += [index - before, count]
            before = index
        lengths.append(len(bins))
    row_lengths, pairs = np.array(lengths, np.uint32), np.array(flat, np.uint32)
    of_row = np.repeat(np.arange(len(groups)), row_lengths)
    merged = sketches.merge(of_row, *sketches.absolute(row_lengths, pairs))
    lowest = np.array([min(values, default=math.inf) for values in groups])
    highest = np.array([max(values, default=-math.inf) for values in groups])
    total = np.array([len(values) for values in groups])
    assert np.array_equal(sketches.quantiles(merged, total, q, (lowest, highest)), plain, equal_nan=True)


def test_an_unknown_backend_is_named_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match="'rust'; it can be native, cffi, numpy, python"):
        choose_backend("rust")
