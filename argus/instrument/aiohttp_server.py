"""aiohttp.web: requests by the resource's path, ``/orders/{number}``, with the prefixes of sub-applications."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from argus.instrument.patching import Patch
from argus.instrument.recorder import Recorder
from argus.instrument.request import Request, current


def patch(web_protocol: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Measure where the server has a request handled and sends its response."""

    def make_handle(original: Any) -> Any:
        async def handle(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            measured = Request(recorder, request.method)
            current.set(measured)  # the server runs this in a task of its own
            try:
                result = await original(self, request, *args, **kwargs)
            except BaseException as error:
                recorder.attempt("aiohttp.web", _note, measured, request, None)
                if isinstance(error, OSError):  # the client has gone
                    measured.end()
                else:
                    measured.failed(error)
                raise
            recorder.attempt("aiohttp.web", _note, measured, request, result)
            measured.end()
            return result

        return handle

    patch.wrap(web_protocol.RequestHandler, "_handle_request", make_handle, "self", "request", "start_time")


def _note(measured: Request, request: Any, result: Any) -> None:
    match = getattr(request, "_match_info", None)  # the public property asserts that there is one
    resource = match.route.resource if match is not None else None
    if resource is not None:
        measured.matched(resource.canonical)
    if result is not None:
        response, _reset = result
        measured.answered(response.status)
