"""What a program holds: memory of the graphics card by its own requests, the heap by its allocator."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import preload
import pytest


def held(run: preload.Run, name: str, program: str) -> int:
    """What a dead program held in the end, as its file tells."""
    (path,) = run.folder.glob("*.inside")
    file = preload.CellFile.open(path)
    assert file is not None
    assert file.program == program
    return getattr(file.read(), name)


def test_textures_are_weighed_by_size_format_levels_and_faces(run) -> None:
    assert run.program("preload_linked", "textures").returncode == 0
    expected = 256 * 256 * 4 + 90_000 * 4 // 3 + 6 * 10 * 10 * 4 + 2048 + 6 * 64 * 64 // 2
    assert held(run, "texture_bytes", "preload_linked") == expected


def test_textures_that_are_too_many_are_counted_as_untracked(run) -> None:
    assert run.program("preload_linked", "many-textures").returncode == 0
    followed = held(run, "texture_bytes", "preload_linked") // 100
    assert 10_000 < followed < 16_384
    assert run.collect().counts == {"argus.inside.untracked": 20_000 - followed}


def test_textures_that_come_and_go_leave_room(run) -> None:
    assert run.program("preload_linked", "texture-churn").returncode == 0
    assert held(run, "texture_bytes", "preload_linked") == 100 * 100
    assert run.collect().counts == {}


def test_textures_are_weighed_for_functions_that_sdl_gave(run) -> None:
    assert run.program("preload_loaded", "by-sdl").returncode == 0
    assert held(run, "texture_bytes", "preload_loaded") == 40_000


def test_vulkan_s_allocations_are_added_up(run) -> None:
    assert run.program("preload_loaded", "by-vulkan").returncode == 0
    assert held(run, "graphics_bytes", "preload_loaded") == (1 + 3) << 20


@contextlib.contextmanager
def waiting(run: preload.Run, held_bytes: int, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A program that waits for events and holds so much."""
    program = [str(preload.PARTS / "tests/preload_loaded"), "events", "60", str(held_bytes)]
    with subprocess.Popen(program, env=run.environment(**more), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "waiting\n"
            yield process
        finally:
            process.kill()


def wait_for(happened: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


@pytest.mark.parametrize("allocator", ["glibc", "jemalloc", "tcmalloc_minimal"])
def test_a_program_that_waits_for_events_tells_its_heap_when_asked(run, allocator: str) -> None:
    variables = {}
    if allocator != "glibc":
        found = sorted(Path("/usr/lib").glob(f"*-linux-gnu/lib{allocator}.so.*"))
        if not found:
            preload.missing(f"{allocator} is missing; on Debian: apt-get install libjemalloc2 libtcmalloc-minimal4")
        variables["LD_PRELOAD"] = str(found[0])
    name = "heap_bytes{program=preload_loaded}"
    with waiting(run, 50 << 20, **variables):
        wait_for(lambda: name in run.collect().gauges, "no answer")
        assert 50 << 20 <= run.taker.gauges[name] < 60 << 20, "allocators round up"
    run.collect()
    assert run.taker.gauges[name] == 0, "the dead hold nothing"
    assert run.files() == []


def test_a_slow_heap_is_asked_for_less_often(run) -> None:
    now = 0.0
    run.inside = preload.Inside(run.folder, library=preload.LIBRARY, clock=lambda: now)
    with waiting(run, 1000):
        wait_for(lambda: "heap_bytes{program=preload_loaded}" in run.collect().gauges, "no answer")
        (path,) = run.folder.glob("*.inside")
        with path.open("r+b") as raw:
            raw.seek(200)  # what the answer took
            raw.write((2_000_000).to_bytes(8, "little"))
        now = 10.0
        run.collect()
        (known,) = run.inside._processes.values()
        assert (known.questions, known.ask_at) == (2, 310.0)
