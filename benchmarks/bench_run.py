"""What ``argus run`` costs the program it watches: what it prints, how fast it is, its start; paired, in turns."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest
import server_double
from outside import ARGUS_RUN, environment

ROUNDS = 5
IDLE_SECONDS = 25
MIB = 1024 * 1024

PRINT = """
import os, sys, time
chunk, count = {chunk}, {count}
began = time.perf_counter()
for _ in range(count):
    os.write(1, chunk)
print(len(chunk) * count / (time.perf_counter() - began), file=sys.stderr)
"""
BYTES = PRINT.format(chunk="bytes(65536)", count=6_000)
LINES = PRINT.format(
    chunk="b'2026-01-02 03:04:05,678 INFO shop.orders: order 4711 was paid by card\\n' * 900", count=3_000
)

WORK = """
import sys, time
began = time.perf_counter()
for order in range(2000):
    sum(range(20_000))
    print(f"INFO shop: order {order} was paid", flush=True)
print(time.perf_counter() - began, file=sys.stderr)
"""


@pytest.fixture
def url() -> Iterator[str]:
    """The address of a server that takes everything, in this process."""
    server = server_double.Server()
    yield server.url
    server.close()


def told(url: str, program: str, *under: str) -> float:
    """Run a program whose output goes through a pipe to a reader, and return the number it says at its end."""
    command = [*under, sys.executable, "-c", program]
    with (
        subprocess.Popen(command, env=environment(url), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process,
        subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL),
    ):
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        return float(process.stderr.read())


def ratio(url: str, program: str) -> tuple[float, float]:
    """Return the median of what a program tells under ``argus run`` against alone, in turns, and of alone itself."""
    pairs = [(told(url, program, *ARGUS_RUN), told(url, program)) for _ in range(ROUNDS)]
    return statistics.median(watched / alone for watched, alone in pairs), statistics.median(a for _, a in pairs)


@pytest.mark.parametrize(("what", "program"), [("64 KiB at a time", BYTES), ("log lines", LINES)])
def test_what_a_program_prints_passes_quickly(claim: Callable[..., None], url: str, what: str, program: str) -> None:
    """Bytes per second of a program that does nothing but print, against a pipe without a parent in between."""
    share, alone = ratio(url, program)
    claim(f"printing {what} as fast as can be: watched", share * alone / MIB, 100, "MiB/s", at_least=True)
    claim(f"printing {what}: watched against alone", share, 0.25, "x", at_least=True)


def test_a_program_that_works_and_logs_is_as_fast(claim: Callable[..., None], url: str) -> None:
    """Time of a program that works, and prints a line every half millisecond, against the same alone."""
    claim("a working program's time: watched against alone", ratio(url, WORK)[0], 1.05, "x")


def test_a_program_starts_a_little_later(claim: Callable[..., None], url: str) -> None:
    """Time from the call to the program's first byte, over that of the program alone."""

    def started(*under: str) -> float:
        began = time.perf_counter()
        with subprocess.Popen([*under, "echo"], env=environment(url), stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.read(1)
            return 1000 * (time.perf_counter() - began)

    found = [started(*ARGUS_RUN) - started() for _ in range(2 * ROUNDS)]
    claim("start of a program: later by", statistics.median(found), 60, "ms")


def test_the_parent_is_small_and_idle_while_nothing_happens(claim: Callable[..., None], url: str) -> None:
    """CPU of the parent of a program that sleeps, with every look and every batch, and its memory."""
    with subprocess.Popen([*ARGUS_RUN, "sleep", str(IDLE_SECONDS + 60)], env=environment(url)) as process:
        parent = psutil.Process(process.pid)
        time.sleep(3)
        before = parent.cpu_times()
        time.sleep(IDLE_SECONDS)
        after = parent.cpu_times()
        spent = after.user + after.system - before.user - before.system
        claim("the parent's idle CPU", 100 * spent / IDLE_SECONDS, 0.2, "% of a core")
        claim("the parent's memory, its own alone", parent.memory_full_info().uss / MIB, 32, "MiB")
        os.kill(process.pid, 15)
