"""What the parent tells a server of its program: the machine, the process tree, the lines, its start and end.

Made after the program was started, so that the program does not wait for it; whatever it does, it ends nothing.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import time
from collections.abc import Container, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import psutil

from argus.aggregate.base import Aggregator
from argus.client.client import Client
from argus.client.config import Config, Options
from argus.client.flusher import Collector
from argus.client.logs import LogLine
from argus.client.sinks import console
from argus.recorder import place, recover
from argus.run import ending, environment
from argus.run.folder import VARIABLE, RunFolder
from argus.run.inside import Inside
from argus.run.lines import Lines
from argus.run.tree import TreeCollector, Use

if TYPE_CHECKING:
    import resource

CLOSE_SECONDS = 2.0
"""Time for the last flush: what the end of a program may take longer because of us, with a server that hangs."""

BLOCK = 512
"""Bytes in which a finished process's I/O is told."""


class Outside(Client):
    """A client that measures the machine and what it is given, but not the process it is in."""

    def __init__(self, collectors: Iterable[Collector], **settings: Unpack[Options]) -> None:
        self._others = list(collectors)
        super().__init__(**settings)

    def _make_collectors(self) -> list[Collector]:
        from argus.client.system import SystemCollector  # noqa: PLC0415  # brings psutil, on the flush thread

        machine = [SystemCollector()] if "machine" not in self.config.without else []
        return [self.callbacks, *machine, *self._others]


class Watch:
    """Watches one program for a server."""

    def __init__(
        self,
        program: str,
        folder: RunFolder,
        inside: Inside,
        settings: Config,
        roots: Iterable[psutil.Process],
        *,
        helpers: Container[int] = (),
    ) -> None:
        self._program = program
        self._folder = folder
        self._inside = inside
        self._settings = settings
        self._tree = TreeCollector(roots, helpers) if "tree" not in settings.without else None
        self._lines: list[Lines] = []
        self._memory = ending.Memory()
        self._began = time.time()
        given: Any = {**settings._asdict(), "capture_logs": False, "system_metrics": True, "flight_recorder": False}
        if settings.sink == "console":
            given["sink"] = functools.partial(console, out=sys.stderr)  # the standard output is the program's
        tree = [self._tree] if self._tree is not None else []
        self._client = Outside([*tree, _EndOfWindow(self)], **given)

    def started(self, command: str, pid: int) -> None:
        """Report the start, and why the program is not seen from the inside, if it is not."""
        ending.started(self._client.logs, self._program, pid)
        reason = self._inside.why_not(command) if "inside" not in self._settings.without else None
        if reason is not None:
            text = f"{self._program} is seen from outside only: {reason}"
            self._client.logs.put(LogLine(time.time(), "INFO", text, ending.LOGGER, {}))

    def lines(self, name: str) -> Lines:
        """Return what takes the lines of a stream."""
        flusher = self._client.flusher()
        wake = flusher.wake if flusher is not None else lambda: None
        wanted = self._settings.capture_logs and "lines" not in self._settings.without
        least = self._settings.log_level if wanted else float("inf")
        lines = Lines(name, self._client.logs, wake, least, silent=self._folder.somebody_speaks)
        self._lines.append(lines)
        return lines

    def end_window(self, aggregator: Aggregator) -> None:
        """Bring a window to its end: its lines, and what the inside of native programs tells; on the flush thread."""
        self._folder.forget_the_dead()
        self._inside.collect(self._client)
        for lines in self._lines:
            lines.end_window(aggregator)

    def ended(self, status: int, usage: resource.struct_rusage | None) -> None:
        """Report the end: all of the program's output has been read. ``usage`` is what the system tells of it."""
        for lines in self._lines:
            lines.close()
        if usage is not None and self._tree is not None:
            self._tree.ended(Use(usage.ru_utime + usage.ru_stime, usage.ru_inblock * BLOCK, usage.ru_oublock * BLOCK))
        last = [line for lines in self._lines for line in lines.last()]
        seconds = time.time() - self._began
        out_of_memory = self._memory.wanted()
        ending.ended(self._client.logs, self._program, status, seconds, last, out_of_memory=out_of_memory)

    def survivors(self) -> list[psutil.Process]:
        """Return the processes that the program has left behind."""
        return list(_marked(self._folder.path, self._began))

    def close(self) -> None:
        """Send what is left: ours, and what processes that were killed had recorded. What cannot be sent stays."""
        settings = environment.recorded(self._settings)
        if self._client.close(CLOSE_SECONDS) and settings.flight_recorder and place.root(settings).is_dir():
            recover(settings, CLOSE_SECONDS)


class _EndOfWindow:
    """Brings the lines of each window to their end, before it is drained."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def collect(self, aggregator: Aggregator) -> None:
        self._watch.end_window(aggregator)

    def close(self) -> None:
        """Hold nothing."""


def _marked(folder: Path, since: float) -> Iterable[psutil.Process]:
    """Yield the processes that carry a run's folder in their environment, whoever their parent is."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # another user's, or gone
            young = process.pid != os.getpid() and process.create_time() >= since - 1.0
            if young and process.environ().get(VARIABLE) == str(folder):
                yield process
