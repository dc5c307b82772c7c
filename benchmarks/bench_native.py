"""libargus' own benchmark: what a record costs in C++, beside atomics and a mutex, in one run."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINE = re.compile(r"(.+?)\s+([\d.]+) ns\s+([\d.]+) ns")


def test_a_record_in_cpp(claim: Callable[..., None], tmp_path: Path) -> None:
    """Nanoseconds per thread at one and at two threads."""
    subprocess.run(["cmake", "-S", ROOT / "native/libargus", "-B", tmp_path, "-DARGUS_TESTS=OFF"], check=True)
    subprocess.run(["cmake", "--build", tmp_path], check=True)
    out = subprocess.run([tmp_path / "argus_bench"], check=True, capture_output=True, text=True).stdout
    print("\n" + out)
    found = {name: (float(one), float(two)) for name, one, two in LINE.findall(out)}
    add, swap, mutex = (found[n] for n in ("counter add", "atomic<double> compare-and-swap", "mutex"))
    claim("C++ add, 1 thread", add[0], 4, "ns")
    claim("C++ add, 2 threads", add[1], 4, "ns")
    claim("C++ add, 2 threads / 1 thread", add[1] / add[0], 1.2, "x")
    claim("atomic<double> CAS / C++ add, 2 threads", swap[1] / add[1], 10, "x", at_least=True)
    claim("mutex / C++ add, 2 threads", mutex[1] / add[1], 10, "x", at_least=True)
