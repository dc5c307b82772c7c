"""How long who guessed a password has to wait before the next try: longer each time, by address and in all.

The count in all is for guesses from many addresses at once. An address from which the right password came lately does
not wait for others, so that an attack does not lock the administrator out. Memory is bounded; any thread may ask.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from argus.errors import ArgusError

FREE_TRIES = 3
FREE_TRIES_IN_ALL = 50
LONGEST_DELAY = 300.0
LONGEST_DELAY_IN_ALL = 30.0
FORGET_SECONDS = 3_600.0
TRUSTED_SECONDS = 30 * 86_400.0
MOST_ADDRESSES = 10_000
IPV6_HOST_BITS = 64
"""One customer has at least that many bits of addresses to himself: they count as one."""


class LoginRefused(ArgusError):
    """The password is wrong, or was wrong too often: then ``retry_after`` says how many seconds to wait."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Failures(NamedTuple):
    """Wrong passwords in a row, and when the last one came."""

    number: int = 0
    last: float = float("-inf")


class Throttle:
    """Counts wrong passwords."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, Failures] = OrderedDict()
        self._in_all = Failures()
        self._trusted: OrderedDict[str, float] = OrderedDict()

    def check(self, address: str) -> None:
        """Raise :class:`LoginRefused` where the address has to wait."""
        place, now = _place(address), self._clock()
        with self._lock:
            wait = _wait(self._failures.get(place, Failures()), now, FREE_TRIES, LONGEST_DELAY)
            if now - self._trusted.get(place, float("-inf")) > TRUSTED_SECONDS:
                wait = max(wait, _wait(self._in_all, now, FREE_TRIES_IN_ALL, LONGEST_DELAY_IN_ALL))
        if wait > 0:
            raise LoginRefused(f"too many wrong passwords; try again in {wait:.0f} s", wait)

    def wrong(self, address: str) -> None:
        """Count a wrong password."""
        place, now = _place(address), self._clock()
        with self._lock:
            self._failures[place] = _one_more(self._failures.pop(place, Failures()), now)
            self._in_all = _one_more(self._in_all, now)
            if len(self._failures) > MOST_ADDRESSES:
                self._failures.popitem(last=False)

    def right(self, address: str) -> None:
        """Forget the wrong ones of an address: it knows the password."""
        place = _place(address)
        with self._lock:
            self._failures.pop(place, None)
            self._trusted.pop(place, None)
            self._trusted[place] = self._clock()
            if len(self._trusted) > MOST_ADDRESSES:
                self._trusted.popitem(last=False)


def _wait(failures: Failures, now: float, free: int, longest: float) -> float:
    """Return the seconds that are left to wait: the delay doubles with each wrong password after the free ones."""
    if failures.number < free or now - failures.last > FORGET_SECONDS:
        return 0.0
    return float(failures.last + min(2.0 ** min(failures.number - free, 30), longest) - now)


def _one_more(failures: Failures, now: float) -> Failures:
    return Failures(1 if now - failures.last > FORGET_SECONDS else failures.number + 1, now)


def _place(address: str) -> str:
    """Return what counts as one address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:  # noqa: PLR2004  # the name of a protocol
        return str(ipaddress.ip_network((int(parsed) >> IPV6_HOST_BITS << IPV6_HOST_BITS, IPV6_HOST_BITS)))
    return address
