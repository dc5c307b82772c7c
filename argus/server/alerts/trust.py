"""When the server must not judge: its own troubles are no news of the applications.

After a start, after the metric store could not be written, and after the clock jumped, data are still on their way or
lie at wrong times. Rules then keep the state they have, and are judged when what was late has come.
"""

from __future__ import annotations

import math

SETTLE_SECONDS = 90.0
"""What clients kept for us meanwhile has come by then: the longest pause between their tries, and the way here."""

JUMP_SECONDS = 5.0
LONGEST_DISTRUST = 3_600.0
"""Windows that reach over a jump of the clock are not looked at; longer ones than this are, after this time."""


class Trust:
    """Belongs to the one thread that runs passes. ``now`` is the wall clock, ``steady`` one that nobody sets."""

    def __init__(self, now: float, steady: float) -> None:
        self._offset = now - steady
        self._grown_up = steady + SETTLE_SECONDS
        self._settled = steady
        self._why = ""
        self._jumped_at: float | None = None

    def doubt(self, now: float, steady: float, trouble: str | None) -> str:
        """Return why nothing can be judged now; empty if it can. ``trouble``: why data cannot be stored at present."""
        jump = now - steady - self._offset
        self._offset += jump
        if abs(jump) > JUMP_SECONDS:
            self._settled, self._why = steady + SETTLE_SECONDS, f"the clock was set by {jump:+.0f} s"
            self._jumped_at = now
        if trouble is not None:
            self._settled, self._why = steady + SETTLE_SECONDS, f"data could not be stored: {trouble}"
        return self._why if steady < self._settled else ""

    def is_young(self, steady: float) -> bool:
        """Return whether clients may still hold back what happened before the server started."""
        return steady < self._grown_up

    def clean_since(self, now: float) -> float:
        """Return from when on the clock has gone evenly: windows that begin before hold times that it jumped over."""
        jumped = self._jumped_at
        return jumped if jumped is not None and 0 <= now - jumped < LONGEST_DISTRUST else -math.inf
