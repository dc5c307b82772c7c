"""What ``argus run`` adds to a Python program: time to start and end, and memory; with and without taking turns.

Instructions are counted too, where valgrind is there: they are the same whatever else the machine does.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import server_double

from argus import bootstrap

ROUNDS = 31

MEMORY = """
import os, time
time.sleep(float(os.environ["SECONDS"]))
with open("/proc/self/statm") as file:
    print(int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
"""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment without Argus."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, symlinks=True)
    return folder / "bin" / "python"


@pytest.fixture
def url() -> Iterator[str]:
    """The address of a server that takes everything, in this process, which is not measured."""
    server = server_double.Server()
    yield server.url
    server.close()


def environments(url: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the environments of a program without and with monitoring."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("ARGUS_", "PYTHON"))}
    return plain, bootstrap.environment({**plain, "ARGUS_URL": url, "ARGUS_API_KEY": "k"})


def milliseconds(python: Path | str, program: str, environment: dict[str, str]) -> float:
    """Run a program, and return how long it took."""
    began = time.perf_counter()
    subprocess.run([python, "-c", program], env=environment, check=True)
    return (time.perf_counter() - began) * 1000


PROGRAMS = {
    "does nothing": ("pass", 30),
    "imports asyncio and logging": ("import asyncio, logging", 25),
    "logs a line, which is sent at its end": ("import logging; logging.error('x')", 150),
}
"""A program, and how much longer it may take, in milliseconds."""


@pytest.mark.parametrize("what", PROGRAMS)
@pytest.mark.parametrize("own", [False, True], ids=["Argus out of sight", "its own Argus"])
def test_the_start_and_the_end_of_a_program(
    what: str, own: bool, url: str, bare: Path, claim: Callable[..., None]
) -> None:
    """How much longer a program takes from its start to its end."""
    plain, monitored = environments(url)
    program, reach = PROGRAMS[what]
    python = sys.executable if own else bare
    added = [milliseconds(python, program, monitored) - milliseconds(python, program, plain) for _ in range(ROUNDS)]
    where = "with its own Argus" if own else "with Argus out of sight"
    claim(f"added to a program that {what}, {where}", statistics.median(added), reach, "ms")


def instructions(python: Path, environment: dict[str, str]) -> int:
    """Return how many a program takes from its start to its first line.

    The least of three: where that takes a second, as it may on a busy machine, our thread begins to load what it needs.
    """
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    command = [*valgrind, str(python), "-c", "import os; os._exit(0)"]
    environment = {**environment, "PYTHONHASHSEED": "0"}
    counts = []
    for _ in range(3):
        said = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stderr
        counted = re.search(r"Collected : (\d+)", said)
        assert counted is not None, said
        counts.append(int(counted[1]))
    return min(counts)


def test_the_instructions_of_a_start(url: str, bare: Path, claim: Callable[..., None]) -> None:
    """What stands between a program and its first line, with Argus out of its sight."""
    if shutil.which("valgrind") is None:
        pytest.skip("valgrind is missing; on Debian: apt-get install valgrind")
    plain, monitored = environments(url)
    subprocess.run([bare, "-c", "pass"], env=monitored, check=True)  # keeps the byte code
    added = instructions(bare, monitored) - instructions(bare, plain)
    claim("instructions added to a start, Argus out of sight", added / 1e6, 100, "million")


def test_memory(url: str, bare: Path, claim: Callable[..., None]) -> None:
    """Resident memory added once everything is loaded."""
    plain, monitored = environments(url)

    def resident(environment: dict[str, str]) -> int:
        command = [str(bare), "-c", MEMORY]
        environment = {**environment, "SECONDS": "2", "ARGUS_FLUSH_INTERVAL": "0.5"}
        return int(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)

    added = statistics.median(resident(monitored) - resident(plain) for _ in range(5))
    claim("memory added to a program", added / 1024 / 1024, 20, "MiB")
