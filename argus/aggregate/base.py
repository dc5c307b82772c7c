"""The contract of an aggregator: where recorded values add up until the next drain.

Four backends keep it, and one conformance suite (``tests/aggregate/``) holds them to it:

* ``native``    the CPython extension over libargus' core, the one that is fast;
* ``cffi``      the same core through its C ABI, for interpreters where an extension is slow;
* ``numpy``     lists that numpy adds up, where there is no compiler;
* ``python``    the same without numpy, for an interpreter for which nothing is built.

Thread rule: every record verb may be called from any thread, a signal handler, ``__del__`` or a GC
callback. It takes no lock, does no I/O and allocates nothing without bound. Registering a new
series may take the registry's lock. ``drain``, ``peek`` and ``rebaseline`` belong to one thread at
a time.

Errors: a wrong type raises ``TypeError``; an empty or over-long name or tag raises ``ValueError``;
the message names the value. NaN, infinities, negative increments and negative durations are
counted in :attr:`Stats.rejected` and change nothing else.
"""

# No "from __future__ import annotations": typing compiles the text, and the first compile() of a program takes 1 ms.
from collections.abc import Mapping
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from argus.aggregate.summary import Window

Tags = Mapping[str, str]

MAX_SERIES = 10_000
"""Series an aggregator holds before new ones fold into an overflow series."""

IDLE_WINDOWS = 360
"""Drains without a record after which a series without a live handle is forgotten."""

MAX_NAME_BYTES = 256
MAX_TAGS = 32


class Stats(NamedTuple):
    """What an aggregator did since it was made. All but ``series`` only grow."""

    series: int
    """Series held now."""
    rejected: int
    """Values that were not finite, or negative where that makes no sense."""
    overflowed: int
    """Records that fell into an overflow series because the series limit was reached."""
    expired: int
    """Series forgotten because nothing was recorded for :data:`IDLE_WINDOWS` drains."""


class Counter(Protocol):
    """A handle on one counter series. It keeps the series alive."""

    def increment(self, value: float = 1, /) -> None: ...


class Timer(Protocol):
    """A handle on one timing series; as a context manager it records the block's duration.

    One handle may be entered by many threads and asyncio tasks at once, and recursively.
    """

    def record(self, seconds: float, /) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...


class Aggregator(Protocol):
    """Where values add up. Made by ``Backend(max_series=MAX_SERIES, idle_windows=IDLE_WINDOWS)``."""

    def increment(self, name: str, value: float = 1, tags: Tags | None = None) -> None:
        """Add ``value`` (≥ 0, finite) to the counter ``name``."""

    def gauge(self, name: str, value: float, tags: Tags | None = None) -> None:
        """Set the gauge ``name`` to ``value`` (finite)."""

    def timing(self, name: str, seconds: float, tags: Tags | None = None) -> None:
        """Record a duration (≥ 0, finite) in the timing ``name``."""

    def counter(self, name: str, tags: Tags | None = None) -> Counter:
        """Return the handle of a counter series: the fastest way to record."""

    def timer(self, name: str, tags: Tags | None = None) -> Timer:
        """Return the handle of a timing series."""

    def set_constant_tags(self, tags: Tags) -> None:
        """Give every series, present and future, these tags; a series' own tag of the same key wins."""

    def drain(self, start: float, end: float) -> Window:
        """Return what was recorded since the last drain, labelled ``start`` to ``end``.

        Series without a record are left out. Every record is in exactly one drain.
        """

    def peek(self, start: float, end: float) -> Window:
        """Return what the next drain would, and leave it there."""

    def rebaseline(self) -> None:
        """Forget what was recorded and not drained: for the child after a fork."""

    def stats(self) -> Stats: ...
