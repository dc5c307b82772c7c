"""The flush thread: every interval one window is drained and handed to delivery.

Windows end at wall-clock multiples of the interval, so those of all processes line up on a chart; each instance sends a
little later than the edge, by a share of its own, so that they do not all knock at once. Waiting is monotonic: a clock
that jumps moves the labels of windows, never their length.

Thread rule: ``wake`` may be called from anywhere, a signal handler included (``SimpleQueue.put`` is re-entrant);
everything else that is slow happens on the thread this module starts. Where gevent has patched ``threading`` that is a
greenlet, and must wait as one, so its queue is gevent's then.
"""

from __future__ import annotations

import importlib
import logging
import queue
import signal
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial, reduce
from typing import TYPE_CHECKING, Protocol

from argus.aggregate.base import Aggregator
from argus.aggregate.merge import merge_windows
from argus.aggregate.summary import Window
from argus.client.lifecycle import THREAD, greenlets
from argus.client.logs import LogBuffer, flushing, silent
from argus.client.selfmetrics import SelfMetrics

if TYPE_CHECKING:  # these bring the network modules, which only the flush thread loads
    from argus.client.config import Sink
    from argus.client.delivery import Delivery
    from argus.client.spool import MetricStream

log = logging.getLogger("argus.client")

SPREAD = 0.1
"""Share of the interval over which instances spread their sending."""

ROUND_SECONDS = 30.0
"""Longest time one round of delivery may take."""

ERROR_PAUSE = 1.0
"""Seconds between two early deliveries of log lines because of an ERROR."""

PATIENCE = 1.0
"""Seconds before the thread imports what it needs, if nobody asks sooner: a program that is over by then, or starts
up, does not pay for it."""

FAULTS = {"SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT", "SIGTRAP", "SIGSYS"}
"""Signals of the thread that made the mistake; all others are the program's."""

LEAVE_SECONDS = 2.0

EDGE_TOLERANCE = 0.5
"""Seconds by which a drain may miss the edge and the window still ends there."""


class Collector(Protocol):
    """Something that records values of its own just before a drain. Never raises."""

    def collect(self, aggregator: Aggregator) -> None: ...

    def close(self) -> None: ...


class Parts:
    """What one flusher works with; made on the flush thread, where imports may take their time."""

    def __init__(
        self, collectors: Sequence[Collector], delivery: Delivery | None, metrics: MetricStream, sink: Sink | None
    ) -> None:
        self.collectors = collectors
        self.delivery = delivery
        self.metrics = metrics
        self.sink = sink


class Request:
    """Someone waits for a flush: ``done`` is set when it has been tried, ``complete`` says whether all was sent."""

    def __init__(self, deadline: float, *, last: bool, leave: bool) -> None:
        self.deadline = deadline
        self.last = last
        self.leave = leave
        """Whether the thread is to end as it stands: another one will go on."""
        self.taken = False
        self.complete = False
        self.done = threading.Event()

    def wait_until(self, moment: float) -> bool:
        """Wait for the end of the flush, until a monotonic time at most; return whether it came."""
        return self.done.wait(max(0.0, moment - time.monotonic()))


class Flusher:
    """Owns the flush thread of one client."""

    def __init__(
        self, aggregator: Aggregator, logs: LogBuffer, interval: float, instance: str, make_parts: Callable[[], Parts]
    ) -> None:
        self.paused = threading.RLock()
        """Held while a window is drained or sent; whoever holds it keeps aggregator and lines to themselves."""
        self.importing = threading.Lock()
        """Held while the thread imports what it needs: a fork in the middle of an import would break it for good."""
        self._aggregator = aggregator
        self._logs = logs
        self._interval = interval
        self._spread = zlib.crc32(instance.encode()) / 2**32 * SPREAD * interval
        self._make_parts = make_parts
        self._parts: Parts | None = None
        self._inbox: queue.SimpleQueue[Request | None] = _queue_class()()
        self._carried: deque[Window] = deque()
        self._ended = False
        self._window_start = time.time()
        self._window_began = time.monotonic()
        self._self_metrics = SelfMetrics(aggregator, logs)
        self._last_wake = 0.0
        self._reported: set[str] = set()
        self._thread = threading.Thread(target=self._run, name=THREAD, daemon=True)

    def start(self) -> None:
        """Start the thread. It takes no signals: a program that blocks one and waits for it must not be ended by it."""
        with _signals_blocked():
            self._thread.start()

    def wake(self) -> None:
        """Have log lines sent soon: an ERROR was logged. From any thread or signal handler."""
        now = time.monotonic()
        if now - self._last_wake >= ERROR_PAUSE:
            self._last_wake = now
            self._inbox.put(None)

    def flush(self, timeout: float) -> bool:
        """Have everything sent now; return whether it was, within ``timeout`` seconds."""
        request = self.ask(timeout)
        return request is not None and request.wait_until(request.deadline) and request.complete

    @contextmanager
    def without_thread(self) -> Iterator[None]:
        """Have no thread meanwhile, and a new one then, which goes on: gevent replaces what a running one stands on."""
        request = self.ask(LEAVE_SECONDS, leave=True)
        if request is not None and request.wait_until(request.deadline):
            self._thread.join(LEAVE_SECONDS)
        try:
            yield
        finally:
            if request is not None and request.done.is_set():
                self._go_on()
            elif request is not None:
                request.leave = False  # it still sends: an ordinary flush will do

    def _go_on(self) -> None:
        before, self._inbox = self._inbox, _queue_class()()
        while not before.empty():
            self._inbox.put(before.get())
        self._thread = threading.Thread(target=self._run, name=THREAD, daemon=True)
        self.start()

    def ask(self, timeout: float, *, last: bool = False, leave: bool = False) -> Request | None:
        """Have everything sent, without waiting for it; ``None`` where nobody is there to do it, or on this thread."""
        if not self._thread.is_alive() or threading.current_thread() is self._thread:
            return None
        request = Request(time.monotonic() + timeout, last=last, leave=leave)
        self._inbox.put(request)
        return request

    def interrupt(self) -> None:
        """End a round that waits for a server that hangs; from any thread."""
        if self._parts is not None and self._parts.delivery is not None:
            self._parts.delivery.interrupt()

    def carry(self, window: Window) -> None:
        """Send a window that was added up elsewhere with the one that ends next. From any thread; never waits."""
        if not self._ended:  # else nobody would ever send it
            self._carried.append(window)

    def _take_carried(self) -> list[Window]:
        return [self._carried.popleft() for _ in range(len(self._carried))]

    def window_start(self) -> float:
        """Return when the current window began, in Unix seconds."""
        return self._window_start

    def _run(self) -> None:
        silent.set(True)  # what is logged on this thread is about Argus itself
        flushing.set(True)
        if self._parts is None and (self._ends_at_once() or not self._load()):
            return
        parts = self._parts
        assert parts is not None
        last = self._loop(parts)
        if last.leave:
            if parts.delivery is not None:
                parts.delivery.hang_up()
        else:
            self._ended = True
            for collector in parts.collectors:
                collector.close()
            if parts.delivery is not None:
                parts.delivery.close()
        last.done.set()

    def _load(self) -> bool:
        """Import and make what the thread works with; return whether that could be done."""
        try:
            with self.importing:
                self._parts = self._make_parts()
        except Exception:
            silent.set(False)
            log.exception("monitoring could not start; the program runs on without it")
            return False
        return True

    def _ends_at_once(self) -> bool:
        """Wait until it is time to import; return whether the thread is to end before, with nothing to send."""
        try:
            request = self._inbox.get(timeout=min(PATIENCE, self._interval))
        except queue.Empty:
            return False
        if request is not None and (request.leave or (request.last and self._has_nothing())):
            request.taken = request.complete = True
            request.done.set()
            return True
        self._inbox.put(request)
        return False

    def _has_nothing(self) -> bool:
        now = time.time()
        return not self._carried and not len(self._logs) and not self._aggregator.peek(now, now).size

    def _loop(self, parts: Parts) -> Request:
        """Work until the request that ends the thread, and return it."""
        edge = self._seconds_to_edge()
        send_at: float | None = None
        while True:
            now = time.monotonic()
            due = min(edge, send_at) if send_at is not None else edge
            try:
                request = self._inbox.get(timeout=max(0.0, due - now))
            except queue.Empty:
                if time.monotonic() >= edge:
                    self._guarded("closing the window", partial(self._end_window, parts))
                    edge = self._seconds_to_edge()
                    send_at = time.monotonic() + self._spread
                elif send_at is not None:
                    send_at = None
                    self._send(parts, time.monotonic() + ROUND_SECONDS)
                continue
            if request is None:
                self._send(parts, time.monotonic() + ROUND_SECONDS)
                continue
            request.taken = True
            if request.leave:
                return request
            self._guarded("closing the window", partial(self._end_window, parts))
            request.complete = self._send(parts, request.deadline, now=True)
            if request.last:
                return request
            request.done.set()

    def _seconds_to_edge(self) -> float:
        """Return the monotonic time of the next edge; one that is almost here is passed over."""
        ahead = self._interval - time.time() % self._interval
        if ahead < min(EDGE_TOLERANCE, self._interval / 4):
            ahead += self._interval
        return time.monotonic() + ahead

    def _end_window(self, parts: Parts) -> None:
        for collector in parts.collectors:
            self._guarded(type(collector).__name__, partial(collector.collect, self._aggregator))
        with self.paused:
            if parts.delivery is not None and not parts.delivery.takes_window():
                parts.metrics.merged += 1
                return
            began, self._window_began = self._window_began, time.monotonic()
            end = self._edge_near(time.time())
            start = end - (self._window_began - began)
            if abs(start - self._window_start) < 1.0:  # otherwise the clock jumped
                start = self._window_start
            self._window_start = end
            self._self_metrics.record(self._window_began - began, parts.delivery, parts.metrics)
            window = self._aggregator.drain(min(start, end), end)
            if carried := self._take_carried():
                window = reduce(merge_windows, [*carried, window])._replace(end=end)
            if parts.delivery is not None:
                if window.size:
                    parts.metrics.add(window)
                parts.delivery.keep_window(end)
        self._self_metrics.note(window)
        self._logs.end_window(end)
        if parts.sink is not None:
            lines = self._logs.take(self._logs.capacity) if parts.delivery is None else []
            self._guarded("the sink", partial(parts.sink, window, lines))

    def _edge_near(self, now: float) -> float:
        edge = round(now / self._interval) * self._interval
        return edge if abs(edge - now) < min(EDGE_TOLERANCE, self._interval / 4) else now

    def _send(self, parts: Parts, deadline: float, *, now: bool = False) -> bool:
        if parts.delivery is None:
            return True
        with self.paused:
            return bool(self._guarded("sending", partial(parts.delivery.run, deadline, now=now)))

    def _guarded(self, what: str, work: Callable[[], object]) -> object:
        """Run a step; what it raises is counted, logged the first time, and ends nothing: this thread must live on."""
        try:
            return work()
        except Exception as error:  # see above
            self._aggregator.increment("argus.client.flush_errors")
            if what not in self._reported:
                self._reported.add(what)
                log.warning("%s failed and will be tried again: %r", what, error, exc_info=error)
            return None


def _queue_class() -> type[queue.SimpleQueue[Request | None]]:
    if not greenlets():
        return queue.SimpleQueue
    found: type[queue.SimpleQueue[Request | None]] = importlib.import_module("gevent.queue").SimpleQueue
    return found


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """Block all signals but those of faults in this thread, and so in a thread that it starts meanwhile."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    faults = {getattr(signal, name) for name in FAULTS if hasattr(signal, name)}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals() - faults)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def finish(flushers: Sequence[Flusher], timeout: float) -> bool:
    """Have each flush for the last time and end; return whether all was sent, within ``timeout`` seconds together.

    Starts no thread, for at the exit of the interpreter none can be started.
    """
    middle = time.monotonic() + timeout / 2
    requests = [flusher.ask(timeout, last=True) for flusher in flushers]
    for flusher, request in zip(flushers, requests, strict=True):
        if request is not None and not request.wait_until(middle) and not request.taken:
            flusher.interrupt()
    for request in requests:
        if request is not None:
            request.wait_until(request.deadline)
    return all(request is not None and request.complete for request in requests)
