"""Frames are counted once each, whichever way a program comes by the functions that show them."""

from __future__ import annotations

import ctypes

import preload
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.aggregate.choose import BACKENDS
from argus.aggregate.sketch import index_of
from argus.run.cells import BIN_COUNT, FIRST_BIN


def test_frames_of_a_program_that_is_linked_with_its_graphics(run) -> None:
    answer = run.program("preload_linked", "frames")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "100\n", "")
    taken = run.collect()
    assert taken.frames("preload_linked") == 100
    count, total, least, most = taken.times("preload_linked")
    assert count == 99, "the first frame follows none"
    assert 0 < least <= total / count <= most * 1.01 < 10, "seconds"


@pytest.mark.parametrize("way", ["by-dlsym", "by-getter", "by-sdl", "by-plugin", "reloaded"])
def test_frames_of_a_program_that_loads_its_graphics(run, way: str) -> None:
    answer = run.program("preload_loaded", way)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "100\n", "")
    assert run.collect().frames("preload_loaded") == 100
    assert run.taker.counts == {}


def test_a_library_above_another_of_the_same_names_counts_each_frame_once(run) -> None:
    answer = run.program("preload_loaded", "one-above-the-other")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "100 110\n", "")
    assert run.collect().frames("preload_loaded") == 110


def test_vulkan_s_frames_are_those_of_each_window(run) -> None:
    answer = run.program("preload_loaded", "by-vulkan")
    assert answer.stdout == "75 0\n", answer.stderr
    assert run.collect().frames("preload_loaded") == 50 + 2 * 25


def test_windows_shown_by_turns_have_frame_times_of_their_own(run) -> None:
    assert run.program("preload_linked", "windows").stdout == "100\n"
    taken = run.collect()
    assert taken.frames("preload_linked") == 100
    count, _, least, _ = taken.times("preload_linked")
    assert count == 98, "each window has a first frame"
    assert least > 0.0009, "a millisecond lies between two frames of a window, and none between the windows"


def test_a_frame_that_was_not_shown_is_none(run) -> None:
    run.program("preload_linked", "lost-surface")
    assert run.collect().frames("preload_linked") == 5


def test_threads_that_draw_at_once_lose_no_frame(run) -> None:
    assert run.program("preload_linked", "threads").stdout == "80000\n"
    taken = run.collect()
    assert taken.frames("preload_linked") == 80000
    assert taken.times("preload_linked")[0] == 79996


def test_frames_are_handed_out_once(run) -> None:
    run.program("preload_linked", "frames")
    assert run.collect().frames("preload_linked") == 100
    assert run.collect().frames("preload_linked") == 100
    run.program("preload_linked", "frames")
    assert run.collect().frames("preload_linked") == 200
    assert run.files() == [], "the files of the dead are removed"


def bins() -> ctypes.CDLL:
    library = ctypes.CDLL(str(preload.build() / "libbins.so"))
    library.bin_of.argtypes, library.bin_of.restype = [ctypes.c_uint64], ctypes.c_uint32
    return library


@settings(deadline=None)  # the first example builds the library
@given(st.integers(1, (1 << 18) * 10**9 - 1))
def test_a_frame_time_is_counted_in_the_bin_of_an_aggregator(nanoseconds: int) -> None:
    assert bins().bin_of(nanoseconds) == index_of(nanoseconds * 1e-9)


def test_times_outside_of_the_bins_count_in_the_first_and_the_last() -> None:
    assert bins().bin_of(0) == FIRST_BIN
    assert bins().bin_of(1) == index_of(1e-9)
    assert bins().bin_of((1 << 64) - 1) == FIRST_BIN + BIN_COUNT - 1


@pytest.mark.parametrize("backend", list(BACKENDS))
def test_every_backend_has_the_same_bins(backend: str) -> None:
    times = [1, 999, 16_666_667, 20_000_000, 33_333_333, 1_000_000_000, 86_400_000_000_000]
    aggregator = BACKENDS[backend]()()
    for nanoseconds in times:
        aggregator.timing("frame_time", nanoseconds * 1e-9)
    (found,) = aggregator.drain(0, 1).timings.bins
    assert found == sorted((bins().bin_of(nanoseconds), 1) for nanoseconds in times)
