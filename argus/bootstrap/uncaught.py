"""Exceptions that nobody caught, as ERROR lines with their traceback: logger ``uncaught``.

The program's hooks stay its own and run first, whenever it sets them; where they have logged the exception themselves,
that is its line. Only ``sys.unraisablehook`` is a hook of ours, which calls the one before: a program that sets another
one later, without calling ours, has those exceptions for itself.

Thread rule: an exception may end any thread, and ``__del__`` may raise at any moment; the handler takes no lock.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

from argus.client.logs import ArgusHandler
from argus.instrument import when_imported

LOGGER = "uncaught"
NO_ERRORS = (KeyboardInterrupt, SystemExit, GeneratorExit)
"""Ways to end, on purpose."""


def watch(handler: ArgusHandler) -> None:
    """Have uncaught exceptions told to the handler from now on."""
    told = Uncaught(handler)
    told.watch_main_thread()
    told.watch_threads()
    told.watch_unraisable()
    when_imported("asyncio.base_events", told.watch_loops)
    when_imported("multiprocessing.util", told.watch_processes)


class Uncaught:
    """Tells of exceptions, each once."""

    def __init__(self, handler: ArgusHandler) -> None:
        self._handler = handler

    def tell(self, error: BaseException | None, where: str) -> None:
        """Put the exception into the log, if the program's own hook has not just done so."""
        if error is None or isinstance(error, NO_ERRORS):
            return
        record = logging.LogRecord(
            LOGGER, logging.ERROR, "", 0, f"{type(error).__qualname__}: %s", (_text(error),), _triple(error)
        )
        record.where = where
        if self._handler.trace_of(record) != self._handler.buffer.last_trace:
            self._handler.handle(record)

    def watch_main_thread(self) -> None:
        """Look at the end of the main thread whether an exception ended it: ``sys.excepthook`` stays the program's.

        Python has kept it for a debugger then, after the hook, and before it waits for other threads.
        """
        threading._register_atexit(self._tell_of_main_thread)  # type: ignore[attr-defined]  # noqa: SLF001  # as concurrent.futures does

    def _tell_of_main_thread(self) -> None:
        trace = getattr(sys, "last_traceback", None)
        # One that a shell or a test runner has kept was caught: its first frame was called by somebody.
        was_caught = trace is not None and trace.tb_frame.f_back is not None
        if not was_caught and not hasattr(sys, "ps1"):
            self.tell(getattr(sys, "last_value", None), "main thread")

    def watch_threads(self) -> None:
        """Hear what ends a thread, after whichever ``threading.excepthook`` there is then."""
        make = threading._make_invoke_excepthook  # type: ignore[attr-defined]  # noqa: SLF001  # what each thread calls

        def make_telling() -> Callable[[threading.Thread], None]:
            invoke = make()

            def invoke_and_tell(thread: threading.Thread) -> None:
                error = sys.exc_info()[1]
                try:
                    invoke(thread)
                finally:
                    self.tell(error, f"thread {thread.name}")

            return invoke_and_tell

        threading._make_invoke_excepthook = make_telling  # type: ignore[attr-defined]  # noqa: SLF001  # see above

    def watch_unraisable(self) -> None:
        """Hear of exceptions in ``__del__`` and other places that cannot raise."""
        hook = sys.unraisablehook

        def hook_and_tell(unraisable: sys.UnraisableHookArgs) -> None:
            try:
                hook(unraisable)
            finally:
                if not sys.is_finalizing():  # what this needs may be gone
                    self.tell(unraisable.exc_value, unraisable.err_msg or "where nothing can be raised")

        sys.unraisablehook = hook_and_tell

    def watch_processes(self, util: ModuleType) -> None:
        """Hear what ends a process of ``multiprocessing``: it is on its way when the process cleans up at its end."""
        clean_up = util._exit_function  # noqa: SLF001  # what each child calls at its end

        def tell_and_clean_up(*arguments: Any, **more: Any) -> None:
            name = util.process.current_process().name
            self.tell(sys.exc_info()[1], f"process {name}")
            clean_up(*arguments, **more)

        util._exit_function = tell_and_clean_up  # type: ignore[attr-defined]  # noqa: SLF001  # see above

    def watch_loops(self, base_events: ModuleType) -> None:
        """Hear what an asyncio loop's handler hears: failed callbacks, tasks whose exception nobody asked for."""
        loop_class: Any = base_events.BaseEventLoop
        handle = loop_class.call_exception_handler

        def call_exception_handler(loop: Any, context: dict[str, Any]) -> None:
            try:
                handle(loop, context)
            finally:
                self.tell(context.get("exception"), f"asyncio: {context.get('message')}")

        loop_class.call_exception_handler = call_exception_handler


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as failure:  # noqa: BLE001  # the program's own __str__
        return f"(its text cannot be had: {failure!r})"


def _triple(error: BaseException) -> Any:
    return type(error), error, error.__traceback__
