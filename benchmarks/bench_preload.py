"""What the library that `argus run` preloads costs: a frame, a program that draws, the start of one that does not."""

from __future__ import annotations

import re
import resource
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import preload
import pytest

PAIRS = 7
STARTS = 200


@pytest.fixture
def run() -> Iterator[preload.Run]:
    """Give a run folder in memory."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield preload.Run(Path(folder))


def in_turns(run: preload.Run, measure: Callable[[dict[str, str]], float]) -> tuple[list[float], list[float]]:
    """Return what was measured with the library and without it, pair by pair."""
    found: dict[bool, list[float]] = {True: [], False: []}
    inside = run.environment()
    outside = {name: value for name, value in inside.items() if name not in {"LD_PRELOAD", "ARGUS_RUN_DIR"}}
    for pair in range(PAIRS):
        for preloaded in (True, False) if pair % 2 else (False, True):
            found[preloaded].append(measure(inside if preloaded else outside))
            run.collect()
    return found[True], found[False]


def used() -> float:
    """Return the processor time of the children that have ended, in seconds."""
    times = resource.getrusage(resource.RUSAGE_CHILDREN)
    return times.ru_utime + times.ru_stime


def test_a_frame(run: preload.Run, claim: Callable[..., None]) -> None:
    """Show two million frames that cost nothing by themselves."""

    def nanoseconds(environment: dict[str, str]) -> float:
        command = [preload.PARTS / "tests/preload_bench"]
        return float(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)

    preloaded, plain = map(statistics.median, in_turns(run, nanoseconds))
    print(f"\na frame: {preloaded:.1f} ns with the library, {plain:.1f} ns without")
    claim("preload, what a frame costs", preloaded - plain, 100.0, "ns")


def test_glxgears(run: preload.Run, claim: Callable[..., None]) -> None:
    """Let glxgears draw as fast as it can."""
    if shutil.which("glxgears") is None:
        pytest.skip("glxgears is missing; on Debian: apt-get install mesa-utils")

    rates: list[float] = []

    def microseconds(environment: dict[str, str]) -> float:
        before = used()
        line = preload.glxgears(environment)
        rates.append(float(re.findall(r"= ([\d.]+) FPS", line)[0]))
        return 1e6 * (used() - before) / int(line.split()[0])

    pairs = list(zip(*in_turns(run, microseconds), strict=True))
    ratio = statistics.median(preloaded / plain for preloaded, plain in pairs)
    print(f"\nglxgears, µs of processor time a frame, with and without: {[tuple(map(round, pair)) for pair in pairs]}")
    print(f"frames/s in the order they were measured, each pair the other way round: {[round(rate) for rate in rates]}")
    claim("preload, processor time of a frame of glxgears with / without", ratio, 1.02, "x")


def test_a_start(run: preload.Run, claim: Callable[..., None]) -> None:
    """Start a program that has nothing to tell."""

    def microseconds(environment: dict[str, str]) -> float:
        before = used()
        for _ in range(STARTS):
            subprocess.run(["/bin/true"], env=environment, check=True)
        return 1e6 * (used() - before) / STARTS

    preloaded, plain = map(statistics.median, in_turns(run, microseconds))
    print(f"\na start: {preloaded:.0f} µs of processor time with the library, {plain:.0f} without")
    claim("preload, what the start of a program costs", preloaded - plain, 500.0, "µs")
