"""One request that the application answers, and how those who see a part of it find it again."""

from __future__ import annotations

from contextvars import ContextVar

try:
    from argus.aggregate._native import Request
except ImportError:  # not built for this interpreter
    from argus.instrument.plain_request import Request  # type: ignore[assignment]  # its twin

__all__ = ["MARK", "NO_ANSWER", "Request", "current"]

MARK = "argus.request"
"""Where a WSGI environ or an ASGI scope carries its :class:`Request`: who finds one there opens none of his own."""

NO_ANSWER = 0
"""The status of a request before its answer."""

current: ContextVar[Request | None] = ContextVar("argus.request", default=None)
"""The ASGI request of this task: a WSGI application mounted in an ASGI one runs in its context, with a new environ."""
