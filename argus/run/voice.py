"""What the parent says to people: one line on the standard error, beginning ``argus: ``, and each thing once.

The standard output is the program's alone.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable

STANDARD_ERROR = 2


class Voice(logging.Handler):
    """Says what the client logs as a warning or worse; the program's own words are not logged in this process."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.line_end: Callable[[], str] = lambda: "\n"
        self._said: set[str] = set()

    def listen(self) -> None:
        """Say what the client says, and be the only one who does."""
        logger = logging.getLogger("argus")
        logger.addHandler(self)
        logger.propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        """Say it, unless something of the kind was said."""
        if record.msg not in self._said:
            self._said.add(record.msg)
            self.say(record.getMessage())

    def say(self, text: str) -> None:
        """Say a line."""
        with contextlib.suppress(OSError):  # nobody listens
            os.write(STANDARD_ERROR, f"argus: {text}{self.line_end()}".encode())
