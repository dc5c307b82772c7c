"""System metrics: what the machine does, asked of psutil on the flush thread once per window.

Gauges: ``cpu_percent`` (of all cores), ``memory_used``, ``memory_available``, ``disk_used`` (bytes),
``memory_percent``, ``disk_percent``. The disk is the one that holds the working directory, or the root where that
directory is gone.
"""

from __future__ import annotations

import os
from pathlib import Path

from argus.aggregate.base import Aggregator


class SystemCollector:
    """Records the machine's gauges. Belongs to the flush thread."""

    def __init__(self) -> None:
        import psutil  # noqa: PLC0415  # on the flush thread, so that the program's start does not pay

        self._psutil = psutil
        try:
            self._disk = str(Path.cwd())
        except OSError:  # gone already
            self._disk = os.sep
        psutil.cpu_percent(interval=None)  # the first answer is a baseline

    def collect(self, aggregator: Aggregator) -> None:
        """Record one value of each gauge."""
        memory = self._psutil.virtual_memory()
        aggregator.gauge("cpu_percent", self._psutil.cpu_percent(interval=None))
        aggregator.gauge("memory_used", memory.used)
        aggregator.gauge("memory_available", memory.available)
        aggregator.gauge("memory_percent", memory.percent)
        try:
            disk = self._psutil.disk_usage(self._disk)
        except OSError:  # the directory is gone or was unmounted: the root is always there
            self._disk = Path(self._disk).anchor
            disk = self._psutil.disk_usage(self._disk)
        aggregator.gauge("disk_used", disk.used)
        aggregator.gauge("disk_percent", disk.percent)

    def close(self) -> None:
        """Do nothing: psutil holds no resources here."""
