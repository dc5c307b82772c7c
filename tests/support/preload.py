"""The preloaded library and the programs that test it: built once, run with it, read back as a client gets it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import libargus
import psutil
import pytest
import terrain
from tools import missing

from argus.aggregate.merge import empty_window, merge_windows
from argus.aggregate.summary import Window
from argus.run.cells import CellFile
from argus.run.inside import Inside

__all__ = ["LIBRARY", "PARTS", "CellFile", "Inside", "Run", "Taker", "build", "glxgears", "libargus", "missing"]

PARTS = libargus.BUILD / "preload"
LIBRARY = PARTS / "libargus_preload.so"


@cache
def build() -> Path:
    """Return the folder of the test programs; skip the test where they cannot be built."""
    if sys.platform != "linux":
        pytest.skip("programs are preloaded into on Linux only")
    libargus.build("preload_tests")
    return PARTS / "tests"


def glxgears(environment: Mapping[str, str], seen: Callable[[], object] = lambda: None) -> str:
    """Let glxgears draw until it tells of five seconds, and return what it told; ``seen`` is called at that moment."""
    command = terrain.on_a_virtual_screen("glxgears")
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = next(line for line in process.stdout if "frames in" in line)
            seen()
        finally:  # the program ends, and by itself the screen that it runs on
            for child in psutil.Process(process.pid).children(recursive=True):
                if child.name() == "glxgears":
                    child.terminate()
    return line


class Taker:
    """Takes what :meth:`Inside.collect` hands out, as a client does."""

    def __init__(self) -> None:
        self.window: Window = empty_window(0, 0)
        self.gauges: dict[str, float] = {}
        self.counts: dict[str, float] = {}

    def carry(self, window: Window) -> None:
        self.window = merge_windows(self.window, window)

    def gauge(self, name: str, value: float, tags: Mapping[str, str]) -> None:
        self.gauges[f"{name}{{program={tags['program']}}}"] = value

    def increment(self, name: str, value: float = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + value

    def frames(self, program: str) -> int:
        counters = dict(zip(self.window.counters.keys, self.window.counters.count, strict=True))
        return counters.get(f"frames{{program={program}}}", 0)

    def times(self, program: str) -> tuple[int, float, float, float]:
        """Number, sum, least and greatest of the frame times."""
        timings = self.window.timings
        row = timings.keys.index(f"frame_time{{program={program}}}")
        return timings.count[row], timings.sum[row], timings.min[row], timings.max[row]


class Run:
    """Programs run in one run folder."""

    def __init__(self, folder: Path) -> None:
        build()
        self.folder = folder
        self.inside = Inside(folder, library=LIBRARY)
        self.taker = Taker()

    def environment(self, **more: str) -> dict[str, str]:
        environ = {**os.environ, "LD_LIBRARY_PATH": str(PARTS / "tests"), **more}
        return {**environ, **self.inside.environment(environ)}

    def __call__(self, *command: str | Path, timeout: float = 60, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end with the library in it."""
        return subprocess.run(
            [*map(str, command)],
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def program(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of the test programs."""
        return self(PARTS / "tests" / name, *arguments)

    def collect(self) -> Taker:
        """Take what was left since the last time."""
        self.inside.collect(self.taker)  # type: ignore[arg-type]  # all that it asks of a client
        return self.taker

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("*.inside"))
