"""Ways in which an engine fails under a store: it is restarted under load, or its disk is full."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from engine_process import EngineProcess
from summaries import one

from argus.errors import StoreUnavailable
from argus.server.stores.base import MetricStore


def restart(engine: EngineProcess, *signals: int) -> None:
    """End the engine by each signal and start it again."""
    for number in signals:
        engine.restart(number)


AFTER = 20
"""Batches that are stored once the engine is back."""


def append_while(store: MetricStore, start: float, disturb: Callable[[], object]) -> tuple[float, int]:
    """Send numbered batches, each until it is acknowledged, while ``disturb`` runs.

    Return what the acknowledged ones add up to, and how often the store was unavailable.
    """
    failures, disturbance = 0, threading.Thread(target=disturb)
    store.append([one(start, seq=1)])
    disturbance.start()
    seq, rest = 1, AFTER
    while rest:
        seq += 1
        rest -= not disturbance.is_alive()
        while True:
            try:
                store.append([one(start + 10 * (seq % 8000), seq=seq)])
                break
            except StoreUnavailable:
                failures += 1
    disturbance.join()
    return float(seq), failures


class Disk:
    """A small disk of its own, mounted on a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextlib.contextmanager
    def filled(self) -> Iterator[None]:
        """Leave no room on the disk while the block runs."""
        ballast = self.folder / "ballast"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        try:
            yield
        finally:
            ballast.unlink()


@contextlib.contextmanager
def full_disk(folder: Path, mebibytes: int) -> Iterator[Disk]:
    """Mount a disk of a size on a folder; skip the test where that is not allowed."""
    folder.mkdir()
    mounted = (
        os.geteuid() == 0
        and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "argus-test", str(folder)],
            check=False,
            capture_output=True,
        ).returncode
        == 0
    )
    if not mounted:
        pytest.skip("a disk can be filled only where this user may mount one")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
