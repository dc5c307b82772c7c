"""The recorder of a client that lives: its folder, its file, and what is said in it.

Thread rule: ``put`` from any thread, a signal handler or ``__del__``: the interpreter's lock is held while a line goes
into the file. Everything else belongs to the flush thread.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import ujson

from argus.aggregate.base import Aggregator
from argus.client.logs import LogLine
from argus.client.spool import FLIGHT, Folder
from argus.recorder import place
from argus.wire import encode

if TYPE_CHECKING:
    from argus.aggregate._native import Recorder
    from argus.client.config import Config

log = logging.getLogger("argus.client")

BATCH_BYTES = 1024 * 1024
"""Of log lines in one batch: far below what a server takes, for a batch in a file cannot be halved any more."""


class Flight:
    """A live process' flight file. Implements what :class:`argus.client.logs.LogBuffer` keeps its lines in."""

    def __init__(self, folder: Folder, recorder: Recorder) -> None:
        self.folder = folder
        self.wake: Callable[[], None] = lambda: None
        """Called when the room for lines is half full."""
        self._recorder = recorder

    def put(self, line: LogLine) -> bool:
        """Keep a line in the file; ``False`` where it has no room, or the line no JSON."""
        try:
            kept = self._recorder.put_line(encode.log_line(line))
        except (TypeError, ValueError, OverflowError):
            return False
        if self._recorder.crowded():
            self.wake()
        return kept

    def take(self, limit: int) -> list[LogLine]:
        """Return up to ``limit`` of the oldest lines; they stay in the file until they are committed."""
        return [LogLine(**ujson.loads(line)) for line in self._recorder.take_lines(limit, BATCH_BYTES)]

    def __len__(self) -> int:
        return self._recorder.waiting_lines()

    def commit_window(self, seq: int, until: float) -> None:
        """Say that all that was drained is in batches up to this number, and these in the folder or delivered."""
        self._recorder.commit_window(seq, until)

    def commit_lines(self, seq: int) -> None:
        """Say the same of all lines that were taken."""
        self._recorder.commit_lines(seq)

    def overflows(self) -> int:
        """Return how often the file had no room: for cells, keys or lines, which then are not recovered."""
        return self._recorder.overflows()

    def close(self) -> None:
        """Delete the file: there is nothing to recover any more."""
        self._recorder.close()


def start(settings: Config, aggregator: Aggregator, sender: Mapping[str, Any]) -> Flight | None:
    """Let the aggregator record into a file of its own; ``None``, and one log line why, where that cannot be."""
    record_into = getattr(aggregator, "record_into", None)
    if record_into is None:
        log.warning("the flight recorder is off: it needs the native backend, not %s", type(aggregator).__name__)
        return None
    from argus.aggregate._native import Recorder  # noqa: PLC0415  # it is there, for the aggregator came from it

    folder: Folder | None = None
    try:
        shared = settings.spool_dir is None
        folder = Folder(place.prepare(settings), sender["instance"], settings.spool_bytes, shared=shared)
        own = folder.claim()
        recorder = Recorder(
            path=str(own / FLIGHT),
            instance=sender["instance"],
            host=sender["host"],
            sdk=sender["sdk"],
            interval=settings.flush_interval,
        )
        try:
            record_into(recorder)
        except OSError:
            recorder.close()
            raise
    except OSError as error:
        if folder is not None:
            folder.close()
        # An error, for what shows in the program are errors; the same in all processes of a run, for it shows once.
        reason = f"{os.strerror(error.errno)}: {place.root(settings)}" if error.errno else str(error)
        log.error("the flight recorder is off: %s", reason)  # noqa: TRY400  # the message is whole without a trace
        return None
    return Flight(folder, recorder)
