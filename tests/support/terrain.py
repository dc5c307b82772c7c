"""The terrain example as the tests need it: built once per session."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "examples/terrain"
BUILD = ROOT / "build/terrain"


@cache
def build() -> Path:
    """Return the program; skip the test where the tools to build it are missing."""
    if shutil.which("cmake") is None or shutil.which("c++") is None:
        pytest.skip("cmake or a C++ compiler is missing; on Debian: apt-get install cmake g++")
    configure = ["cmake", "-S", str(SOURCE), "-B", str(BUILD)]
    found = subprocess.run(configure, capture_output=True, text=True, check=False)
    if "Could NOT find CURL" in found.stderr or "Could NOT find ZLIB" in found.stderr:
        pytest.skip("libcurl's headers are missing; on Debian: apt-get install libcurl4-openssl-dev zlib1g-dev")
    assert found.returncode == 0, found.stderr
    command = ["cmake", "--build", str(BUILD), "--parallel", "2"]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    return BUILD / "terrain"


def build_with_window() -> Path:
    """Return the program; skip the test where it has no window or there is no screen to put it on."""
    program = build()
    if "SDL2_DIR:PATH=SDL2_DIR-NOTFOUND" in (BUILD / "CMakeCache.txt").read_text():
        pytest.skip("SDL2's headers are missing; on Debian: apt-get install libsdl2-dev")
    return program


def on_a_virtual_screen(*command: str) -> list[str]:
    """Return a command that runs ``command`` under Xvfb; skip the test where that is missing."""
    if shutil.which("xvfb-run") is None or shutil.which("xauth") is None:
        pytest.skip("xvfb-run or xauth is missing; on Debian: apt-get install xvfb xauth libgl1-mesa-dri")
    return ["xvfb-run", "--auto-servernum", "--server-args=-screen 0 1920x1080x24", *command]
