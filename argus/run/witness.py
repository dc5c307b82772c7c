"""A process that does nothing but stand in the group, to tell what was sent to all of it. POSIX.

A terminal's Ctrl-C, or whoever signals a group, reaches parent and program at once. Passed on, it would reach the
program twice, and to many the second Ctrl-C means "at once, and never mind the data". No system tells a process whether
a signal was meant for it alone. So a child that shares the group keeps every signal pending, and is asked.
"""

from __future__ import annotations

import contextlib
import os
import signal
from typing import NoReturn

from argus.run import launch

QUESTION = b"?"
ANSWER_BYTES = 16
"""Room for a bit of each signal."""


class Witness:
    """Stands in this process's group until it is dismissed. To be made while this process has one thread."""

    def __init__(self) -> None:
        asked, self._ask = os.pipe()
        self._answers, answer = os.pipe()
        with_parent = launch.ending_with_parent()
        self._pid = os.fork()
        if self._pid == 0:
            with_parent()
            _stand(asked, answer)
        os.close(asked)
        os.close(answer)

    def saw(self, number: int) -> bool:
        """Return whether this signal came to the group, rather than to this process alone, since the last question."""
        try:
            os.write(self._ask, QUESTION)
            seen = os.read(self._answers, ANSWER_BYTES)
        except BrokenPipeError:  # somebody ended it: then all there is was meant for us
            return False
        return bool(int.from_bytes(seen, "little") >> number & 1)

    def dismiss(self) -> None:
        """Let it go."""
        os.close(self._ask)
        os.close(self._answers)
        with contextlib.suppress(ChildProcessError):  # somebody ended it, and it was waited for
            os.waitpid(self._pid, 0)


def _stand(asked: int, answer: int) -> NoReturn:
    """Answer each question with the signals that came since the one before."""
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        launch.let_go_of_descriptors(asked, answer)
        while os.read(asked, len(QUESTION)):
            seen = 0
            for number in signal.sigpending():
                signal.sigwait({number})
                seen |= 1 << number
            os.write(answer, seen.to_bytes(ANSWER_BYTES, "little"))
    finally:
        os._exit(0)
