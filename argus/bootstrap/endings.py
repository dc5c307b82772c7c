"""Ends of a process that skip ``atexit``: where a program takes one on purpose, what it recorded is sent before.

A signal with nobody to handle it is none of these: nothing in the program stands in its way.
"""

from __future__ import annotations

import functools
import signal
from types import ModuleType
from typing import Any

from argus.client import default
from argus.instrument import when_imported

ENDINGS = {getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT") if hasattr(signal, name)}


def watch() -> None:
    """Flush before the ends that are known."""
    _watch_raise_signal()
    when_imported("billiard.pool", _watch_billiard)


def _watch_raise_signal() -> None:
    """Be ready for the end of uvicorn: the signal that it was sent, raised anew once it has shut down in good order."""
    raise_signal = signal.raise_signal

    @functools.wraps(raise_signal)
    def flush_and_raise(number: int, /) -> None:
        if number in ENDINGS and signal.getsignal(number) is signal.SIG_DFL:
            default.flush()
        raise_signal(number)

    signal.raise_signal = flush_and_raise


def _watch_billiard(pool: ModuleType) -> None:
    """Be ready for the end of celery's workers: ``os._exit``."""
    end = pool.Worker._do_exit  # noqa: SLF001  # what each worker calls at its end

    @functools.wraps(end)
    def flush_and_end(*arguments: Any, **more: Any) -> Any:
        default.flush()
        return end(*arguments, **more)

    pool.Worker._do_exit = flush_and_end  # noqa: SLF001  # see above
