"""What the library that `argus run` preloads costs: a frame, a program that draws, the start of one that does not."""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import preload
import pytest
import terrain

PAIRS = 7
STARTS = 200


@pytest.fixture
def run() -> Iterator[preload.Run]:
    """Give a run folder in memory."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield preload.Run(Path(folder))


def in_turns(run: preload.Run, measure: Callable[[dict[str, str]], float]) -> tuple[float, float]:
    """Return the medians of what was measured with the library and without it, taking turns."""
    found: dict[bool, list[float]] = {True: [], False: []}
    inside = run.environment()
    outside = {name: value for name, value in inside.items() if name not in {"LD_PRELOAD", "ARGUS_RUN_DIR"}}
    for pair in range(PAIRS):
        for preloaded in (True, False) if pair % 2 else (False, True):
            found[preloaded].append(measure(inside if preloaded else outside))
            run.collect()
    return statistics.median(found[True]), statistics.median(found[False])


def test_a_frame(run: preload.Run, claim: Callable[..., None]) -> None:
    """Show two million frames that cost nothing by themselves."""

    def nanoseconds(environment: dict[str, str]) -> float:
        command = [preload.PARTS / "tests/preload_bench"]
        return float(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)

    preloaded, plain = in_turns(run, nanoseconds)
    print(f"\na frame: {preloaded:.1f} ns with the library, {plain:.1f} ns without")
    claim("preload, what a frame costs", preloaded - plain, 100.0, "ns")


def test_glxgears(run: preload.Run, claim: Callable[..., None]) -> None:
    """Let glxgears draw as fast as it can."""
    if shutil.which("glxgears") is None:
        pytest.skip("glxgears is missing; on Debian: apt-get install mesa-utils")
    screen = terrain.on_a_virtual_screen()

    def rate(environment: dict[str, str]) -> float:
        command = [*screen, "glxgears"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            line = next(line for line in process.stdout if "FPS" in line)
            process.terminate()
        return float(re.findall(r"= ([\d.]+) FPS", line)[0])

    preloaded, plain = in_turns(run, rate)
    print(f"\nglxgears: {preloaded:.1f} frames/s with the library, {plain:.1f} without, ratio {preloaded / plain:.3f}")
    claim("preload, frame rate of glxgears with / without", preloaded / plain, 0.98, "x", at_least=True)


def test_a_start(run: preload.Run, claim: Callable[..., None]) -> None:
    """Start a program that has nothing to tell."""

    def seconds(environment: dict[str, str]) -> float:
        began = time.perf_counter()
        for _ in range(STARTS):
            subprocess.run(["/bin/true"], env=environment, check=True)
        return (time.perf_counter() - began) / STARTS

    preloaded, plain = in_turns(run, seconds)
    print(f"\na start: {1e6 * preloaded:.0f} µs with the library, {1e6 * plain:.0f} without")
    claim("preload, what the start of a program costs", 1e6 * (preloaded - plain), 500.0, "µs")
