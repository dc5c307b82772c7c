"""httpx, sync and async: each exchange with a host, so each redirect, until the response's head is there.

Measured at the transports that reach the network: one that answers inside the process, for tests, is none of them.
"""

from __future__ import annotations

from time import perf_counter
from types import ModuleType
from typing import Any

from argus.instrument.patching import Patch
from argus.instrument.recorder import SWITCHING_PROTOCOLS, Recorder, host_name, status_class


def patch(httpx: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Measure at both transports."""

    def make_handle(original: Any) -> Any:
        def handle(self: Any, request: Any) -> Any:
            began = perf_counter()
            response = None
            try:
                response = original(self, request)
            finally:
                recorder.attempt("httpx", record, perf_counter() - began, request, response)
            return response

        return handle

    def make_async_handle(original: Any) -> Any:
        async def handle(self: Any, request: Any) -> Any:
            began = perf_counter()
            response = None
            try:
                response = await original(self, request)
            finally:
                recorder.attempt("httpx", record, perf_counter() - began, request, response)
            return response

        return handle

    def record(seconds: float, request: Any, response: Any) -> None:
        number = response.status_code if response is not None else 0
        if number != SWITCHING_PROTOCOLS:
            recorder.call(host_name(request.url.host, request.url.port), request.method, status_class(number), seconds)

    patch.wrap(httpx.HTTPTransport, "handle_request", make_handle, "self", "request")
    patch.wrap(httpx.AsyncHTTPTransport, "handle_async_request", make_async_handle, "self", "request")
