"""What the SDK costs besides recording: import time, memory after ``init``, CPU while idle."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable

ROUNDS = 11
IDLE_SECONDS = 25
MIB = 1024 * 1024

MEMORY = """
import os, sys, time
import psutil
process = psutil.Process()
before = process.memory_info().rss
import argus
argus.init(url="http://127.0.0.1:9", api_key="k")
argus.increment("n")
argus.flush(2)
time.sleep(1)
print(process.memory_info().rss - before)
"""

IDLE = """
import logging, sys, time
import argus
logging.disable()
argus.init(sink=lambda window, lines: None)
time.sleep(2)
began, cpu = time.monotonic(), time.process_time()
time.sleep(float(sys.argv[1]))
print(100 * (time.process_time() - cpu) / (time.monotonic() - began))
"""


def run(program: str, *arguments: str) -> float:
    """Run a program in an interpreter of its own and return the number it prints."""
    command = [sys.executable, "-c", program, *arguments]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def test_importing_argus_is_quick(claim: Callable[..., None]) -> None:
    """Import time over a bare interpreter, in milliseconds, the two taking turns."""
    program = "import time; t = time.perf_counter(); {}; print((time.perf_counter() - t) * 1000)"
    found = [run(program.format("import argus")) - run(program.format("pass")) for _ in range(ROUNDS)]
    claim("import argus", statistics.median(found), 20, "ms")


def test_a_client_takes_little_memory(claim: Callable[..., None]) -> None:
    """Resident memory that import, init and a first flush add; psutil's own import is in the baseline."""
    claim("memory after init", statistics.median(run(MEMORY) / MIB for _ in range(5)), 12, "MiB")


def test_an_idle_client_takes_next_to_no_cpu(claim: Callable[..., None]) -> None:
    """CPU of a program that does nothing but being monitored, system metrics included, in percent of a core."""
    claim("idle CPU", run(IDLE, str(IDLE_SECONDS)), 0.1, "% of a core")
