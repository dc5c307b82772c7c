"""The process tree of a program, as its parent sees it once per window: ``tree.*``.

Gauges ``tree.cpu_percent`` (of one core), ``tree.memory_rss`` (bytes; what processes share is counted in each),
``tree.processes``, ``tree.threads``, ``tree.descriptors`` (handles on Windows) and, only where there are some,
``tree.unreadable`` (processes of other users, of which nothing is known); counters ``tree.read_bytes`` and
``tree.written_bytes`` (of storage; not on macOS).

A process that came and went between two looks is counted by who waited for it: the kernel adds a child's processor
time (and on Linux its I/O) to its parent's then. What cannot be known: the last part of a process's use that was waited
for outside of the tree, or by a parent that ignores ``SIGCHLD``; and how many came and went.
"""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable, Container, Iterable
from typing import Any, NamedTuple

import psutil

from argus.aggregate.base import Aggregator

DESCRIPTORS_EVERY = 6
"""Counting descriptors walks a directory for each process: once a minute is enough."""


class Use(NamedTuple):
    """What a process and the children it waited for have used since they began; it only grows."""

    seconds: float = 0.0
    read: float = 0.0
    written: float = 0.0

    def plus(self, other: Use) -> Use:
        return Use(self.seconds + other.seconds, self.read + other.read, self.written + other.written)

    def beyond(self, other: Use) -> Use:
        """Return by how much this is more; never less than nothing."""
        return Use(*(max(0.0, mine - theirs) for mine, theirs in zip(self, other, strict=True)))


class Seen(NamedTuple):
    """A process at one look."""

    parent: int
    use: Use


Look = dict[tuple[int, float], Seen]
"""The processes of a tree by number and time of birth, for numbers are used again."""


def grown(before: Look, now: Look) -> Use:
    """Return what a tree used between two looks.

    What a process that is gone had used until the first look is part of what its parent took over when it waited for
    it, and was counted then: so it is taken off what the nearest living ancestor took over.
    """
    taken_over: dict[int, Use] = {}
    numbers = {pid: (pid, born) for pid, born in before}
    for key, seen in before.items():
        if key in now:
            continue
        ancestor = seen.parent
        while ancestor in numbers and numbers[ancestor] not in now:
            ancestor = before[numbers[ancestor]].parent
        taken_over[ancestor] = taken_over.get(ancestor, Use()).plus(seen.use)
    total = Use()
    for key, seen in now.items():
        earlier = before[key].use if key in before else Use()
        total = total.plus(seen.use.beyond(earlier.plus(taken_over.get(key[0], Use()))))
    return total


class TreeCollector:
    """Records the tree's gauges and counters. Belongs to the flush thread."""

    def __init__(
        self,
        roots: Iterable[psutil.Process],
        helpers: Container[int] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._known = {process.pid: process for process in roots}
        self._helpers = helpers
        self._monotonic = monotonic
        self._before: Look = {}
        self._at = monotonic()
        self._looks = 0
        self._whole: Use | None = None

    def collect(self, aggregator: Aggregator) -> None:
        """Record one value of each gauge, and what was used since the last look."""
        if self._whole is not None:
            self._record(aggregator, self._whole.beyond(_sum(seen.use for seen in self._before.values())))
            return
        memory = threads = descriptors = unreadable = 0
        look: Look = {}
        counts_descriptors = self._looks % DESCRIPTORS_EVERY == 0
        self._looks += 1
        for process in self._processes():
            try:
                with process.oneshot():
                    key = (process.pid, process.create_time())
                    look[key] = Seen(process.ppid(), _use(process, self._before.get(key)))
                    memory += process.memory_info().rss
                    threads += process.num_threads()
                    descriptors += _descriptors(process) if counts_descriptors else 0
            except psutil.AccessDenied:
                unreadable += key not in look
            except psutil.NoSuchProcess:
                continue  # ended: who waits for it is told what it used
        self._record(aggregator, grown(self._before, look))
        self._before = look
        for name, value in (("memory_rss", memory), ("processes", len(look) + unreadable), ("threads", threads)):
            aggregator.gauge(f"tree.{name}", value)
        if counts_descriptors:
            aggregator.gauge("tree.descriptors", descriptors)
        if unreadable:
            aggregator.gauge("tree.unreadable", unreadable)

    def ended(self, whole: Use) -> None:
        """The root has ended, and its parent was told what the tree used: the rest is recorded by the next look."""
        self._whole = whole

    def close(self) -> None:
        """Hold nothing."""
        self._known.clear()

    def _record(self, aggregator: Aggregator, use: Use) -> None:
        now = self._monotonic()
        aggregator.gauge("tree.cpu_percent", 100.0 * use.seconds / max(now - self._at, 1e-3))
        self._at = now
        if use.read:
            aggregator.increment("tree.read_bytes", use.read)
        if use.written:
            aggregator.increment("tree.written_bytes", use.written)

    def _processes(self) -> Iterable[psutil.Process]:
        """Return the roots, their descendants, and those known from earlier looks, who may have lost their parents."""
        found: dict[int, psutil.Process] = {}
        for process in self._known.values():
            if process.pid in found:
                continue
            with contextlib.suppress(psutil.NoSuchProcess):
                if process.is_running():
                    found[process.pid] = process
                    found |= {child.pid: child for child in process.children(recursive=True)}
        self._known = found
        return [process for pid, process in found.items() if pid not in self._helpers]


def _sum(uses: Iterable[Use]) -> Use:
    return functools.reduce(Use.plus, uses, Use())


def _use(process: psutil.Process, earlier: Seen | None) -> Use:
    times = process.cpu_times()
    seconds = sum(times[:4]) if hasattr(times, "children_user") else times.user + times.system
    counters: Any = getattr(process, "io_counters", None)
    if counters is None:  # macOS
        return Use(seconds)
    try:
        found = counters()
    except psutil.ZombieProcess:  # its parent has not waited for it yet: it has not changed, nor was it taken over
        return earlier.use._replace(seconds=seconds) if earlier is not None else Use(seconds)
    return Use(seconds, found.read_bytes, found.write_bytes)


def _descriptors(process: psutil.Process) -> int:
    count: Any = getattr(process, "num_fds", None) or getattr(process, "num_handles")  # noqa: B009  # Windows
    return int(count())
