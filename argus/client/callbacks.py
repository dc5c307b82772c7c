"""Gauge callbacks: values that the program computes when Argus asks, once per window, on the flush thread.

They run outside every lock. A callback cannot be interrupted, so one that takes longer than its budget is asked less
often from then on; one that raises is skipped. Both are counted and said once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from argus.aggregate.base import Aggregator, Tags
from argus.aggregate.series import check

BUDGET_SECONDS = 0.1
SKIPS_AFTER_SLOW = 30
"""Windows a slow callback is left alone: five minutes at the usual interval."""

log = logging.getLogger("argus.client")


class _Callback:
    """One callback and how it behaved."""

    def __init__(self, name: str, function: Callable[[], float], tags: Tags | None) -> None:
        self.name = name
        self.function = function
        self.tags = tags
        self.skips = 0
        self.reported = False

    def report(self, what: str) -> None:
        """Say once what is wrong."""
        if not self.reported:
            self.reported = True
            log.warning("gauge callback %r %s; it is counted in argus.client.callback_problems", self.name, what)


class Callbacks:
    """The gauge callbacks of one client."""

    def __init__(self) -> None:
        self._callbacks: dict[tuple[str, tuple[tuple[str, str], ...]], _Callback] = {}

    def add(self, name: str, function: Callable[[], float], tags: Tags | None = None) -> None:
        """Ask ``function`` for the gauge ``name`` from now on; a second one of the same series replaces the first."""
        if not callable(function):
            raise TypeError(f"the callback of gauge {name!r} must be callable, not {type(function).__name__}")
        self._callbacks[name, check(name, tags)] = _Callback(name, function, tags)

    def add_all(self, others: Callbacks) -> None:
        """Take over the callbacks of others."""
        self._callbacks |= others._callbacks

    def collect(self, aggregator: Aggregator) -> None:
        """Ask every callback whose turn it is."""
        for callback in list(self._callbacks.values()):
            if callback.skips:
                callback.skips -= 1
                continue
            began = time.monotonic()
            try:
                aggregator.gauge(callback.name, callback.function(), callback.tags)
            except Exception as error:  # noqa: BLE001  # the program's code may raise anything
                callback.report(f"raised {error!r}")
                aggregator.increment("argus.client.callback_problems")
            if time.monotonic() - began > BUDGET_SECONDS:
                callback.skips = SKIPS_AFTER_SLOW
                callback.report(f"took longer than {BUDGET_SECONDS} s and is now asked less often")
                aggregator.increment("argus.client.callback_problems")

    def close(self) -> None:
        """Forget the callbacks and what they refer to."""
        self._callbacks.clear()
