"""A pseudo-terminal between the program and the real one. POSIX.

Interactive, it is the program's controlling terminal: the real one is made raw, so that every key goes to the program's
side unseen and the pseudo-terminal does what terminals do. Else it is only written to: then it leaves the output as it
is, for the real terminal still adds its carriage returns.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import termios
import threading
import tty

from argus.run import relay

KEYBOARD = 0
KEYS = 4096
JOIN_SECONDS = 1.0
"""Longest wait for keys that the program did not read."""

OUTPUT_FLAGS = 1
"""Place of the output's flags among the attributes of a terminal."""

ASK_SECONDS = 0.5
"""Pause between two looks whether a job that went on in the background is in front again: nobody tells."""


class Terminal:
    """Owns the pseudo-terminal, and the state of the real one."""

    def __init__(self, real: int, *, interactive: bool) -> None:
        self.interactive = interactive
        self._real = real
        self.master, self.slave = os.openpty()
        self._attributes = termios.tcgetattr(real)
        shown = termios.tcgetattr(real)
        if not interactive:
            shown[OUTPUT_FLAGS] &= ~termios.OPOST
        termios.tcsetattr(self.slave, termios.TCSANOW, shown)
        self._raw = self._stopping = False
        self._over, self._end = os.pipe()
        self._keys = threading.Thread(target=self._pass_keys, name="argus-keys", daemon=True)
        self.resized()

    def open(self) -> None:
        """Pass on keys from now on."""
        if self.interactive:
            self._seize()
            self._keys.start()

    def program_ended(self) -> None:
        """Pass on no more keys, and let what was printed come to its end.

        Until now it was held open, for a program may close its terminal and open it again.
        """
        os.write(self._end, b"!")
        if self._keys.is_alive():
            self._keys.join(JOIN_SECONDS)
        os.close(self.slave)

    def close(self) -> None:
        """Give the real terminal back as it was."""
        self._release()

    def resized(self) -> bool:
        """Give the pseudo-terminal the real one's size; return whether the program has to be told that it changed."""
        with contextlib.suppress(OSError):  # a terminal without a size
            fcntl.ioctl(self.master, termios.TIOCSWINSZ, fcntl.ioctl(self._real, termios.TIOCGWINSZ, b"\0" * 8))
        return not self.interactive  # else the kernel tells it

    def stop(self, child: int, number: int) -> None:
        """Stop as the child has, and let it go on when this goes on."""
        if not self.interactive:
            relay.stop_like(number)
            return
        self._stopping = True
        self._release()
        relay.stop_like(signal.SIGTSTP)
        self._stopping = False
        self._seize()
        self.resized()
        os.kill(child, signal.SIGCONT)

    def line_end(self) -> str:
        """Return how a line of ours has to end."""
        return "\r\n" if self._raw else "\n"

    def _in_front(self) -> bool:
        try:
            return os.tcgetpgrp(self._real) == os.getpgrp()
        except OSError:  # hung up
            return False

    def _seize(self) -> None:
        """Make the real terminal raw, if it is ours at the moment."""
        if self._in_front() and not self._raw and not self._stopping:
            self._attributes = termios.tcgetattr(self._real)
            tty.setraw(self._real, termios.TCSADRAIN)
            self._raw = True

    def _release(self) -> None:
        if self._raw:
            self._raw = False
            with contextlib.suppress(termios.error):  # hung up
                termios.tcsetattr(self._real, termios.TCSADRAIN, self._attributes)

    def _pass_keys(self) -> None:
        """Pass on what is typed, on a thread of its own, until the program has ended or the terminal is gone."""
        while True:
            mine = self._raw and self._in_front()
            awaited = [self._over, KEYBOARD] if mine else [self._over]
            ready, _, _ = select.select(awaited, [], [], None if mine else ASK_SECONDS)
            if self._over in ready:
                return
            if not mine:
                self._seize()
                continue
            try:
                keys = os.read(KEYBOARD, KEYS)
            except OSError:  # in the background since, or hung up
                continue
            if not keys:
                return
            with contextlib.suppress(OSError):  # the program is gone: the main thread sees it
                while keys:
                    keys = keys[os.write(self.master, keys) :]
