"""Batches that the server has not acknowledged.

A batch gets its sequence number when it is first encoded and keeps number and content until it is acknowledged, so
a repeat is recognised. Windows that were never sent have no number yet, and merge when there are many: an outage costs
resolution, not counts. With a folder, a batch that could not be delivered lies there as a file and survives the
process.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from argus.aggregate.merge import merge_windows
from argus.aggregate.summary import Window
from argus.client.held import Held
from argus.client.logs import LogBuffer, LogLine
from argus.wire import encode

if TYPE_CHECKING:
    from argus.client.halves import Half

log = logging.getLogger("argus.client")

CLAIMS = 5
"""Tries to lock a folder that a process which looks for orphans may hold, or remove, in this moment."""

CLAIM_PAUSE = 0.002
"""Seconds between them."""

MAX_WINDOWS = 60
"""Windows kept apart while the server is away: ten minutes at the usual interval; then the oldest merge."""

MAX_ROWS = 5_000
MAX_LINES = 1_000

FLIGHT = "flight"
"""Name of the flight recorder's file, which lies beside an instance's batches."""


class Batch(NamedTuple):
    """One encoded body. ``records`` is how many summaries or lines are in it."""

    path: str
    seq: int
    body: bytes
    records: int
    content: Window | list[LogLine] | None
    """What was encoded; ``None`` once the batch lies in a file."""
    file: Path | None = None
    size: int = 0
    """Bytes of the file."""


class Stream:
    """One numbered stream of batches, at most one of them on its way. Belongs to the flush thread."""

    path: str

    def __init__(self, sender: Mapping[str, Any]) -> None:
        self._sender = sender
        self._seq = 0
        self._current: Batch | None = None

    @property
    def seq(self) -> int:
        """The number of the last batch that was made."""
        return self._seq

    def next(self) -> Batch | None:
        """Return the batch to send: the unacknowledged one, else a new one, else ``None``."""
        if self._current is None:
            self._current = self._make()
        return self._current

    def done(self) -> None:
        """Forget the current batch: it was acknowledged, or given up."""
        self._current = None
        self._grow()

    def __len__(self) -> int:
        """Return how many windows or lines wait; a batch that was made counts as one."""
        raise NotImplementedError

    def split(self) -> bool:
        """Replace a batch that was refused as too large by its two halves; ``False`` if it cannot be halved.

        The refused batch was not stored, so its number is free for the first half.
        """
        batch = self._current
        if batch is None or batch.records < 2 or batch.content is None:  # noqa: PLR2004  # halves need two
            return False
        self._seq = batch.seq - 1
        self._put_back_halves(batch)
        self._current = None
        return True

    def _make(self) -> Batch | None:
        raise NotImplementedError

    def _put_back_halves(self, batch: Batch) -> None:
        raise NotImplementedError

    def _grow(self) -> None:
        """Make larger batches again after one that was halved."""


class MetricStream(Stream):
    """Windows on their way."""

    path = "/api/v1/metrics"

    def __init__(self, sender: Mapping[str, Any]) -> None:
        super().__init__(sender)
        self._waiting: deque[Window] = deque()
        self.merged = 0

    def add(self, window: Window) -> None:
        """Take over a window; the two oldest merge when too many wait."""
        self._waiting.extend(pieces(window, MAX_ROWS))
        while len(self._waiting) > MAX_WINDOWS:
            first, second = self._waiting.popleft(), self._waiting.popleft()
            self._waiting.extendleft(reversed(list(pieces(merge_windows(first, second), 2 * MAX_ROWS))))
            self.merged += 1

    def __len__(self) -> int:
        return len(self._waiting) + (self._current is not None)

    def _make(self) -> Batch | None:
        if not self._waiting:
            return None
        window = self._waiting.popleft()
        self._seq += 1
        return Batch(self.path, self._seq, encode.metrics_body(self._sender, self._seq, window), window.size, window)

    def _put_back_halves(self, batch: Batch) -> None:
        assert isinstance(batch.content, Window)
        self._waiting.extendleft(reversed(list(pieces(batch.content, -(-batch.records // 2)))))


class LogStream(Stream):
    """Log lines on their way; those that wait are in the client's :class:`LogBuffer`."""

    path = "/api/v1/logs"

    def __init__(self, sender: Mapping[str, Any], buffer: LogBuffer) -> None:
        super().__init__(sender)
        self._buffer = buffer
        self._most = MAX_LINES

    def __len__(self) -> int:
        return len(self._buffer) + (self._current is not None)

    def _make(self) -> Batch | None:
        lines = self._buffer.take(self._most)
        if not lines:
            return None
        self._seq += 1
        return Batch(self.path, self._seq, encode.logs_body(self._sender, self._seq, lines), len(lines), lines)

    def _put_back_halves(self, batch: Batch) -> None:
        assert isinstance(batch.content, list)
        self._most = max(1, batch.records // 2)
        self._buffer.put_back(batch.content)

    def _grow(self) -> None:
        self._most = min(2 * self._most, MAX_LINES)


def pieces(window: Window, rows: int) -> Iterator[Window]:
    """Yield the window cut into windows of at most ``rows`` summaries each."""
    if window.size <= rows:
        yield window
        return
    offset = 0
    while offset < window.size:
        parts: list[Any] = []
        begin, end = offset, offset + rows
        sections: tuple[Any, ...] = (window.counters, window.gauges, window.timings)
        for section in sections:
            size = len(section.keys)
            low, high = min(max(begin, 0), size), min(max(end, 0), size)
            parts.append(type(section)(*(column[low:high] for column in section)))
            begin, end = begin - size, end - size
        yield Window(window.start, window.end, *parts)
        offset += rows


class Folder:
    """Undelivered batches as files: ``SPOOL/INSTANCE/NUMBER-KIND-SEQ-RECORDS.json``, and a ``lock`` their owner holds.

    Files are written atomically. The folder of an instance whose process is gone is taken over by the next client.
    """

    def __init__(self, root: Path, instance: str, limit: int, *, shared: bool = False) -> None:
        self._root = root
        self._shared = shared
        """Whether nobody but folders of ours made the root, and it goes with the last of them."""
        self._own = root / instance.replace(":", "-")
        self._limit = limit
        self._number = 0
        self._lock: Held | None = None
        self.dropped = 0
        self.lost_records = 0

    def claim(self) -> Path:
        """Make the instance's own folder where need be, hold its lock, and return it. Raises ``OSError``."""
        if self._lock is not None and not self._lock.is_ours():
            self._lock = None
        problem: OSError | None = None
        for _ in range(CLAIMS):
            if self._lock is None:
                try:
                    self._own.mkdir(parents=True, exist_ok=True, mode=0o700)
                except (FileNotFoundError, FileExistsError) as error:  # the root goes, in this moment, with another
                    problem = error
                lock = _try_lock(self._own / "lock")
                self._lock = Held(lock) if lock is not None else None
            if self._lock is not None:
                return self._own
            time.sleep(CLAIM_PAUSE)
        raise problem or OSError(errno.EBUSY, f"the folder {self._own} is locked by another process")

    def abandon(self) -> None:
        """Let go of the lock without releasing it: in the child of a fork, where it is the parent's."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def has_room(self, size: int) -> bool:
        """Return whether so many bytes more would be within the limit."""
        return self.size() + size <= self._limit

    def save(self, batch: Batch) -> Batch:
        """Write the batch; return it without its body, which is read again when it is sent.

        Raises ``OSError`` where the disk or the folder's own limit has no room; then the batch stays in memory.
        """
        self.claim()
        self._make_room(len(batch.body))
        self._number += 1
        file = write_batch(self._own, f"{self._number:09}", batch)
        return batch._replace(file=file, size=len(batch.body), body=b"", content=None)

    def replace(self, batch: Batch, halves: Iterable[Half]) -> list[Batch]:
        """Put both halves' files in the place of a batch's, and return them. Raises ``OSError`` where there is no room.

        Who is interrupted does the same again. Their order among the others does not matter: see ``halves.py``.
        """
        assert batch.file is not None
        folder, number = batch.file.parent, batch.file.name.partition("-")[0]
        made = []
        for i, half in enumerate(halves, 1):
            new = batch._replace(body=half.body, records=half.records)
            file = write_batch(folder, f"{number}{i}", new)
            made.append(new._replace(file=file, size=len(half.body), body=b""))
        batch.file.unlink(missing_ok=True)
        return made

    def remove(self, batch: Batch) -> None:
        """Delete the batch's file: it was acknowledged. With the last one goes the folder of a process that is gone."""
        if batch.file is None:
            return
        batch.file.unlink(missing_ok=True)
        folder = batch.file.parent
        held = _try_lock(folder / "lock") if folder != self._own and not batches_in(folder) else None
        if held is not None:
            _remove_folder(folder)
            os.close(held)

    def size(self) -> int:
        """Return the bytes of all files of all instances."""
        return sum(_size(file) for file in self._root.glob("*/*.json"))

    def orphans(self) -> Iterator[Batch]:
        """Yield the batches of processes that are gone, oldest first, each with its own instance and number."""
        for folder in sorted(path for path in self._root.glob("*") if path.is_dir() and path != self._own):
            held = _try_lock(folder / "lock")
            if held is None:
                continue
            try:
                if (folder / FLIGHT).exists():
                    from argus.recorder.dead import into_batches  # noqa: PLC0415  # few processes find one

                    into_batches(folder)
                batches = batches_in(folder)
                yield from batches
                if not batches:
                    _remove_folder(folder)
            finally:
                os.close(held)

    def close(self) -> None:
        """Release the folder; remove it when nothing is left in it."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
            if not list(self._own.glob("*.json")):
                _remove_folder(self._own)
        if self._shared:
            with contextlib.suppress(OSError):  # another has something in it
                self._root.rmdir()

    def _make_room(self, size: int) -> None:
        """Delete the oldest log files until ``size`` more bytes fit; metrics stay, for in memory they can merge."""
        total = self.size()
        for file in sorted(self._root.glob("*/*-logs-*.json"), key=_age):
            if total + size <= self._limit:
                return
            batch = _batch_of(file)
            if batch is not None:
                total -= _size(file)
                self.dropped += 1
                self.lost_records += batch.records
                file.unlink(missing_ok=True)
        if total + size > self._limit:
            raise OSError(errno.ENOSPC, f"the spool folder has reached its limit of {self._limit} bytes")


def write_batch(folder: Path, number: str, batch: Batch) -> Path:
    """Write a batch's file, so that it is there as a whole or not at all; return it."""
    kind = batch.path.rpartition("/")[2]
    file = folder / f"{number}-{kind}-{batch.seq}-{batch.records}.json"
    part = file.with_suffix(".part")
    with part.open("wb") as out:
        out.write(batch.body)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
    return file


def batches_in(folder: Path) -> list[Batch]:
    """Return the batches whose files lie in an instance's folder, oldest first."""
    return [batch for file in sorted(folder.glob("*.json")) if (batch := _batch_of(file)) is not None]


_NAME = re.compile(r"\d+-(metrics|logs)-(\d+)-(\d+)\.json")


def _batch_of(file: Path) -> Batch | None:
    """Return the batch that lies in the file, ``None`` for a file that is not ours."""
    name = _NAME.fullmatch(file.name)
    return Batch(f"/api/v1/{name[1]}", int(name[2]), b"", int(name[3]), None, file) if name is not None else None


def _size(file: Path) -> int:
    """Return the bytes of a file; none if another process has sent it meanwhile."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _age(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _remove_folder(folder: Path) -> None:
    """Delete an instance's folder, unless something that is not ours lies in it."""
    for file in (folder / "lock", *folder.glob("*.part")):
        file.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # what is not empty stays; another process may have been faster
        folder.rmdir()


def _try_lock(path: Path) -> int | None:
    """Return a descriptor that holds the lock, or ``None`` while another process does."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None
    lock: Callable[[int], None]
    if os.name == "nt":
        import msvcrt  # noqa: PLC0415  # exists on Windows only

        lock = lambda fd: msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]  # noqa: E731  # Windows
    else:
        import fcntl  # noqa: PLC0415  # exists on POSIX only

        lock = lambda fd: fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)  # noqa: E731  # the same with another name
    try:
        lock(descriptor)
    except OSError:
        os.close(descriptor)
        return None
    if os.name != "nt" and os.fstat(descriptor).st_nlink == 0:  # its folder was removed in this moment
        os.close(descriptor)
        return None
    return descriptor
