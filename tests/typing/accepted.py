"""Uses of the public interface that a strict type checker accepts. Checked by mypy, never run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import argus

client: argus.Client = argus.init(url="http://127.0.0.1:8000", api_key="k", tags={"env": "prod"})
other = argus.Client(sink="console", flush_interval=1, log_level="INFO")
other.increment("orders", 2, tags={"shop": "oslo"})
with other.timer("pay"):
    other.counter("orders").increment()
argus.increment("orders")
argus.increment("orders", 2.5, tags={"shop": "oslo"})
argus.gauge("queue", 7)
argus.timing("pay", 0.021)
argus.event("deploy", "v1.4")
argus.gauge_callback("pool", lambda: 3)
argus.counter("orders", {"shop": "oslo"}).increment()
with argus.timer("pay") as timer:
    timer.record(0.5)


@argus.timed("plain")
def plain(a: int, b: str = "") -> bool:
    return str(a) == b


@argus.timed("coroutine")
async def coroutine(a: int) -> str:
    return str(a)


@argus.timed("generator")
def generator() -> Iterator[int]:
    yield 1


@argus.timed("async generator")
async def async_generator() -> AsyncIterator[int]:
    yield 1


answer: bool = plain(1, b="x")
flushed: bool = argus.flush(timeout=2)
with argus.testing.capture() as seen:
    total: float = seen.counters["orders"]
