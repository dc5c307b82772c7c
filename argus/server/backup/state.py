"""What becomes of backups, in a file beside them: whoever shares the folder sees how far the one being made is.

A worker, another server or ``argus backup`` may make it, so its progress is no process' own. Who holds the folder's
lock writes it, and what it says of a running backup is believed while somebody holds that lock.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from argus.server import data_folder
from argus.server.backup import folder as folders

log = logging.getLogger("argus.server.backup")

FILE = "backup.state"
WRITE_SECONDS = 0.25
"""Least time between two writings within one step."""


class Running(msgspec.Struct):
    """A backup that is being made, and how far it is."""

    started_at: float
    step: str = "starting"
    done: int = 0
    total: int | None = None


class Failure(msgspec.Struct, frozen=True):
    """Why the last backup that was tried failed."""

    at: float
    message: str


class State(msgspec.Struct):
    """``failed`` counts since the last one that was made; then ``last_error`` is ``None`` again."""

    running: Running | None = None
    failed: int = 0
    last_error: Failure | None = None

    def note(self, error: Exception, now: float) -> None:
        """Note that a backup failed."""
        self.failed += 1
        self.last_error = Failure(now, str(error) or type(error).__name__)


class Stopped(Exception):
    """Whoever makes a backup gives it up, because it is told to end: that is no failure."""


def read(folder: Path) -> State:
    """Return what is known in a folder."""
    try:
        state = msgspec.json.decode((folder / FILE).read_bytes(), type=State)
    except FileNotFoundError:
        return State()
    except (OSError, msgspec.DecodeError) as error:
        log.warning("%s cannot be read, so what it says of failed backups is not shown: %s", folder / FILE, error)
        return State()
    if state.running is not None and not folders.is_locked(folder):
        state.running = None
    return state


class Report:
    """Writes the state of one backup; belongs to the thread that makes it. Is told of its progress as it goes on."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = folder / FILE
        self._clock = clock
        self._state = read(folder)
        self.running = self._state.running = Running(time.time())
        self._written = float("-inf")
        self._write()

    def __call__(self, step: str, done: int, total: int | None) -> None:
        begins = step != self.running.step
        self.running.step, self.running.done, self.running.total = step, done, total
        if begins or self._clock() - self._written >= WRITE_SECONDS:
            self._write()

    @contextlib.contextmanager
    def outcome(self) -> Iterator[None]:
        """Note how the block, which makes the backup, ends."""
        try:
            yield
        except Stopped:
            raise
        except Exception as error:
            self._state.note(error, time.time())
            raise
        else:
            self._state.failed, self._state.last_error = 0, None

    def end(self) -> None:
        """Write down that no backup is being made any more."""
        self._state.running = None
        self._write()

    def _write(self) -> None:
        """Replace the file. Where the disk is full, that is the backup's failure to tell, not this one's."""
        new = self._path.with_name(f"{FILE}.new")
        try:
            new.touch(mode=0o600)
            data_folder.hand_over(new, self._path.parent)
            new.write_bytes(msgspec.json.encode(self._state))
            new.replace(self._path)
        except OSError as error:
            log.warning("%s cannot be written, so others do not see how far the backup is: %s", self._path, error)
        self._written = self._clock()


@contextlib.contextmanager
def reported(folder: Path) -> Iterator[Report]:
    """Be the only one that makes a backup in a folder, and let everybody see it. Raises as ``folder.locked`` does."""
    with folders.locked(folder):
        report = Report(folder)
        try:
            yield report
        finally:
            report.end()
