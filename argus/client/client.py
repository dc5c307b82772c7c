"""The client: the verbs a program calls, and the flush thread that carries away what they recorded."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar, Unpack

from argus.aggregate.base import Aggregator, Counter, Tags, Timer
from argus.aggregate.choose import choose_backend
from argus.aggregate.merge import with_tags
from argus.aggregate.summary import Window
from argus.client import config, lifecycle
from argus.client.callbacks import Callbacks
from argus.client.flusher import Collector, Flusher, Parts, finish
from argus.client.listen import listen, unlisten
from argus.client.logs import ArgusHandler, LogBuffer

if TYPE_CHECKING:
    from argus.client.runtime import RuntimeCollector
    from argus.recorder.live import Flight

log = logging.getLogger("argus.client")

P = ParamSpec("P")
R = TypeVar("R")

SDK = "python/0.1.0"
FLUSH_SECONDS = 2.0


class Increment(Protocol):
    """The type of ``increment``."""

    def __call__(self, name: str, value: float = 1, tags: Tags | None = None) -> None: ...


class Gauge(Protocol):
    """The type of ``gauge``."""

    def __call__(self, name: str, value: float, tags: Tags | None = None) -> None: ...


class Timing(Protocol):
    """The type of ``timing``."""

    def __call__(self, name: str, seconds: float, tags: Tags | None = None) -> None: ...


class MakeCounter(Protocol):
    """The type of ``counter``."""

    def __call__(self, name: str, tags: Tags | None = None) -> Counter: ...


class MakeTimer(Protocol):
    """The type of ``timer``."""

    def __call__(self, name: str, tags: Tags | None = None) -> Timer: ...


class Client:
    """Records into its own aggregator and sends to one server.

    Keyword arguments are the settings in ``docs/settings.md`` (url, app_id, api_key, tags, flush_interval, …); what is
    not given comes from ``ARGUS_*`` variables or ``argus.toml``. Without a URL and a sink nothing leaves the process.

    Every verb may be called from any thread, a signal handler, ``__del__`` or a logging handler. None raises because of
    the network; a wrong type raises ``TypeError``, an empty or over-long name ``ValueError``.
    """

    increment: Increment
    """``increment(name, value=1, tags=None)``: add to a counter."""
    gauge: Gauge
    """``gauge(name, value, tags=None)``: set a gauge."""
    timing: Timing
    """``timing(name, seconds, tags=None)``: record a duration."""
    counter: MakeCounter
    """``counter(name, tags=None)``: the handle of a counter, the fastest way to record."""
    timer: MakeTimer
    """``timer(name, tags=None)``: the handle of a timing; ``with timer:`` times a block."""

    def __init__(
        self, *, aggregator: Aggregator | None = None, logs: LogBuffer | None = None, **settings: Unpack[config.Options]
    ) -> None:
        self.config = config.load(settings)
        if self.config.url is not None and self.config.api_key is None:
            log.warning("no api_key: the server will refuse what is sent; set ARGUS_API_KEY or pass api_key=")
        self.aggregator = aggregator if aggregator is not None else choose_backend()()
        self.logs = logs if logs is not None else LogBuffer()
        self.host = self.config.host or _host_name()
        self.instance = ""
        self.callbacks = Callbacks()
        self._runtime: RuntimeCollector | None = None
        self._handler: ArgusHandler | None = None
        self._flusher: Flusher | None = None
        self._carrier: Flusher | None = None
        """The flusher until its very end, which comes after the client has let go of it."""
        self._flight: Flight | None = None
        self._made = time.time()
        self.aggregator.set_constant_tags(self.config.tags)
        # The verbs are the aggregator's own bound methods: nothing stands between a call and its cell.
        self.increment = self.aggregator.increment
        self.gauge = self.aggregator.gauge
        self.timing = self.aggregator.timing
        self.counter = self.aggregator.counter
        self.timer = self.aggregator.timer
        lifecycle.watch(self)
        if self.config.url is not None or self.config.sink is not None:
            self._start()

    def event(self, name: str, text: str = "", tags: Tags | None = None) -> None:
        """Record that something happened, such as a deploy: a mark on the charts, and a log line."""
        self.logs.put_event(name, text, tags)

    def timed(self, name: str, tags: Tags | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Return a decorator that times functions, coroutines and generators of both kinds."""
        from argus.client.timing import decorate  # noqa: PLC0415  # programs that do not decorate do not load it

        return decorate(self.timer(name, tags))

    def gauge_callback(self, name: str, function: Callable[[], float], tags: Tags | None = None) -> None:
        """Ask ``function`` for the gauge's value once per window, on the flush thread."""
        self.callbacks.add(name, function, tags)

    def watch_loop(self, loop: Any) -> None:
        """Measure the lag of a loop that Argus cannot find itself, such as uvloop's."""
        from argus.client import runtime  # noqa: PLC0415  # most programs have no such loop

        runtime.watch_loop(loop)

    def snapshot(self) -> Window:
        """Return the current window's summaries and leave them where they are."""
        start = self._flusher.window_start() if self._flusher is not None else self._made
        return self.aggregator.peek(start, max(time.time(), start))

    def carry(self, window: Window) -> None:
        """Send summaries that were added up elsewhere with the window that ends next. From any thread; never waits.

        Their series get the constant tags. A client that is being closed still takes what its collectors carry to its
        last window; where nothing leaves the process, or no longer, they are let go.
        """
        if self._carrier is not None:
            self._carrier.carry(with_tags(window, self.config.tags))

    def flush(self, timeout: float = FLUSH_SECONDS) -> bool:
        """Send everything now; return whether the server has it all, within ``timeout`` seconds."""
        return self._flusher is not None and self._flusher.flush(timeout)

    def close(self, timeout: float = FLUSH_SECONDS) -> bool:
        """Send what is left and end the flush thread; return whether the server has it all."""
        flusher = self.release()
        return flusher is not None and finish([flusher], timeout)

    def release(self) -> Flusher | None:
        """Record on without sending, and hand out what flushes, if there is any: it has to be finished."""
        self._detach()
        lifecycle.forget(self)
        flusher, self._flusher = self._flusher, None
        return flusher

    def flusher(self) -> Flusher | None:
        """Return what flushes this client, ``None`` while nothing leaves the process."""
        return self._flusher

    def after_fork(self) -> None:
        """Become an instance of its own in the child: what the parent recorded is the parent's to send."""
        self.aggregator.rebaseline()
        self.logs.clear()
        if self._runtime is not None:
            self._runtime.close()  # its callback was inherited with the interpreter
            self._runtime = None
        if self._flight is not None:
            self._flight.folder.abandon()
        if self._flusher is not None:
            self._detach()
            self._start()

    def _start(self) -> None:
        self.instance = f"{self.host}:{os.getpid()}:{os.urandom(4).hex()}"
        self._flusher = Flusher(self.aggregator, self.logs, self.config.flush_interval, self.instance, self._make_parts)
        if self.config.flight_recorder and self.config.url is not None:
            self._start_recorder(self._flusher.wake)
        if self.config.capture_logs and "logging" not in self.config.without:
            self._handler = ArgusHandler(self.logs, self._flusher.wake, self.config.log_level)
            listen(self._handler)
        self._carrier = self._flusher
        self._flusher.start()

    def _start_recorder(self, wake: Callable[[], None]) -> None:
        from argus.recorder.live import start  # noqa: PLC0415  # programs without a recorder do not load it

        self._flight = start(self.config, self.aggregator, self._sender())
        if self._flight is not None:
            self._flight.wake = wake
            self.logs.keep_in(self._flight)

    def _sender(self) -> dict[str, str]:
        return {"instance": self.instance, "host": self.host, "sdk": SDK}

    def _detach(self) -> None:
        if self._handler is not None:
            unlisten(self._handler)
            self._handler = None

    def _make_parts(self) -> Parts:
        """Build what the flush thread works with; called on it, so that its imports cost the program nothing."""
        from argus.client.delivery import Delivery  # noqa: PLC0415  # see above
        from argus.client.sinks import make_sink  # noqa: PLC0415  # see above
        from argus.client.spool import Folder, LogStream, MetricStream  # noqa: PLC0415  # see above
        from argus.client.transport import HttpTransport  # noqa: PLC0415  # see above

        settings = self.config
        sender = self._sender()
        metrics = MetricStream(sender)
        delivery = None
        if settings.url is not None:
            folder = self._flight.folder if self._flight is not None else None
            if folder is None and settings.spool_dir is not None:
                from pathlib import Path  # noqa: PLC0415  # see above

                folder = Folder(Path(settings.spool_dir).expanduser(), self.instance, settings.spool_bytes)
            transport = HttpTransport(settings.url, settings.api_key, settings.ca_file)
            delivery = Delivery(transport, metrics, LogStream(sender, self.logs), folder, self._flight)
        sink = make_sink(settings.sink) if settings.sink is not None else None
        return Parts(self._make_collectors(), delivery, metrics, sink)

    def _make_collectors(self) -> list[Collector]:
        collectors: list[Collector] = [self.callbacks]
        if self.config.system_metrics:
            from argus.client.runtime import RuntimeCollector  # noqa: PLC0415  # on the flush thread
            from argus.client.system import SystemCollector  # noqa: PLC0415  # see above

            self._runtime = RuntimeCollector(self.aggregator, self.config.without)
            collectors.append(self._runtime)
            if "machine" not in self.config.without:
                collectors.append(SystemCollector())
        return collectors


def _host_name() -> str:
    if hasattr(os, "uname"):
        return os.uname().nodename
    import socket  # noqa: PLC0415  # asked for the same name; it takes longer to import than the rest of this module

    return socket.gethostname()


AMSClient = Client
