"""Builds the terrain program, for ``make demo`` and the tests, and finds it a screen."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import psutil

SOURCE = Path(__file__).resolve().parent
BUILD = SOURCE.parents[1] / "build/terrain"


class Missing(Exception):
    """Something of the system's is not there; the message says what, and what would help."""


@cache
def build() -> Path:
    """Return the program, built from what is in this folder now."""
    if shutil.which("cmake") is None or shutil.which("c++") is None:
        raise Missing("cmake or a C++ compiler is missing; on Debian: apt-get install cmake g++")
    configured = run("cmake", "-S", str(SOURCE), "-B", str(BUILD))
    if "Could NOT find CURL" in configured.stderr or "Could NOT find ZLIB" in configured.stderr:
        raise Missing(
            "the headers of libcurl or zlib are missing; on Debian: apt-get install libcurl4-openssl-dev zlib1g-dev"
        )
    built = configured if configured.returncode else run("cmake", "--build", str(BUILD), "--parallel", "2")
    if built.returncode:
        raise RuntimeError(f"the terrain does not build:\n{built.stdout}{built.stderr}")
    return BUILD / "terrain"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, quietly."""
    return subprocess.run(command, capture_output=True, text=True, check=False)


def need_window() -> None:
    """Raise ``Missing`` where the program was built without one."""
    build()
    if "SDL2_DIR:PATH=SDL2_DIR-NOTFOUND" in (BUILD / "CMakeCache.txt").read_text():
        raise Missing("SDL2's headers are missing; on Debian: apt-get install libsdl2-dev")


def virtual_screen() -> list[str]:
    """Return the words that run a command under Xvfb."""
    if shutil.which("xvfb-run") is None or shutil.which("xauth") is None:
        raise Missing("xvfb-run or xauth is missing; on Debian: apt-get install xvfb xauth libgl1-mesa-dri")
    return ["xvfb-run", "--auto-servernum", "--server-args=-screen 0 1920x1080x24"]


def flight() -> list[str]:
    """Return a command that flies, in a window where that is possible, else on a virtual screen, else without one."""
    program = str(build())
    try:
        need_window()
        if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            return [program]
        return [*virtual_screen(), program, "--size", "640x360", "--fps-cap", "20"]  # nobody looks: it need not hurry
    except Missing as missing:
        print(f"the terrain is not drawn: {missing}")
        return [program, "--headless"]


def end(process: subprocess.Popen[bytes]) -> None:
    """End a flight and return when it is over: first the program, then by itself the virtual screen it may run on."""
    with contextlib.suppress(psutil.NoSuchProcess):  # its window was closed
        started = psutil.Process(process.pid)
        for member in (started, *started.children(recursive=True)):
            if member.name() == "terrain":
                member.terminate()
    process.wait(timeout=10)
