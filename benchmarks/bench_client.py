"""What the SDK costs besides recording: import time, memory after ``init``, CPU while idle."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import server_double

ROUNDS = 11
IDLE_SECONDS = 25
MIB = 1024 * 1024

MEMORY = """
import os, sys
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
before = resident()
import argus
argus.init(url=sys.argv[1], api_key="k")
argus.increment("n")
assert argus.flush(5)
print(resident() - before)
"""

IDLE = """
import logging, sys, time
import argus
logging.disable()
argus.init(url=sys.argv[1], api_key="k")
time.sleep(2)
began, cpu = time.monotonic(), time.process_time()
time.sleep(float(sys.argv[2]))
print(100 * (time.process_time() - cpu) / (time.monotonic() - began))
"""


def run(program: str, *arguments: str) -> float:
    """Run a program in an interpreter of its own and return the number it prints."""
    command = [sys.executable, "-c", program, *arguments]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.fixture
def url() -> Iterator[str]:
    """The address of a server that takes everything, in this process, which is not measured."""
    server = server_double.Server()
    yield server.url
    server.close()


def test_importing_argus_is_quick(claim: Callable[..., None]) -> None:
    """Import time over a bare interpreter, in milliseconds, the two taking turns."""
    program = "import time; t = time.perf_counter(); {}; print((time.perf_counter() - t) * 1000)"
    found = [run(program.format("import argus")) - run(program.format("pass")) for _ in range(ROUNDS)]
    claim("import argus", statistics.median(found), 20, "ms")


def test_a_client_takes_little_memory(claim: Callable[..., None], url: str) -> None:
    """Resident memory that import, init and a first flush add to an interpreter, with all that they import."""
    claim("memory after init", statistics.median(run(MEMORY, url) / MIB for _ in range(5)), 12, "MiB")


def test_an_idle_client_takes_next_to_no_cpu(claim: Callable[..., None], url: str) -> None:
    """CPU of a program that does nothing but being monitored, measuring and sending, in percent of a core."""
    claim("idle CPU", run(IDLE, url, str(IDLE_SECONDS)), 0.1, "% of a core")
