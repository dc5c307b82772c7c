"""A request as plain Python: the twin of ``native/python/requests.cc``, where that is not built."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter

from argus.aggregate.base import Timer

NO_ROUTE = "(none)"
NO_ANSWER = 0
SWITCHING_PROTOCOLS = 101
FAILED = 500
"""Stands for all of its class."""


class Request:
    """Is opened by whoever sees the request first, named by the frameworks, and recorded once at its end.

    ``timers`` have one for each route, method and status. Belongs to one request, so to one thread at a time.
    """

    __slots__ = ("_began", "_method", "_mounts", "_route", "_status", "_timers")

    def __init__(self, timers: Mapping[tuple[str, str, int], Timer], method: str, /) -> None:
        self._timers: Mapping[tuple[str, str, int], Timer] | None = timers
        self._method = method
        self._mounts = ""
        self._route = NO_ROUTE
        self._status = NO_ANSWER
        self._began = perf_counter()

    @property
    def open(self) -> bool:
        """Whether the response has not ended yet."""
        return self._timers is not None

    def matched(self, template: str, /) -> None:
        """Note the route: a template, never the path that was asked for."""
        _check(template)
        self._route = f"{self._mounts}{template}" if self._mounts else template

    def mounted(self, template: str, /) -> None:
        """Note that the request goes on to an application mounted there, which may know more of its route."""
        _check(template)
        self._mounts += template
        self._route = f"{self._mounts}/{{path}}"

    def answered(self, status: int, /) -> None:
        """Note the response's status; a switch to another protocol, a WebSocket's, is no request to be measured."""
        if not isinstance(status, int):
            raise TypeError(f"a status must be int, not {type(status).__name__}: {status!r}")
        if status == SWITCHING_PROTOCOLS:
            self._timers = None
        self._status = status

    def failed(self, error: BaseException, /) -> None:
        """End with an exception that the server gets to see: it answers 500, or breaks the response off."""
        if isinstance(error, Exception):  # others, such as a cancellation, say nothing of the application
            self._status = FAILED
        self.end()

    def end(self) -> None:
        """Record the request, if it has not been yet."""
        timers = self._timers
        if timers is not None:
            self._timers = None
            timers[self._route, self._method, self._status].record(perf_counter() - self._began)


def _check(template: str) -> None:
    if not isinstance(template, str):
        raise TypeError(f"a route must be str, not {type(template).__name__}: {template!r}")
