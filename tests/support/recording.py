"""A program that records until it is killed, and tells a file before and after each record what it has recorded.

For each line that it reads it forks such a program, prints its process id, and prints ``dead`` when it has been killed:
so a hundred deaths do not cost a hundred starts of an interpreter.
"""

from __future__ import annotations

import json
import mmap
import os
import sys
from pathlib import Path
from typing import Any

import argus

TRUTH = 6
"""Numbers in the file of truth: begun and done, of orders, of payments, and of events."""


def record_until_killed(wish: dict[str, Any]) -> None:
    """Record orders and payments as fast as can be, and now and then an event."""
    with Path(wish.pop("truth")).open("r+b") as file:
        truth = memoryview(mmap.mmap(file.fileno(), 0)).cast("Q")
    run = wish.pop("run")
    argus.init(**wish, flush_interval=0.1, system_metrics=False, capture_logs=False, tags={"run": run})
    orders, pay = argus.counter("orders"), argus.timer("pay")
    step = 0
    while True:
        step += 1
        truth[0] += 1
        orders.increment()
        truth[1] += 1
        truth[2] += 1
        pay.record(step % 1000 * 1e-6)
        truth[3] += 1
        if step % 2000 == 1:
            truth[4] += 1
            argus.event("step", f"run {run} step {step}")
            truth[5] += 1


def main() -> None:
    """Serve wishes until there are no more."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            record_until_killed(json.loads(line))
        print(child, flush=True)
        os.waitpid(child, 0)
        print("dead", flush=True)


if __name__ == "__main__":
    main()
