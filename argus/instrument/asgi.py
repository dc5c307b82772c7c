"""A request to an ASGI application, timed until the last part of its response is with the server.

What the application does after it, such as Starlette's background tasks, is not part of the request. WebSockets and
the lifespan are not measured.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any

from argus.instrument.recorder import Recorder
from argus.instrument.request import MARK, Request, current

Message = MutableMapping[str, Any]


def measured_call(recorder: Recorder, original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Return the ``__call__`` of a class of applications, measured, unless the request is measured already.

    One coroutine function does it all: a second one around it would cost more than the record does.
    """
    requests = recorder.requests

    async def call(
        self: Any,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> Any:
        outer = scope.get(MARK)
        if scope["type"] != "http" or (outer is not None and outer.open):
            return await original(self, scope, receive, send)
        request = scope[MARK] = Request(requests, scope.get("method", ""))
        current.set(request)  # left there: it is the task's own context, and one that has ended counts for nothing

        async def sending(message: Message) -> None:
            kind = message.get("type")
            if kind == "http.response.start" and isinstance(status := message.get("status"), int):
                request.answered(status)
            try:
                await send(message)
            except OSError:  # the client has gone, which is no failure of the application
                request.end()
                raise
            if kind == "http.response.body" and not message.get("more_body", False):
                request.end()

        try:
            result = await original(self, scope, receive, sending)
        except BaseException as error:
            request.failed(error)
            raise
        request.end()
        return result

    return call


def measured_app(recorder: Recorder, app: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Return one application, measured."""
    return partial(measured_call(recorder, _call), app)


def _call(app: Callable[..., Awaitable[Any]], scope: Any, receive: Any, send: Any) -> Awaitable[Any]:
    return app(scope, receive, send)
