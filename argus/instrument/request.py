"""One request that the application answers: from the first moment Argus sees it to the end of its response."""

from __future__ import annotations

from contextvars import ContextVar
from time import perf_counter

from argus.instrument.recorder import NONE, SWITCHING_PROTOCOLS, Recorder

MARK = "argus.request"
"""Where a WSGI environ or an ASGI scope carries its :class:`Request`: who finds one there opens none of his own."""

NO_ANSWER = 0
FAILED = 500
"""Stands for all of its class."""

current: ContextVar[Request | None] = ContextVar("argus.request", default=None)
"""The ASGI request of this task: a WSGI application mounted in an ASGI one runs in its context, with a new environ."""


class Request:
    """Is opened by whoever sees the request first, named by the frameworks, and recorded once at its end."""

    __slots__ = ("_began", "_method", "_mounts", "_recorder", "_route", "_status")

    def __init__(self, recorder: Recorder, method: str) -> None:
        self._recorder: Recorder | None = recorder
        self._method = method
        self._mounts = ""
        self._route = NONE
        self._status = NO_ANSWER
        self._began = perf_counter()

    @property
    def open(self) -> bool:
        """Whether the response has not ended yet."""
        return self._recorder is not None

    def matched(self, template: str) -> None:
        """Note the route: a template, never the path that was asked for."""
        self._route = f"{self._mounts}{template}" if self._mounts else template

    def mounted(self, template: str) -> None:
        """Note that the request goes on to an application mounted there, which may know more of its route."""
        self._mounts += template
        self._route = f"{self._mounts}/{{path}}"

    def answered(self, status: int) -> None:
        """Note the response's status; a switch to another protocol, a WebSocket's, is no request to be measured."""
        if status == SWITCHING_PROTOCOLS:
            self._recorder = None
        self._status = status

    def failed(self, error: BaseException) -> None:
        """End with an exception that the server gets to see: it answers 500, or breaks the response off."""
        if isinstance(error, Exception):  # others, such as a cancellation, say nothing of the application
            self._status = FAILED
        self.end()

    def end(self) -> None:
        """Record the request, if it has not been yet."""
        recorder = self._recorder
        if recorder is not None:
            self._recorder = None
            recorder.requests[self._route, self._method, self._status].record(perf_counter() - self._began)
