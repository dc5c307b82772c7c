"""A request to an ASGI application, timed until the last part of its response is with the server.

What the application does after it, such as Starlette's background tasks, is not part of the request. WebSockets and
the lifespan are not measured.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from argus.instrument.recorder import Recorder
from argus.instrument.request import MARK, Request, current

Message = MutableMapping[str, Any]


async def answer(
    recorder: Recorder,
    app: Callable[..., Awaitable[Any]],
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> Any:
    """Call the application and measure it, unless the request is measured already."""
    outer = scope.get(MARK)
    if scope["type"] != "http" or (outer is not None and outer.open):
        return await app(scope, receive, send)
    request = scope[MARK] = Request(recorder, scope.get("method", ""))
    current.set(request)  # left there: it is the task's own context, and a request that has ended counts for nothing

    async def sending(message: Message) -> None:
        kind, status = message.get("type"), message.get("status")
        if kind == "http.response.start" and isinstance(status, int):
            request.answered(status)
        try:
            await send(message)
        except OSError:  # the client has gone, which is no failure of the application
            request.end()
            raise
        if kind == "http.response.body" and not message.get("more_body", False):
            request.end()

    try:
        result = await app(scope, receive, sending)
    except BaseException as error:
        request.failed(error)
        raise
    request.end()
    return result
