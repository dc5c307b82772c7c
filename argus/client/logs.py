"""Log lines on their way to the server: the handler that takes them, and the buffer that holds them.

Thread rule: a line may come from any thread, a signal handler, ``__del__``, or from inside ``logging`` itself, so
nothing here takes a lock: ``deque`` and ``dict`` operations are atomic in CPython, and a count that two threads raise
at once is at worst one short of the truth about a loss that is reported anyway.
"""

# No "from __future__ import annotations": typing compiles the text, and the first compile() of a program takes 1 ms.
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from typing import Any, NamedTuple, Protocol

from argus.aggregate.series import check

CAPACITY = 10_000
"""Lines held at most; over it the oldest goes, and is counted."""

FLOOD_LINES = 200
"""Lines of one logger and template per window; the rest is counted and summed up in one line."""

FLOOD_TEMPLATES = 2_000
MAX_TEXT = 65_536
MAX_DEPTH = 4
OWN_LOGGER = "argus.client"
EVENT_LOGGER = "argus.event"

_LEVELS = ((logging.ERROR, "ERROR"), (logging.WARNING, "WARN"), (logging.INFO, "INFO"))
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

silent: ContextVar[bool] = ContextVar("argus_silent", default=False)
"""Set while Argus itself works: what is logged meanwhile is not captured. Not thread-local, for under gevent the flush
thread is a greenlet of the program's thread."""

flushing: ContextVar[bool] = ContextVar("argus_flushing", default=False)
"""Set on flush threads."""


class LogLine(NamedTuple):
    """One line, ready for the wire; ``metadata`` is JSON-safe."""

    timestamp: float
    level: str
    message: str
    logger: str
    metadata: dict[str, Any]


class Keeper(Protocol):
    """Keeps lines where they outlive the process: the flight recorder. ``put`` says whether it had room."""

    def put(self, line: LogLine) -> bool: ...

    def take(self, limit: int) -> list[LogLine]: ...

    def __len__(self) -> int: ...


class LogBuffer:
    """Holds lines until the flush thread takes them."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.capacity = capacity
        self.dropped = 0
        self.suppressed = 0
        self.last_trace = ""
        """Of the last line with one: an exception that was logged need not be reported as uncaught too."""
        self._lines: deque[LogLine] = deque()
        self._keeper: Keeper | None = None
        self._seen: dict[tuple[str, str], int] = {}

    def __len__(self) -> int:
        return len(self._lines) + (len(self._keeper) if self._keeper is not None else 0)

    def keep_in(self, keeper: Keeper) -> None:
        """Hold lines there from now on, those that wait already included."""
        waiting = self.take(self.capacity)
        self._keeper = keeper
        for line in waiting:
            self.put(line)

    def put(self, line: LogLine) -> None:
        """Add a line; the oldest gives way when the buffer is full."""
        if self._keeper is not None and self._keeper.put(line):
            return
        self._lines.append(line)
        while len(self._lines) > self.capacity:
            self._drop_oldest()

    def put_event(self, name: str, text: str, tags: Mapping[str, str] | None) -> None:
        """Add the line of an event. Imports nothing: ``__del__`` may call it while the interpreter ends."""
        self.put(event_line(name, text, tags))

    def floods(self, logger: str, template: str) -> bool:
        """Return whether a line of this template is one too many in this window, counting it."""
        key = (logger, template)
        seen = self._seen.get(key, 0)
        if seen == 0 and len(self._seen) >= FLOOD_TEMPLATES:
            return False  # too many templates to follow: the buffer's capacity is guard enough
        self._seen[key] = seen + 1
        if seen < FLOOD_LINES:
            return False
        self.suppressed += 1
        return True

    def end_window(self, now: float) -> None:
        """Sum up each suppressed template in one line, and begin counting anew."""
        seen, self._seen = self._seen, {}
        for (logger, template), count in list(seen.items()):  # a thread may still count in it
            if count > FLOOD_LINES:
                text = f"{count - FLOOD_LINES} more lines like {template[:200]!r} were suppressed"
                self.put(LogLine(now, "WARN", text, logger, {"suppressed": count - FLOOD_LINES}))

    def take(self, limit: int) -> list[LogLine]:
        """Remove and return up to ``limit`` of the oldest lines."""
        taken: list[LogLine] = []
        while len(taken) < limit:
            try:
                taken.append(self._lines.popleft())
            except IndexError:
                break
        if self._keeper is not None and len(taken) < limit:
            taken += self._keeper.take(limit - len(taken))
        return taken

    def put_back(self, lines: Iterable[LogLine]) -> None:
        """Put lines that could not be sent before those that came since."""
        self._lines.extendleft(reversed(list(lines)))
        while len(self._lines) > self.capacity:
            self._drop_oldest()

    def clear(self) -> None:
        """Forget every line: for the child after a fork."""
        self._lines.clear()
        self._keeper = None
        self._seen.clear()

    def _drop_oldest(self) -> None:
        try:
            self._lines.popleft()
        except IndexError:
            return
        self.dropped += 1


class ArgusHandler(logging.Handler):
    """Puts what is logged into a buffer. ``wake`` is called after an ERROR, so that it is sent soon."""

    def __init__(self, buffer: LogBuffer, wake: Callable[[], None], level: int = logging.INFO) -> None:
        super().__init__(level)
        self.buffer = buffer
        self.wake = wake
        self._formatter = logging.Formatter()

    def createLock(self) -> None:  # noqa: N802  # logging's name
        """Have no lock: the buffer needs none, and one could deadlock a re-entrant log call."""
        self.lock = None

    def handle(self, record: logging.LogRecord) -> bool:
        """Do what a handler does, without a lock: since Python 3.13 ``logging`` takes for granted that there is one."""
        passed: Any = self.filter(record)
        if isinstance(passed, logging.LogRecord):  # what a filter put in its place, from 3.12 on
            record = passed
        if passed:
            self.emit(record)
        return bool(passed)

    def emit(self, record: logging.LogRecord) -> None:
        name = record.name
        if name == OWN_LOGGER or name.startswith(f"{OWN_LOGGER}.") or silent.get():
            return
        silent.set(True)  # formatting may run the program's code, which may log
        try:
            if not self.buffer.floods(name, str(record.msg)):
                self.buffer.put(self.line_of(record))
        except Exception as error:  # noqa: BLE001  # a record whose objects cannot even be shown is reported, not raised
            self.buffer.put(LogLine(record.created, "WARN", f"a log record could not be read: {error!r}", name, {}))
        finally:
            silent.set(False)
        if record.levelno >= logging.ERROR:
            self.wake()

    def trace_of(self, record: logging.LogRecord) -> str:
        """Return the traceback of a record that has one."""
        assert record.exc_info
        return cut(self._formatter.formatException(record.exc_info))

    def line_of(self, record: logging.LogRecord) -> LogLine:
        """Return the record as a line: message, traceback, and everything given as ``extra``."""
        metadata = {
            key: safe(value) for key, value in vars(record).items() if key not in _STANDARD and not key.startswith("_")
        }
        try:
            message = record.getMessage()
        except Exception as error:  # noqa: BLE001  # wrong arguments for the template: keep both
            message = str(record.msg)
            metadata["format_error"] = repr(error)
        if record.exc_info:
            metadata["exception"] = self.buffer.last_trace = self.trace_of(record)
        elif record.exc_text:
            metadata["exception"] = cut(record.exc_text)
        if record.stack_info:
            metadata["stack"] = cut(record.stack_info)
        if record.levelno >= logging.CRITICAL:
            metadata["level"] = record.levelname
        return LogLine(record.created, level_name(record.levelno), cut(message), record.name, metadata)


def level_name(number: int) -> str:
    """Return the wire's name of a logging level; CRITICAL is an ERROR there."""
    return next((name for least, name in _LEVELS if number >= least), "DEBUG")


def event_line(name: str, text: str, tags: Mapping[str, str] | None) -> LogLine:
    """Return the line as which an event travels: logger ``argus.event``, its name and tags as metadata."""
    check(name, tags)
    if not isinstance(text, str):
        raise TypeError(f"the text of event {name!r} must be str, not {type(text).__name__}: {text!r}")
    return LogLine(time.time(), "INFO", cut(text), EVENT_LOGGER, {"event": name, **(tags or {})})


def cut(text: str) -> str:
    """Return the text, cut and marked where it is longer than a line may be."""
    if len(text) <= MAX_TEXT:
        return text
    return f"{text[:MAX_TEXT]}… ({len(text) - MAX_TEXT} more characters)"


def safe(value: object, depth: int = 0) -> Any:
    """Return the value as JSON can carry it; what it cannot is shown as text."""
    if value is None or isinstance(value, (bool, int)):
        return value if not isinstance(value, int) or -(2**53) <= value <= 2**53 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return cut(value)
    if depth < MAX_DEPTH:
        if isinstance(value, Mapping):
            return {str(key): safe(item, depth + 1) for key, item in list(value.items())[:100]}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [safe(item, depth + 1) for item in list(value)[:100]]
    return cut(repr(value))
