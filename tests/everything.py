"""Prove the project: every stage, then one table of what passed, failed or was skipped, and why.

``python tests/everything.py`` runs all stages, in lanes side by side, for most of them leave a core idle; a stage's
output is shown when it is over. ``python tests/everything.py lint unit`` runs those named, one after another.
Called by ``make test``. A missing system package is installed where this runs as root on a machine with
apt; a tool that is still missing skips its stage with the reason, and with ``CI=true`` that skip is a
failure.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
IN_CI = os.environ.get("CI") == "true"
APT_PACKAGES = {
    "caddy": "caddy",
    "chromium": "chromium",
    "clang": "clang",
    "clang-format": "clang-format",
    "clang-tidy": "clang-tidy",
    "cmake": "cmake",
    "docker-compose": "docker-compose",
    "ninja": "ninja-build",
    "git": "git",
    "glmark2": "glmark2-x11",
    "glxgears": "mesa-utils",
    "/usr/lib/postgresql/*/bin/initdb": "postgresql",
    "/usr/x86_64-w64-mingw32/lib/libz.a": "libz-mingw-w64-dev",
    "influxd": "influxdb",
    "/usr/lib/*/libjemalloc.so.2": "libjemalloc2",
    "/usr/libexec/installed-tests/SDL2/testgeometry": "libsdl2-tests",
    "/usr/lib/*/libtcmalloc_minimal.so.4": "libtcmalloc-minimal4",
    "musl-gcc": "musl-tools",
    "openssl": "openssl",
    "pebble": "pebble",
    "pkg-config": "pkg-config",
    "redis-server": "redis-server",
    "valgrind": "valgrind",
    "victoria-metrics": "victoria-metrics",
    "vkcube": "vulkan-tools",
    "/usr/share/vulkan/icd.d/lvp_icd.*": "mesa-vulkan-drivers",
    "wine": "wine",
    "x86_64-w64-mingw32-g++-posix": "g++-mingw-w64-x86-64-posix",
    "xauth": "xauth",
    "xvfb-run": "xvfb",
}
"""Tool on the PATH, or a file (a glob) → Debian package that brings it."""
APT_HEADERS = {
    "benchmark/benchmark.h": "libbenchmark-dev",
    "SDL2/SDL.h": "libsdl2-dev",
    "curl/curl.h": "libcurl4-openssl-dev",
    "zlib.h": "zlib1g-dev",
}
"""Header the C++ compiler finds → Debian package that brings it."""

NOBODY_TO_ASK = 75
"""Exit status of the audit where it could not be made, or not of every package."""


class Skip(Exception):
    """A stage cannot run here; the message says why and what would help."""


class Failure(Exception):
    """A stage ran and did not hold."""


class Outcome(NamedTuple):
    """What became of one stage."""

    stage: str
    state: str
    seconds: float
    processor: float
    """Processor seconds: of the commands that it ran, and of all that they waited for."""
    reason: str = ""
    skips: tuple[str, ...] = ()
    """What was skipped inside of it, where its output was kept."""


class Here(threading.local):
    """The stage that runs on this thread: where it writes (a file in a lane, else the terminal), and what it cost."""

    output: IO[str] | None = None
    processor: float = 0


here = Here()


def run(*command: str, env: dict[str, str] | None = None) -> None:
    """Run a command and show its output; raise ``Failure`` when it fails."""
    shown = " ".join(Path(word).name if i == 0 else word for i, word in enumerate(command))
    print(f"  $ {shown}", file=here.output, flush=True)
    environment = {**os.environ, **(env or {})}
    # Hundreds of processes import the same modules; where none may keep what it compiled, each compiles them all.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=here.output, stderr=here.output and subprocess.STDOUT
    )
    with process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    here.processor += used.ru_utime + used.ru_stime
    if process.returncode:
        raise Failure(f"{Path(command[0]).name} {' '.join(command[1:4])} … exited with {process.returncode}")


def need(*tools: str) -> None:
    """Raise ``Skip`` unless every tool is on the PATH, and every header (``*.h``) is found by the C++ compiler."""
    absent = [tool for tool in tools if missing(tool)]
    if absent:
        known = APT_PACKAGES | APT_HEADERS
        packages = " ".join(known.get(tool, tool) for tool in absent)
        raise Skip(f"{', '.join(absent)} missing; on Debian: apt-get install {packages}")


def missing(tool: str) -> bool:
    """Whether a tool is not on the PATH, a file not there, or a header not among those the C++ compiler finds."""
    if tool.startswith("/"):
        return not any(Path("/").glob(tool.removeprefix("/")))
    if not tool.endswith(".h"):
        return shutil.which(tool) is None
    look = ["c++", "-E", "-x", "c++", "-o", os.devnull, "-"]
    return shutil.which("c++") is None or bool(
        subprocess.run(look, input=f"#include <{tool}>\n", text=True, capture_output=True, check=False).returncode
    )


def system() -> None:
    """Install what is missing of the system's packages, where that is possible."""
    wanted = ["g++"] if missing("c++") else []
    wanted += [package for tool, package in (APT_PACKAGES | APT_HEADERS).items() if missing(tool)]
    if wanted and (os.geteuid() != 0 or shutil.which("apt-get") is None):
        raise Skip(f"not root on a machine with apt: {' '.join(wanted)} not installed")
    if wanted:
        apt_install(wanted)
    runtime = clang_runtime()
    if runtime and os.geteuid() == 0 and shutil.which("apt-get"):
        apt_install([runtime])


def apt_install(packages: Sequence[str]) -> None:
    """Install Debian packages without questions."""
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "-qq", "update", env=quiet)
    run("apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages, env=quiet)


def clang_runtime() -> str | None:
    """Return the package of clang's sanitizer runtime where it is missing."""
    if shutil.which("clang") is None:
        return None
    answer = subprocess.run(["clang", "--print-runtime-dir"], capture_output=True, text=True, check=True).stdout.strip()
    if list(Path(answer).glob("libclang_rt.asan*")):
        return None
    version = subprocess.run(["clang", "--version"], capture_output=True, text=True, check=True).stdout
    major = re.search(r"version (\d+)", version)
    return f"libclang-rt-{major[1]}-dev" if major else None


def lint() -> None:
    """Check style: ruff's rules and its format."""
    run(PYTHON, "-m", "ruff", "check", ".")
    run(PYTHON, "-m", "ruff", "format", "--check", ".")


def types() -> None:
    """Check types: mypy, strict."""
    run(PYTHON, "-m", "mypy")


def audit() -> None:
    """Ask the registries whether a dependency has a known vulnerability."""
    try:
        run(PYTHON, "tests/support/dependency_audit.py")
    except Failure as failure:
        if str(failure).endswith(f" {NOBODY_TO_ASK}"):
            raise Skip("known vulnerabilities were NOT CHECKED, or not of every package: see above") from failure
        raise


def build() -> None:
    """Build what several stages run: libargus and the terrain program."""
    need("cmake", "c++", "curl/curl.h", "zlib.h")
    run(PYTHON, "tests/support/built.py", env={"PYTHONPATH": str(ROOT)})


def native() -> None:
    """Build and test libargus and the examples: gcc, clang, sanitizers, valgrind, fuzzers, format, clang-tidy."""
    need("cmake", "c++", "clang", "clang-format", "clang-tidy", "valgrind")
    need("benchmark/benchmark.h", "curl/curl.h", "zlib.h")
    run("bash", "native/libargus/check.sh", env={"PYTHON": PYTHON})
    own = ("tests/native", "tests/examples", "tests/preload")
    run(PYTHON, "-m", "pytest", "-q", *own)


def cross() -> None:
    """Build libargus for Windows and macOS, and run the Windows build's tests under Wine."""
    need("cmake", "c++")
    run("bash", "native/libargus/cross/check.sh", env={"PYTHON": PYTHON})


def dashboard() -> None:
    """Check, test and build the dashboard."""
    npm = (PYTHON, "dashboard/npm.py")
    run(*npm, "ci", "--no-fund", "--no-audit", "--loglevel=error")
    run(*npm, "run", "check")
    run(*npm, "test")
    run(*npm, "run", "build")


def unit() -> None:
    """Unit, contract and integration tests."""
    # These have stages of their own.
    others = ("e2e", "package", "deploy", "native", "examples", "preload", "server/stores")
    ignored = [f"--ignore=tests/{folder}" for folder in others]
    run(PYTHON, "-m", "pytest", "-q", *ignored)


def stores() -> None:
    """Hold every store to the contract, with real databases."""
    run(PYTHON, "-m", "pytest", "-q", "tests/server/stores")


def browser() -> None:
    """Drive the dashboard in a real browser, against a real server."""
    need("chromium")
    if not (ROOT / "argus/server/static/index.html").exists():
        raise Skip("the dashboard is not built: run the dashboard stage first")
    run(PYTHON, "-m", "pytest", "-q", "tests/e2e")


def package() -> None:
    """Install the project the way a user does, in an environment of its own, and use it."""
    run(PYTHON, "-m", "pytest", "-q", "tests/package")


def deploy() -> None:
    """Run the steps of the image, and hold Compose's, Caddy's and systemd's files to those who read them."""
    run(PYTHON, "-m", "pytest", "-q", "tests/deploy")


STAGES: dict[str, Callable[[], None]] = {
    stage.__name__: stage
    for stage in (system, build, lint, types, audit, native, cross, package, dashboard, unit, stores, browser, deploy)
}
FIRST = ("system", "build")
"""What the others need, before them and one after another."""
LANES = (("lint", "types", "native", "package", "deploy"), ("dashboard", "browser", "cross"), ("unit", "stores"))
"""What runs side by side, after them: three lanes keep two cores busy, for the tests of the last mostly wait."""

SKIPPED = re.compile(r"^(?:SKIPPED|  skipped:) *(.*)", re.MULTILINE)
"""How pytest, and the stages' scripts, tell of something that was left out."""

printing = threading.Lock()


def outcome(name: str) -> Outcome:
    """Run one stage and say what became of it."""
    print(f"\n── {name}: {STAGES[name].__doc__}", file=here.output, flush=True)
    began, here.processor = time.monotonic(), 0
    state, reason = "passed", ""
    try:
        STAGES[name]()
    except Skip as skip:
        state, reason = "FAILED" if IN_CI else "skipped", str(skip)
    except Failure as failure:
        state, reason = "FAILED", str(failure)
    return Outcome(name, state, time.monotonic() - began, here.processor, reason)


def kept(name: str) -> Outcome:
    """Run one stage with its output kept, and show that as a whole."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        here.output = output
        result = outcome(name)
        here.output = None
        output.seek(0)
        text = output.read()
    with printing:
        print(text, end="", flush=True)
    return result._replace(skips=tuple(SKIPPED.findall(text)))


def lane(names: Sequence[str]) -> list[Outcome]:
    """Run stages one after another, each with its output kept."""
    return [kept(name) for name in names]


def side_by_side() -> list[Outcome]:
    """Run everything."""
    first = [kept(name) for name in FIRST]
    print(f"\n── {len(LANES)} lanes: {'; '.join(' → '.join(names) for names in LANES)}", flush=True)
    with ThreadPoolExecutor(len(LANES)) as pool:
        return [*first, *(result for results in pool.map(lane, LANES) for result in results)]


def report(outcomes: Sequence[Outcome]) -> int:
    """Print the table, and the list of what was skipped; return the exit status."""
    print("\n── summary: seconds by the clock, and of the processors")
    for result in outcomes:
        print(f"  {result.state:<8} {result.stage:<10} {result.seconds:6.1f} {result.processor:6.1f}  {result.reason}")
    print(f"  {'':8} {'together':<10} {'':6} {sum(result.processor for result in outcomes):6.1f}")
    for result in outcomes:
        for skip in result.skips:
            print(
                f"  skipped  {result.stage:<10} {skip.strip().removeprefix('SKIPPED').removeprefix('skipped:').strip()}"
            )
    count = {state: sum(o.state == state for o in outcomes) for state in ("passed", "FAILED", "skipped")}
    print(f"\n{count['passed']} passed, {count['FAILED']} failed, {count['skipped']} skipped")
    return 1 if count["FAILED"] else 0


def main(names: Sequence[str]) -> int:
    """Run the named stages, or all; return the exit status."""
    unknown = [name for name in names if name not in STAGES]
    if unknown:
        print(f"no stage {unknown[0]!r}; the stages are {', '.join(STAGES)}")
        return 2
    return report([outcome(name) for name in names] if names else side_by_side())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
