"""Clocks: ours against those of the servers we talk to, what keeps it right, and whether it jumps."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Mapping

from argus.doctor.result import Result, failure, ok, skipped, warning

OFF_SECONDS, FAR_OFF_SECONDS = 5.0, 300.0
"""A difference from which charts look odd; one from which data are refused sooner or later (``--ahead`` is 600 s)."""

JUMP_SECONDS = 0.5
FIX = "set the clock by NTP: timedatectl set-ntp true, or install chrony"

_TIMEX_BYTES = 1024
"""More than any system's ``struct timex``; all zeros, it changes nothing."""

_UNSYNCHRONISED = 5


def offsets(found: Mapping[str, float]) -> Result:
    """Judge how far the clocks of others are ahead of ours, in seconds, by their names."""
    if not found:
        return skipped("clock", "no server told the time")
    who = max(found, key=lambda name: abs(found[name]))
    far = found[who]
    told = f"{who} is {abs(far):.1f} s {'ahead' if far > 0 else 'behind'}"
    if abs(far) >= FAR_OFF_SECONDS:
        return failure("clock", told, f"{FIX}, here and there: what is too old or from the future is refused")
    if abs(far) >= OFF_SECONDS:
        return warning("clock", told, f"{FIX}, here and there")
    return ok("clock", f"agrees with {', '.join(sorted(found))} within {max(1.0, abs(far)):.0f} s")


def kept_right(state: Callable[[], int] | None = None) -> Result:
    """Look at whether the kernel knows of something that sets the clock."""
    try:
        found = (state or _kernel_state)()
    except (OSError, AttributeError):
        return skipped("clock setting", "this system does not tell whether NTP sets the clock")
    if found == _UNSYNCHRONISED:
        return warning("clock setting", "nothing sets this machine's clock", FIX)
    if found < 0:
        return skipped("clock setting", "the kernel does not tell whether NTP sets the clock")
    return ok("clock setting", "the kernel's clock is set by NTP")


def _kernel_state() -> int:
    timex = (ctypes.c_char * _TIMEX_BYTES)()
    return int(ctypes.CDLL(None).adjtimex(timex))


class Steadiness:
    """Watches, from when it is made, whether the clock runs as fast as the machine's own counter."""

    def __init__(self, wall: Callable[[], float] = time.time, counter: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._counter = wall, counter
        self._began = wall(), counter()

    def check(self) -> Result:
        """Judge the time since then."""
        passed = self._counter() - self._began[1]
        jump = self._wall() - self._began[0] - passed
        if abs(jump) > JUMP_SECONDS:
            told = f"the clock jumped by {jump:+.1f} s within {passed:.1f} s"
            return warning("clock steadiness", told, f"{FIX}; a virtual machine may have been asleep")
        return ok("clock steadiness", f"no jump within {passed:.1f} s")
