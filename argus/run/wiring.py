"""How the program's standard streams are led through the parent. POSIX.

* A stream that goes to a terminal goes through a pseudo-terminal: the program finds a terminal there, as before.
* One that goes to a file stays the program's own, and the file is read meanwhile (``tail.py``): on Linux, where a file
  that somebody has open can be opened once more.
* One that goes anywhere else goes through a pipe. Two that are one (``2>&1``) stay one, so that their order is kept.
* The standard input is inherited, and with it the controlling terminal, the session and the group: pipelines and job
  control work as before. Only a program at an interactive terminal, input and output, gets a session of its own on the
  pseudo-terminal, for what it sets on one of its streams (no echo, each key at once) it expects of all.
* What was closed stays closed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from typing import NamedTuple

from argus.run.launch import open_nothing
from argus.run.terminal import Terminal

IN, OUT, ERR = 0, 1, 2
PIPE_BYTES = 1 << 20
"""Room in a pipe: a program that prints much is not made to wait for each 64 KiB."""


class Stream(NamedTuple):
    """What is read from ``source`` goes to ``destination``: nowhere, where the source is the program's own file."""

    name: str
    source: int
    destination: int | None


class Wiring(NamedTuple):
    """What the program gets as 0, 1, 2, and what the parent keeps. ``writing`` are the program's ends of pipes."""

    streams: tuple[Stream, ...]
    descriptors: dict[int, int]
    closed: tuple[int, ...]
    writing: tuple[int, ...]
    terminal: Terminal | None

    @property
    def own_session(self) -> int | None:
        """The terminal that leads a session of its own, where the program gets one."""
        return self.terminal.slave if self.terminal is not None and self.terminal.interactive else None

    def started(self) -> None:
        """Let go of the program's ends, and of an input that is its alone."""
        for end in self.writing:
            os.close(end)
        if self.own_session is None:
            open_nothing(IN)


def wire() -> Wiring:
    """Make pipes and a pseudo-terminal for the streams of this process."""
    closed = tuple(number for number in (IN, OUT, ERR) if _is_closed(number))
    for number in closed:
        open_nothing(number)  # what is opened from now on shall not become a standard stream
    terminal = _terminal(closed)
    streams, descriptors, writing = [], {}, []
    for numbers in _groups(closed):
        name = "output" if len(numbers) > 1 else {OUT: "stdout", ERR: "stderr"}[numbers[0]]
        file = _file_behind(numbers[0])
        if file is not None:
            streams.append(Stream(name, file, None))
            continue
        if terminal is not None and os.isatty(numbers[0]):
            source, end = os.dup(terminal.master), terminal.slave
        else:
            source, end = _pipe()
            writing.append(end)
        descriptors.update(dict.fromkeys(numbers, end))
        streams.append(Stream(name, source, numbers[0]))
    if terminal is not None and terminal.interactive:
        descriptors[IN] = terminal.slave
    return Wiring(tuple(streams), descriptors, closed, tuple(writing), terminal)


def _groups(closed: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the open output streams; those that are one together."""
    numbers = tuple(number for number in (OUT, ERR) if number not in closed)
    if len(numbers) == 2 and _are_one():  # noqa: PLR2004  # both
        return [numbers]
    return [(number,) for number in numbers]


def _are_one() -> bool:
    out, err = os.fstat(OUT), os.fstat(ERR)
    if os.isatty(OUT) and os.isatty(ERR):
        return True
    return (out.st_dev, out.st_ino) == (err.st_dev, err.st_ino) and not stat.S_ISCHR(out.st_mode)


def _terminal(closed: tuple[int, ...]) -> Terminal | None:
    real = next((number for number in (OUT, ERR) if number not in closed and os.isatty(number)), None)
    if real is None:
        return None
    at_keyboard = IN not in closed and os.isatty(IN) and os.isatty(OUT) and _in_foreground()
    return Terminal(real, interactive=at_keyboard)


def _in_foreground() -> bool:
    try:
        return os.tcgetpgrp(IN) == os.getpgrp()
    except OSError:  # not our controlling terminal
        return False


def _file_behind(number: int) -> int | None:
    """Return a descriptor that reads what is written to a stream from now on, where that is a file we may read."""
    seen = os.fstat(number)
    if not stat.S_ISREG(seen.st_mode):
        return None
    try:
        reading = os.open(f"/proc/self/fd/{number}", os.O_RDONLY)
    except OSError:  # ours to write only, or not Linux
        return None
    appends = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_APPEND
    os.lseek(reading, seen.st_size if appends else os.lseek(number, 0, os.SEEK_CUR), os.SEEK_SET)
    return reading


def _pipe() -> tuple[int, int]:
    reading, writing = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):  # over the user's limit: a pipe of the usual size does too
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return reading, writing


def _is_closed(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return True
    return False
