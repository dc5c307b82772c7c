"""What Argus says of itself: every loss, and its own cost, as metrics of the application it serves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from argus.aggregate.base import Aggregator
from argus.aggregate.summary import Window
from argus.client.lifecycle import greenlets
from argus.client.logs import LogBuffer

if TYPE_CHECKING:  # these bring the network modules, which only the flush thread loads
    from argus.client.delivery import Delivery
    from argus.client.spool import MetricStream

RECORD_SECONDS = 50e-9
"""What one record is taken to cost: between a handle's and a record with two tags (``benchmarks/bench_record.py``)."""


class SelfMetrics:
    """Records ``argus.client.*`` and ``argus.overhead_percent``. Belongs to the flush thread."""

    def __init__(self, aggregator: Aggregator, logs: LogBuffer) -> None:
        self._aggregator = aggregator
        self._logs = logs
        self._reported: dict[str, int] = {}
        self._thread_seconds = 0.0
        self._records = 0

    def note(self, window: Window) -> None:
        """Remember how many records the window held."""
        sections = (window.counters, window.gauges, window.timings)
        self._records = sum(sum(section.count) for section in sections)

    def record(self, elapsed: float, delivery: Delivery | None, metrics: MetricStream) -> None:
        """Record what changed since the last window, which took ``elapsed`` seconds."""
        stats = self._aggregator.stats()
        totals = {
            "rejected_values": stats.rejected,
            "overflowed_records": stats.overflowed,
            "expired_series": stats.expired,
            "log_lines_dropped": self._logs.dropped,
            "log_lines_suppressed": self._logs.suppressed,
            "merged_windows": metrics.merged,
        }
        if delivery is not None:
            totals |= delivery.counts
            totals["spool_files_dropped"], totals["spool_records_dropped"] = delivery.dropped_files()
            totals["flight_overflows"] = delivery.flight_overflows()
            self._aggregator.gauge("argus.client.spool_bytes", delivery.spool_bytes())
        for name, total in totals.items():
            if grown := total - self._reported.get(name, 0):
                self._aggregator.increment(f"argus.client.{name}", grown)
                self._reported[name] = total
        self._aggregator.gauge("argus.client.series", stats.series)
        if not greenlets():  # whose thread is the program's: nobody can tell their time from its
            self._aggregator.gauge("argus.overhead_percent", self._overhead(elapsed))

    def _overhead(self, elapsed: float) -> float:
        """Return the share of one core that Argus took: the flush thread's CPU time and the records' estimate."""
        thread_seconds = time.thread_time()
        spent = thread_seconds - self._thread_seconds + self._records * RECORD_SECONDS
        self._thread_seconds = thread_seconds
        return 100.0 * spent / max(elapsed, 1e-3)
