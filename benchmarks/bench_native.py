"""libargus' own benchmark: what a record costs in C++, beside atomics and a mutex, in one run."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONFIGURE = ("cmake", "-S", ROOT / "native/libargus", "-DARGUS_TESTS=OFF", "-DCMAKE_BUILD_TYPE=Release")
REPETITIONS = 5


def measure(build: Path) -> dict[str, dict[int, float]]:
    """Return, by benchmark and threads, the median nanoseconds of CPU that one operation takes a thread."""
    subprocess.run([*CONFIGURE, "-B", build], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", build, "--parallel", "2"], check=True, stdout=subprocess.DEVNULL)
    program = build / "bench/record_bench"
    options = (f"--benchmark_repetitions={REPETITIONS}", "--benchmark_min_time=0.1", "--benchmark_format=json")
    out = subprocess.run([program, *options], check=True, capture_output=True, text=True).stdout
    found: dict[str, dict[int, float]] = {}
    for row in json.loads(out)["benchmarks"]:
        if row.get("aggregate_name") == "median":
            found.setdefault(row["run_name"].partition("/")[0], {})[row["threads"]] = row["cpu_time"]
    return found


def test_a_record_in_cpp(claim: Callable[..., None], tmp_path: Path) -> None:
    """By handle at one and at two threads; the peers' ways in the same run."""
    ns = measure(tmp_path)
    for name, times in ns.items():
        print(f"\n{name:<28}" + "".join(f"{time:>10.2f} ns at {threads} thread(s)" for threads, time in times.items()))
    add = ns["counter_increment"]
    claim("C++ increment by handle, 1 thread", add[1], 4, "ns")
    claim("C++ increment by handle, 2 threads", add[2], 4, "ns")
    claim(
        "atomic<double> CAS / C++ increment, 2 threads",
        ns["atomic_compare_and_swap"][2] / add[2],
        10,
        "x",
        at_least=True,
    )
    claim("mutex / C++ increment, 2 threads", ns["mutex_add"][2] / add[2], 10, "x", at_least=True)
    recorded = ns["registry_add_recorded"][1] / ns["registry_add"][1]
    claim("C++ increment with / without flight recorder", recorded, 1.1, "x")
    claim("C++ timing record", ns["timing_record"][1], 6, "ns")
    claim("C++ scoped timer around 70 ns of work", ns["work_timed"][1] - ns["work_alone"][1], 30, "ns")
    claim("C++ scoped timer, empty ones in a row", ns["scoped_timer"][1], 30, "ns")
    claim("C++ by name with 2 tags", ns["by_name_with_2_tags"][1], 100, "ns")
    claim("C++ drain of 10 000 series", ns["drain_of_10_000_series"][1] / 1e6, 5, "ms")


def test_what_including_the_header_costs(claim: Callable[..., None], tmp_path: Path) -> None:
    """Compiling an empty program with our header, and with the two headers nearly every program includes, in turn."""
    programs = {"argus": "#include <argus/argus.hpp>\n", "plain": "#include <string>\n#include <vector>\n"}
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    for name, includes in programs.items():
        (tmp_path / f"{name}.cc").write_text(f"{includes}int main() {{}}\n")
    for _ in range(15):
        for name, times in seconds.items():
            command = ["c++", "-std=c++17", f"-I{ROOT}/native/libargus/include", "-c", f"{name}.cc", "-o", "out.o"]
            began = time.perf_counter()
            subprocess.run(command, cwd=tmp_path, check=True)
            times.append(time.perf_counter() - began)
    ours, plain = (statistics.median(times) for times in seconds.values())
    claim("compiling argus.hpp / <string> and <vector>", ours / plain, 1.3, "x")
