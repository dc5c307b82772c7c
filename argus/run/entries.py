"""Lines that belong together are one entry: a stack trace, and what is indented below its first line.

Nobody marks where a trace ends, so each language's habits say which line still belongs to it. The next line that does
not ends an entry; an entry in the making is therefore held until then, or until its owner asks for it.
"""

from __future__ import annotations

import re

from argus.run import levels

MOST_LINES = 500
MOST_LETTERS = 60_000
"""Bounds of an entry; lines beyond them are counted in its last one."""

_PYTHON = re.compile(r"(?:\s*\+ Exception Group )?Traceback \(most recent call last\)")
_PYTHON_CHAIN = re.compile(r"During handling of the above|The above exception was the direct cause")
_FOLLOWS = re.compile(
    r"Caused by: |Suppressed: |\.\.\. \d+ (?:more|common frames)|--- End of |note: |stack backtrace:|goroutine \d+ \["
    r"|created by |\[signal |Node\.js v\d|exit status \d+$"
)
"""What belongs to the trace above it though it is not indented: Java, .NET, Rust, Go, Node."""

_GO = re.compile(r"panic: |fatal error: ")
_GO_OR_FOLLOWS = re.compile(rf"{_FOLLOWS.pattern}|[\w./*()\[\]{{}}-]+\(.*\)$")
_RUST = re.compile(r"thread '.*' (?:\(\d+\) )?panicked at .*:$")


class Entry:
    """Lines of one entry, the first of which came at :attr:`time`."""

    def __init__(self, line: str, time: float) -> None:
        self.time = time
        self.lines = [line]
        self._letters = len(line)
        self._left_out = 0
        self._blanks = 0
        self._said = levels.read(line)
        self._error = self._said.level == "ERROR"
        self._trace = self._error and levels.is_trace(line)
        self._python = _PYTHON.match(line) is not None
        self._go = _GO.match(line) is not None
        self._awaits_words = _RUST.match(line) is not None  # Rust prints the message below

    def takes(self, line: str) -> bool:
        """Add a line, if it belongs to this entry."""
        if not line:
            self._blanks += 1
            return True
        if not self._belongs(line):
            return False
        for _ in range(self._blanks):
            self._add("")
        self._blanks = 0
        self._add(line)
        return True

    def said(self) -> levels.Said:
        """Return what the first line says, with all lines as the message."""
        if len(self.lines) == 1:
            return self._said
        left_out = [f"… ({self._left_out} more lines)"] if self._left_out else []
        return self._said._replace(message="\n".join([self._said.message, *self.lines[1:], *left_out]))

    def _belongs(self, line: str) -> bool:
        if line[0] in " \t":
            return True
        if self._error and _PYTHON.match(line) is not None:  # logging.exception, or the next of a chain
            self._python = self._trace = True
            return True
        if self._python:
            below_a_frame = not self._blanks and self.lines[-1][:1] in " \t"
            return below_a_frame or _PYTHON_CHAIN.match(line) is not None  # the exception itself, or why it came
        if self._awaits_words:
            self._awaits_words = False
            return True
        pattern = _GO_OR_FOLLOWS if self._go else _FOLLOWS
        return self._trace and pattern.match(line) is not None

    def _add(self, line: str) -> None:
        if len(self.lines) >= MOST_LINES or self._letters + len(line) > MOST_LETTERS:
            self._left_out += 1
            return
        self.lines.append(line)
        self._letters += len(line) + 1


class Assembly:
    """Puts the lines of one stream together. Belongs to one thread at a time."""

    def __init__(self) -> None:
        self._entry: Entry | None = None
        self._came = 0.0

    def add(self, line: str, now: float) -> Entry | None:
        """Take a line; return the entry that it ended, if it ended one."""
        if self._entry is not None:
            if self._entry.takes(line):
                self._came = now
                return None
        elif not line:
            return None
        ended, self._entry = self._entry, Entry(line, now)
        self._came = now
        return ended

    def take(self, before: float) -> Entry | None:
        """Return the entry in the making, if no line of it came since ``before``."""
        if self._entry is None or self._came > before:
            return None
        ended, self._entry = self._entry, None
        return ended
