"""A request to a WSGI application, timed until the server has fetched the last of its body or has closed it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from argus.instrument.recorder import Recorder
from argus.instrument.request import MARK, NO_ANSWER, Request, current

NUMBERS = {str(number): number for number in range(100, 600)}


def measured_call(recorder: Recorder, original: Callable[..., Any]) -> Callable[..., Any]:
    """Return the ``__call__`` of a class of applications, measured, unless the request is measured already."""
    requests = recorder.requests

    def call(self: Any, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        outer = environ.get(MARK) or current.get()
        if outer is not None and outer.open:
            environ[MARK] = outer
            return original(self, environ, start_response)
        request = environ[MARK] = Request(requests, environ.get("REQUEST_METHOD", ""))

        def starting(status: str, headers: Any, exc_info: Any = None) -> Any:
            request.answered(NUMBERS.get(str(status)[:3], NO_ANSWER))
            return start_response(status, headers) if exc_info is None else start_response(status, headers, exc_info)

        try:
            body = original(self, environ, starting)
        except BaseException as error:
            request.failed(error)
            raise
        if isinstance(body, (list, tuple)) or type(body) is environ.get("wsgi.file_wrapper"):
            request.end()  # whole already, or a file for the server to send: servers have ways of their own for both
            return body
        return _Body(body, request)

    return call


def measured_app(recorder: Recorder, app: Callable[..., Any]) -> Callable[..., Any]:
    """Return one application, measured."""
    return partial(measured_call(recorder, _call), app)


def _call(app: Callable[..., Any], environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
    return app(environ, start_response)


class _Body:
    """The response's body, with an eye on its end."""

    __slots__ = ("_body", "_request")

    def __init__(self, body: Any, request: Request) -> None:
        self._body = body
        self._request = request

    def __iter__(self) -> Iterator[Any]:
        # Not "yield from": that would close the body when the server stops, and close() then once more.
        try:
            for part in self._body:  # noqa: UP028  # see above
                yield part
        except GeneratorExit:  # the server stops here, and closes
            raise
        except BaseException as error:
            self._request.failed(error)
            raise
        self._request.end()

    def close(self) -> None:
        """Close the application's body; the server calls this however the response ended."""
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._request.end()
