"""aiohttp.web: requests by the resource's path, ``/orders/{number}``, with the prefixes of sub-applications."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from argus.instrument.patching import Patch
from argus.instrument.recorder import Recorder
from argus.instrument.request import Request, current


def patch(web_protocol: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Measure where the server has a request handled and sends its response."""
    requests = recorder.requests

    def make_handle(original: Any) -> Any:
        async def handle(self: Any, request: Any, start_time: Any, request_handler: Any) -> Any:
            measured = Request(requests, request.method)
            current.set(measured)  # the server runs this in a task of its own
            try:
                result = await original(self, request, start_time, request_handler)
            except BaseException as error:
                recorder.attempt("aiohttp.web", _name_route, measured, request)
                if isinstance(error, OSError):  # the client has gone
                    measured.end()
                else:
                    measured.failed(error)
                raise
            try:
                _name_route(measured, request)
                measured.answered(result[0].status)
            except Exception as error:  # noqa: BLE001  # what is wrong here is not the application's
                recorder.trouble("aiohttp.web", error)
            measured.end()
            return result

        return handle

    parameters = ("self", "request", "start_time", "request_handler")
    patch.wrap(web_protocol.RequestHandler, "_handle_request", make_handle, *parameters)


def _name_route(measured: Request, request: Any) -> None:
    match = request._match_info  # noqa: SLF001  # the public property asserts that there is one
    resource = match.route.resource if match is not None else None
    if resource is not None:
        measured.matched(resource.canonical)
