"""The mark by which the parent knows that this process reports its own log lines: none is taken from its output then.

It is of this program alone: what a process becomes by ``exec`` has the same number, and may not speak for itself.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn


def keep() -> None:
    """Leave the mark, in this process and its forks, for as long as they are what they are."""
    _leave()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_leave)
        os.execv, os.execve = _unmarked(os.execv), _unmarked(os.execve)  # the others of the family call these two


def _unmarked(execute: Callable[..., NoReturn]) -> Callable[..., NoReturn]:
    @functools.wraps(execute)
    def take_back_and_execute(*arguments: Any, **more: Any) -> NoReturn:
        _take_back()
        try:
            execute(*arguments, **more)
        finally:  # there is no such program: this one goes on
            _leave()

    return take_back_and_execute


def _file() -> str | None:
    folder = os.environ.get("ARGUS_RUN_DIR")
    return os.path.join(folder, f"{os.getpid()}.speaks") if folder else None


def _leave() -> None:
    file = _file()
    if file is not None:
        with suppress(OSError):  # the run is over, or another user's: the parent is not there to be told
            os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))


def _take_back() -> None:
    file = _file()
    if file is not None:
        with suppress(OSError):  # as above
            os.unlink(file)
