"""How a program ended, in words: an event, and for a crash a log line of level ERROR with the program's last lines."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from argus.client.logs import LogBuffer, LogLine, cut

LOGGER = "argus.run"

_CRASHES = ("SEGV", "BUS", "ILL", "FPE", "ABRT", "SYS", "TRAP", "KILL", "XCPU", "XFSZ", "STKFLT", "EMT")
CRASHES = frozenset(getattr(signal, f"SIG{name}") for name in _CRASHES if hasattr(signal, f"SIG{name}"))
"""Signals by which nobody asks a program to end."""

WINDOWS_CRASH = 0xC0000000
"""From here on Windows gives what went wrong as the exit status."""


class Memory:
    """Whether the kernel killed for want of memory, as the control group of this process tells. Linux."""

    def __init__(self, events: Path | None = None) -> None:
        self._events = events if events is not None else _events()
        self._before = self._kills()

    def wanted(self) -> bool:
        """Return whether a process of the group was killed since this was made."""
        return self._kills() > self._before

    def _kills(self) -> int:
        if self._events is None:
            return 0
        try:
            words = self._events.read_text().split()
        except OSError:
            return 0
        return int(words[words.index("oom_kill") + 1]) if "oom_kill" in words else 0


def _events() -> Path | None:
    """Return the file in which the group's kills are counted, ``None`` where there is none."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        _, controllers, group = line.split(":", 2)
        name = "memory/{}/memory.oom_control" if controllers == "memory" else "{}/memory.events"
        path = Path("/sys/fs/cgroup") / name.format(group.lstrip("/"))
        if controllers in {"", "memory"} and path.exists():
            return path
    return None


def started(buffer: LogBuffer, program: str, pid: int) -> None:
    """Report the start. The arguments are left out: they may hold secrets."""
    buffer.put_event("run.start", f"{program} started", {"program": program, "pid": str(pid)})


def ended(
    buffer: LogBuffer, program: str, status: int, seconds: float, last: Sequence[str], *, out_of_memory: bool
) -> None:
    """Report the end, and a crash with the program's last lines. ``status`` is below zero for a signal."""
    how = words(status)
    if out_of_memory and status == -getattr(signal, "SIGKILL", 0):
        how += ": the machine or its group had no memory left"
    tags = {"program": program, **({"signal": signal_name(-status)} if status < 0 else {"status": str(status)})}
    buffer.put_event("run.end", f"{program} {how}, after {seconds:.1f} s", tags)
    crashed = -status in CRASHES or (os.name == "nt" and status >= WINDOWS_CRASH)
    if crashed:
        text = "\n".join([f"{program} {how}", *last])
        metadata = {**tags, "seconds": round(seconds, 3), "last_lines": len(last)}
        buffer.put(LogLine(time.time(), "ERROR", cut(text), LOGGER, metadata))


def words(status: int) -> str:
    """Return how something ended that has such a status."""
    if status >= 0:
        return f"ended with exit status {status}"
    meaning = signal.strsignal(-status)
    verb = "crashed" if -status in CRASHES and -status != getattr(signal, "SIGKILL", 0) else "was ended"
    return f"{verb} by {signal_name(-status)}" + (f" ({meaning})" if meaning else "")


def signal_name(number: int) -> str:
    """Return ``SIGSEGV`` for 11; the number where it has no name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
