"""Argus watches a program from the inside, at the cost of a function call.

>>> import argus
>>> argus.init(url="http://127.0.0.1:8000", app_id="shop", api_key="…")
>>> argus.increment("orders")
>>> argus.gauge("queue", 7)
>>> with argus.timer("pay"): ...

Every verb may be called from any thread, a signal handler, ``__del__`` or a logging handler; none takes a lock, does
I/O or raises because of the network. Durations are in seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from argus.client.default import (
    aggregator,
    close,
    event,
    flush,
    gauge_callback,
    init,
    snapshot,
    timed,
)

if TYPE_CHECKING:
    from argus import testing as testing
    from argus.client.client import AMSClient, Client

__version__ = "0.1.0"

__all__ = [
    "AMSClient",
    "Client",
    "close",
    "counter",
    "event",
    "flush",
    "gauge",
    "gauge_callback",
    "increment",
    "init",
    "snapshot",
    "timed",
    "timer",
    "timing",
]

increment = aggregator.increment
gauge = aggregator.gauge
timing = aggregator.timing
counter = aggregator.counter
timer = aggregator.timer


def __getattr__(name: str) -> Any:
    """Load the client class and ``argus.testing`` when they are first asked for: a bare import stays quick."""
    if name in {"Client", "AMSClient"}:
        from argus.client.client import Client  # noqa: PLC0415  # see above

        return Client
    if name == "testing":
        import argus.testing  # noqa: PLC0415  # see above

        return argus.testing
    raise AttributeError(f"module 'argus' has no attribute {name!r}")
