"""How far a long command has come: one line that changes on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

WIDTH = 24
REDRAW_SECONDS = 0.1
LINE_SECONDS = 10.0
STEP = 1024


class Bar:
    """Writes to the standard error. Call it with what is done, how much of it, and of how much."""

    def __init__(self, shown: Callable[[int], str]) -> None:
        self._amount = shown
        self._terminal = sys.stderr.isatty()
        self._what = ""
        self._shown = float("-inf")
        self._text = ""

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Show it, unless something was shown a moment ago."""
        now = time.monotonic()
        if what == self._what and done != total and now - self._shown < self._pause():
            return
        if what != self._what:
            self.end()
        self._what, self._shown = what, now
        self._text = f"{what}  {self._drawn(done, total)}"
        if self._terminal:
            print(f"\r{self._text}\x1b[K", end="", file=sys.stderr, flush=True)
        else:
            print(self._text, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the last line as it is."""
        if self._terminal and self._text:
            print(file=sys.stderr, flush=True)
        self._text = ""

    def _pause(self) -> float:
        return REDRAW_SECONDS if self._terminal else LINE_SECONDS

    def _drawn(self, done: int, total: int | None) -> str:
        if not total:
            return self._amount(done)
        part = min(1.0, done / total)
        bar = f"[{'#' * round(part * WIDTH):<{WIDTH}}] " if self._terminal else ""
        return f"{bar}{part:4.0%}  {self._amount(done)} of {self._amount(total)}"


def number(amount: int) -> str:
    """Return an amount of whatever as people read it."""
    return f"{amount:,}"


def size(amount: float) -> str:
    """Return bytes as people read them."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < STEP:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= STEP
    return f"{amount:.1f} TiB"
