"""Delivery: sends what the spool holds, in order, and acts on the server's answers (``docs/wire-format.md``).

Belongs to the flush thread. Order matters within a stream, for the server takes an older number for a repeat; so what
lies in files goes first, and the first failure ends the round.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from collections.abc import Iterator

from argus.client.spool import Batch, Folder, LogStream, MetricStream, Stream
from argus.client.transport import TIMEOUT, Answer, Backoff, Transport, TransportError

log = logging.getLogger("argus.client")

OK, BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, TOO_LARGE = 200, 400, 401, 403, 413

NOT_HERE = range(404, 406)
"""Not found, not allowed: what a proxy says while the server behind it is replaced, or of a wrong url."""
SLOW_RETRY = 60.0
"""Seconds between tries while somebody has to change something first, such as the key."""

SAVE_SECONDS = 0.3
"""Part of a round's time that is kept for writing what is left into the folder: a program may be about to exit."""


class Delivery:
    """Sends metric and log batches; counts what became of them in :attr:`counts`."""

    def __init__(self, transport: Transport, metrics: MetricStream, logs: LogStream, folder: Folder | None) -> None:
        self.counts: Counter[str] = Counter()
        self._transport = transport
        self._streams: tuple[Stream, ...] = (metrics, logs)
        self._folder = folder
        self._saved: deque[Batch] = deque(folder.orphans()) if folder is not None else deque()
        self._backoff = Backoff()
        self._state = "ok"
        if self._saved:
            log.info("%d undelivered batches of an earlier process will be sent", len(self._saved))

    def run(self, deadline: float, *, now: bool = False) -> bool:
        """Send until nothing is left or ``deadline`` (monotonic) has come; return whether nothing is left.

        While the server is away a round does nothing until its pause is over, unless ``now``.
        """
        if not now and not self._backoff.ready():
            return False
        if self._folder is not None:
            deadline -= SAVE_SECONDS
        for batch, stream in self._pending():
            seconds = min(TIMEOUT, deadline - time.monotonic())
            if seconds <= 0 or not self._deliver(batch, stream, seconds):
                self.save()
                return False
        return True

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
        for stream in self._streams:
            while (batch := stream.next()) is not None:
                try:
                    self._saved.append(self._folder.save(batch))
                except OSError as error:
                    self._say("spool", logging.ERROR, f"cannot write to the spool folder: {error}; kept in memory")
                    return
                stream.done()

    def close(self) -> None:
        """Save what is left and release connection and folder."""
        self.save()
        self._transport.close()
        if self._folder is not None:
            self._folder.close()

    def spool_bytes(self) -> int:
        """Return the size of the spool folder."""
        return self._folder.size() if self._folder is not None else 0

    def dropped_files(self) -> tuple[int, int]:
        """Return how many files gave way to newer ones, and the records that were in them."""
        return (self._folder.dropped, self._folder.lost_records) if self._folder is not None else (0, 0)

    def _pending(self) -> Iterator[tuple[Batch, Stream | None]]:
        while self._saved:
            yield self._saved[0], None
        for stream in self._streams:
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
            return self._refused(batch, stream, answer)
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

    def _refused(self, batch: Batch, stream: Stream | None, answer: Answer) -> bool:
        error = answer.body.get("error")
        reason = error if isinstance(error, dict) else {}  # another server's errors may have another shape
        words = f"{answer.status}: {reason.get('message', 'no reason given')} {reason.get('where') or ''}".strip()
        if answer.status in {UNAUTHORIZED, FORBIDDEN}:
            self._failed("key", f"the server refuses the key ({words}); data are kept", SLOW_RETRY)
            return False
        if answer.status == TOO_LARGE and stream is not None and stream.split():
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
