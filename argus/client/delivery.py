"""Delivery: sends what the spool holds, in order, and acts on the server's answers (``docs/wire-format.md``).

Belongs to the flush thread. Order matters within a stream, for the server takes an older number for a repeat; so what
lies in files goes first, and the first failure ends the round.

With a flight recorder every batch becomes a file, and is sent only when the recorder knows that it is one: until then a
process that is killed is taken not to have made it, so the server must not have seen it.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from argus.client.spool import Batch, Folder, LogStream, MetricStream, Stream
from argus.client.transport import TIMEOUT, Answer, Backoff, Transport, TransportError

if TYPE_CHECKING:
    from argus.recorder.live import Flight

log = logging.getLogger("argus.client")

OK, BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, TOO_LARGE = 200, 400, 401, 403, 413

NOT_HERE = range(404, 406)
"""Not found, not allowed: what a proxy says while the server behind it is replaced, or of a wrong url."""
SLOW_RETRY = 60.0
"""Seconds between tries while somebody has to change something first, such as the key."""

FIRST_WINDOW_BYTES = 64 * 1024
"""What the first window is taken to need in the folder."""

SAVE_SECONDS = 1.0
"""Part of a round's time, at most half of it, that is kept for writing what is left into the folder: a program may be
about to exit, and a busy disk takes its time to make a file safe."""


class Delivery:
    """Sends metric and log batches; counts what became of them in :attr:`counts`."""

    def __init__(
        self,
        transport: Transport,
        metrics: MetricStream,
        logs: LogStream,
        folder: Folder | None,
        flight: Flight | None = None,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._transport = transport
        self._metrics = metrics
        self._logs = logs
        self._streams: tuple[Stream, ...] = (metrics, logs)
        self._folder = folder
        self._flight = flight
        self._tentative: list[Batch] = []
        """Files of a window that the flight recorder does not know of yet."""
        self._behind = False
        """Whether the flight recorder holds records that are in no file yet, because there is no room."""
        self._window_bytes = FIRST_WINDOW_BYTES
        self._saved: deque[Batch] = deque(folder.orphans()) if folder is not None else deque()
        self._backoff = Backoff()
        self._state = "ok"
        if self._saved:
            log.info("%d undelivered batches of an earlier process will be sent", len(self._saved))

    def run(self, deadline: float, *, now: bool = False) -> bool:
        """Send until nothing is left or ``deadline`` (monotonic) has come; return whether nothing is left.

        While the server is away a round does nothing until its pause is over, unless ``now``.
        """
        if self._flight is not None:
            self.save()
        if not now and not self._backoff.ready():
            return False
        if self._folder is not None:
            deadline -= min(SAVE_SECONDS, (deadline - time.monotonic()) / 2)
        for batch, stream in self._pending():
            seconds = min(TIMEOUT, deadline - time.monotonic())
            if seconds <= 0 or not self._deliver(batch, stream, seconds):
                self.save()
                return False
        return self._flight is None or not (self._behind or self._tentative or any(map(len, self._streams)))

    def takes_window(self) -> bool:
        """Return whether there is room to keep one more window apart; else it shall go on, in its cells."""
        if self._flight is None:
            return True
        self._save_tentatively()
        assert self._folder is not None
        fits = not len(self._metrics) and self._folder.has_room(2 * self._window_bytes)
        self._behind = self._behind or not fits
        return fits

    def keep_window(self, until: float) -> None:
        """Make what was drained, up to ``until``, safe in files, where there is a flight recorder."""
        if self._flight is None:
            return
        self._save_tentatively()
        if len(self._metrics):
            self._behind = True
            return
        self._flight.commit_window(self._metrics.seq, until)
        self._window_bytes = max(FIRST_WINDOW_BYTES, sum(batch.size for batch in self._tentative))
        self._saved.extend(self._tentative)
        self._tentative.clear()
        self._behind = False

    def interrupt(self) -> None:
        """End a wait for the server; from any thread. The batch is kept, as after any lost answer."""
        self._transport.interrupt()

    def hang_up(self) -> None:
        """Close the connection; the next round opens one."""
        self._transport.close()

    def save(self) -> None:
        """Write what is undelivered into the folder, where there is one."""
        if self._folder is None:
            return
        if self._flight is not None:
            self._save_tentatively()
        elif not self._save_stream(self._metrics):
            return
        self._save_stream(self._logs)

    def close(self) -> None:
        """Save what is left and release connection and folder."""
        self.save()
        self._transport.close()
        if self._flight is not None and not (self._behind or self._tentative or any(map(len, self._streams))):
            self._flight.close()
        if self._folder is not None:
            self._folder.close()

    def _save_stream(self, stream: Stream) -> bool:
        """Write the stream's batches; they are sent from their files. ``False`` where there is no room for one."""
        while (batch := self._save_next(stream)) is not None:
            self._saved.append(batch)
            if self._flight is not None and stream is self._logs:
                self._flight.commit_lines(batch.seq)
        return not len(stream)

    def _save_tentatively(self) -> None:
        """Write the batches of windows; the flight recorder hears of them when all of a drain are there."""
        while (batch := self._save_next(self._metrics)) is not None:
            self._tentative.append(batch)

    def _save_next(self, stream: Stream) -> Batch | None:
        assert self._folder is not None
        batch = stream.next()
        if batch is None:
            return None
        try:
            saved = self._folder.save(batch)
        except OSError as error:
            self._say("spool", logging.ERROR, f"cannot write to the spool folder: {error}; kept in memory")
            if self._flight is not None and not self._saved:  # sending makes no room: go on without files
                self._flight.close()
                self._flight = None
                self._saved.extend(self._tentative)
                self._tentative.clear()
                log.warning("the flight recorder is off: its folder has no room")
            return None
        stream.done()
        return saved

    def spool_bytes(self) -> int:
        """Return the size of the spool folder."""
        return self._folder.size() if self._folder is not None else 0

    def flight_overflows(self) -> int:
        """Return how often the flight recorder had no room for something."""
        return self._flight.overflows() if self._flight is not None else 0

    def dropped_files(self) -> tuple[int, int]:
        """Return how many files gave way to newer ones, and the records that were in them."""
        return (self._folder.dropped, self._folder.lost_records) if self._folder is not None else (0, 0)

    def _pending(self) -> Iterator[tuple[Batch, Stream | None]]:
        while self._saved:
            yield self._saved[0], None
        for stream in self._streams if self._flight is None else ():
            while (batch := stream.next()) is not None:
                yield batch, stream

    def _deliver(self, batch: Batch, stream: Stream | None, seconds: float) -> bool:
        """Send one batch and act on the answer; ``False`` ends the round."""
        try:
            body = batch.file.read_bytes() if batch.file is not None else batch.body
        except FileNotFoundError:  # it gave way to newer batches, and was counted then
            self._finish(batch, stream)
            return True
        except OSError as error:
            self._saved.popleft()
            self.counts["spool_files_unreadable"] += 1
            self._say(
                "unreadable", logging.ERROR, f"a batch of the spool folder cannot be read, it stays there: {error}"
            )
            return True
        try:
            answer = self._transport.send(batch.path, body, seconds)
        except TransportError as error:
            self._failed("away", f"the server does not answer ({error}); data are kept and sent later")
            return False
        if answer.status != OK:
            return self._refused(batch, stream, body, answer)
        if "accepted" not in answer.body:  # a proxy's login page, say, also answers 200
            self._failed("foreign", "what answers there is no Argus server; data are kept. Is url right?", SLOW_RETRY)
            return False
        self._accepted(batch, stream, answer)
        return True

    def _accepted(self, batch: Batch, stream: Stream | None, answer: Answer) -> None:
        self._backoff.succeeded()
        self._say("ok", logging.INFO, "the server answers again")
        rejected = answer.body.get("rejected")
        if isinstance(rejected, list) and rejected:
            self.counts["server_rejected"] += len(rejected)
            self._say("rejected", logging.WARNING, f"the server rejected {len(rejected)} rows, first {rejected[0]}")
        self.counts["batches_sent"] += 1
        self._finish(batch, stream)

    def _refused(self, batch: Batch, stream: Stream | None, body: bytes, answer: Answer) -> bool:
        error = answer.body.get("error")
        reason = error if isinstance(error, dict) else {}  # another server's errors may have another shape
        words = f"{answer.status}: {reason.get('message', 'no reason given')} {reason.get('where') or ''}".strip()
        if answer.status in {UNAUTHORIZED, FORBIDDEN}:
            self._failed("key", f"the server refuses the key ({words}); data are kept", SLOW_RETRY)
            return False
        if answer.status == TOO_LARGE and self._split(batch, stream, body):
            self.counts["batches_split"] += 1
            return True
        if answer.status in {BAD_REQUEST, TOO_LARGE}:  # waiting does not cure it
            self.counts["batches_dropped"] += 1
            self.counts["records_dropped"] += batch.records
            self._say("bad", logging.ERROR, f"the server refuses a batch of {batch.records} records ({words}); dropped")
            self._finish(batch, stream)
            return True
        pause = answer.retry_after or (SLOW_RETRY if answer.status in NOT_HERE else 0.0)
        self._failed("busy", f"the server cannot take data now ({words}); they are kept", pause)
        return False

    def _split(self, batch: Batch, stream: Stream | None, body: bytes) -> bool:
        """Put the halves of a batch that was refused in its place; ``False`` where it cannot be halved."""
        if stream is not None:
            return stream.split()
        from argus.client.halves import halves  # noqa: PLC0415  # few processes ever need them

        made = halves(body)
        if made is None or self._folder is None:
            return False
        try:
            files = self._folder.replace(batch, made)
        except OSError as error:
            self._say("spool", logging.ERROR, f"cannot write to the spool folder: {error}; a batch could not be halved")
            return False
        self._saved.popleft()
        self._saved.extendleft(reversed(files))
        return True

    def _finish(self, batch: Batch, stream: Stream | None) -> None:
        if stream is not None:
            stream.done()
            return
        self._saved.popleft()
        if self._folder is not None:
            self._folder.remove(batch)

    def _failed(self, state: str, message: str, retry_after: float | None = None) -> None:
        self.counts["send_failures"] += 1
        self._backoff.failed(retry_after)
        self._say(state, logging.WARNING, message)

    def _say(self, state: str, level: int, message: str) -> None:
        """Log a change of state, once; being well at the start is no news."""
        if state != self._state:
            self._state = state
            log.log(level, "%s", message)
