"""Where Argus listens to ``logging``: behind the handlers that the program has, and without being one of them.

A handler in the root logger's list is not nobody: ``logging.basicConfig()`` would do nothing after it, ``dictConfig``
would throw it out, Flask would not show its own lines, and a warning of a program that never configured logging would
no longer reach its terminal. So ``Logger.callHandlers`` is wrapped: it does its work, then Argus hears the record.
"""

from __future__ import annotations

import functools
import logging
from typing import Any

_listeners: tuple[logging.Handler, ...] = ()
"""Replaced as a whole: a record may be on its way in any thread."""

_original: Any = None
_wrapper: Any = None


def listen(handler: logging.Handler) -> None:
    """Have the handler called with every record that a logger lets through, whatever handlers the logger has."""
    global _listeners  # noqa: PLW0603  # logging is the process', and so is who listens
    _listeners = (*_listeners, handler)
    _wrap()


def unlisten(handler: logging.Handler) -> None:
    """Call the handler no more; with the last one ``logging`` is what it was, unless someone wrapped it again."""
    global _listeners, _wrapper  # noqa: PLW0603  # see above
    _listeners = tuple(other for other in _listeners if other is not handler)
    if not _listeners and logging.Logger.callHandlers is _wrapper:
        logging.Logger.callHandlers = _original  # type: ignore[method-assign]  # what it was
        _wrapper = None


def listeners() -> tuple[logging.Handler, ...]:
    """Return who listens."""
    return _listeners


def _wrap() -> None:
    global _original, _wrapper
    if _wrapper is not None:
        return
    original = logging.Logger.callHandlers

    @functools.wraps(original)
    def call_handlers(self: logging.Logger, record: logging.LogRecord) -> None:
        try:
            original(self, record)
        finally:
            for handler in _listeners:
                if record.levelno >= handler.level:
                    handler.handle(record)

    _original, _wrapper = original, call_handlers
    logging.Logger.callHandlers = call_handlers  # type: ignore[method-assign]  # see above
