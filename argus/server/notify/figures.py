"""Figures and times as a reader takes them in at a glance; the same in every channel."""

from __future__ import annotations

import math
import time

LARGE = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k"))
"""From where on a suffix stands for zeros; 4 digits are still read as they are."""
DIVISOR = {"T": 1e12, "G": 1e9, "M": 1e6, "k": 1e3}

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0


def number(value: float) -> str:
    """Return four digits of a number: ``93.2``, ``1.25M``, ``0.0021``."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "-∞" if value < 0 else "no number"
    for least, suffix in LARGE:
        if abs(value) >= least:
            return f"{value / DIVISOR[suffix]:.4g}{suffix}"
    return f"{value:.4g}"


def moment(at: float) -> str:
    """Return ``25 Nov 2026, 14:05:10 UTC``: readers may sit anywhere, so the zone is said."""
    return time.strftime("%d %b %Y, %H:%M:%S UTC", time.gmtime(at)).removeprefix("0")


def clock(at: float, within: float) -> str:
    """Return the time for an axis that covers ``within`` seconds."""
    return time.strftime("%H:%M:%S" if within < 10 * MINUTE else "%H:%M" if within < DAY else "%d %b", time.gmtime(at))


def span(seconds: float) -> str:
    """Return a duration by its two largest units: ``2 h 5 min``."""
    whole = max(0, round(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return _two(whole, MINUTE, "min", 1, "s")
    if whole < DAY:
        return _two(whole, HOUR, "h", MINUTE, "min")
    return _two(whole, DAY, "d", HOUR, "h")


def _two(whole: float, large: float, name: str, small: float, small_name: str) -> str:
    count, rest = divmod(whole, large)
    rest = rest // small
    return f"{count:.0f} {name} {rest:.0f} {small_name}" if rest else f"{count:.0f} {name}"
