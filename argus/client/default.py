"""The process-wide aggregator and client behind ``argus.increment()`` and its sisters.

The aggregator exists from import on, so the module's verbs *are* its bound methods and what is recorded before
``argus.init()`` is kept and sent after it. Importing this starts no thread and loads nothing of the network.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar, Unpack

from argus.aggregate.base import Aggregator, Tags
from argus.aggregate.choose import choose_backend
from argus.aggregate.merge import merge_windows
from argus.aggregate.summary import Window

if TYPE_CHECKING:
    from argus.client.callbacks import Callbacks
    from argus.client.client import Client
    from argus.client.config import Options
    from argus.client.logs import LogBuffer

P = ParamSpec("P")
R = TypeVar("R")

FLUSH_SECONDS = 2.0

aggregator: Aggregator = choose_backend()()


class _Default:
    """What there is one of per process."""

    def __init__(self) -> None:
        self.client: Client | None = None
        self.logs: LogBuffer | None = None
        self.carried: Window | None = None
        self.callbacks: Callbacks | None = None
        self.born = time.time()
        self.found = False
        """Whether ``argus run`` has started the client, before the program's first line."""


state = _Default()


def log_buffer() -> LogBuffer:
    """Return the buffer of the process' log lines and events."""
    if state.logs is None:
        from argus.client.logs import LogBuffer  # noqa: PLC0415  # brings logging, which a bare import need not

        state.logs = LogBuffer()
    return state.logs


def init(**settings: Unpack[Options]) -> Client:
    """Start monitoring this process: ``init(url=…, app_id=…, api_key=…, tags={…})``.

    Every setting can come from ``ARGUS_*`` variables or ``argus.toml`` instead; ``docs/settings.md`` lists
    them. What was recorded before is sent with the first window. A second call closes the first client and starts anew;
    under ``argus run`` the program's first call goes on with the client that it finds, if it asks for the same.
    A wrong URL, key or file is one log line, never an exception.
    """
    from argus.client import config  # noqa: PLC0415  # a program that only imports argus does not pay for it
    from argus.client.client import Client  # noqa: PLC0415  # see above

    if state.client is not None:
        if state.found and state.client.config == config.load(settings):
            return state.client
        state.client.close()
    state.found = False
    state.client = Client(aggregator=aggregator, logs=log_buffer(), **settings)
    flusher = state.client.flusher()
    if flusher is not None and state.carried is not None:
        flusher.carry(state.carried)
        state.carried = None
    if state.callbacks is not None:
        state.client.callbacks.add_all(state.callbacks)
        state.callbacks = None
    return state.client


def carry(window: Window) -> None:
    """Keep a window that was drained while there was no client; the next one sends it."""
    state.carried = window if state.carried is None else merge_windows(state.carried, window)


def event(name: str, text: str = "", tags: Tags | None = None) -> None:
    """Record that something happened, such as a deploy: a mark on the charts, and a log line."""
    log_buffer().put_event(name, text, tags)


def timed(name: str, tags: Tags | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that times functions, coroutines and generators of both kinds."""
    from argus.client.timing import decorate  # noqa: PLC0415  # programs that do not decorate do not load it

    return decorate(aggregator.timer(name, tags))


def gauge_callback(name: str, function: Callable[[], float], tags: Tags | None = None) -> None:
    """Ask ``function`` for the gauge's value once per window, on the flush thread."""
    from argus.client.callbacks import Callbacks  # noqa: PLC0415  # brings logging, which a bare import need not

    if state.client is not None:
        state.client.gauge_callback(name, function, tags)
        return
    state.callbacks = state.callbacks or Callbacks()
    state.callbacks.add(name, function, tags)


def snapshot() -> Window:
    """Return the current window's summaries and leave them where they are."""
    window = state.client.snapshot() if state.client is not None else aggregator.peek(state.born, time.time())
    return window if state.carried is None else merge_windows(state.carried, window)


def flush(timeout: float = FLUSH_SECONDS) -> bool:
    """Send everything now; return whether the server has it all, within ``timeout`` seconds."""
    return state.client is not None and state.client.flush(timeout)


def close(timeout: float = FLUSH_SECONDS) -> bool:
    """Send what is left and stop monitoring; return whether the server has it all."""
    client, state.client = state.client, None
    return client is not None and client.close(timeout)
