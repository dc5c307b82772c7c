"""A descriptor that the program may close behind our back: daemons close all that they find at their start.

Its number then becomes that of the next thing the program opens; to close it, or to write to it, would do it to that.
"""

from __future__ import annotations

import os


class Held:
    """A descriptor, and what it was when it was ours."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._identity = _identity(number)

    def is_ours(self) -> bool:
        """Return whether the number still stands for what it stood for."""
        try:
            return _identity(self.number) == self._identity
        except OSError:  # closed, and free
            return False

    def close(self) -> None:
        """Close it, if it is ours."""
        if self.is_ours():
            os.close(self.number)


def _identity(number: int) -> tuple[int, int]:
    seen = os.fstat(number)
    return seen.st_dev, seen.st_ino
