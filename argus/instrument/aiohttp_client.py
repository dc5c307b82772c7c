"""aiohttp's client: one call is one measurement, its redirects with it, under the host that was asked first.

Timed until the response's head is there, and its host is asked for what was given: what comes of redirects is that
host's answer too. A WebSocket's opening is not measured.
"""

from __future__ import annotations

from time import perf_counter
from types import ModuleType
from typing import Any

from argus.instrument.patching import Patch
from argus.instrument.recorder import NONE, SWITCHING_PROTOCOLS, Recorder, host_name, status_class


def patch(client: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Measure at the session's one function through which all its verbs go."""

    def make_request(original: Any) -> Any:
        async def request(self: Any, method: Any, str_or_url: Any, **kwargs: Any) -> Any:
            began = perf_counter()
            try:
                response = await original(self, method, str_or_url, **kwargs)
            except BaseException as error:
                status = getattr(error, "status", 0)  # raise_for_status has made an exception of an answer
                recorder.attempt("aiohttp.client", record, perf_counter() - began, self, method, str_or_url, status)
                raise
            status = response.status
            recorder.attempt("aiohttp.client", record, perf_counter() - began, self, method, str_or_url, status)
            return response

        return request

    def record(seconds: float, session: Any, method: str, str_or_url: Any, status: int) -> None:
        if status != SWITCHING_PROTOCOLS:
            recorder.call(_host(session, client.URL, str_or_url), method, status_class(status), seconds)

    patch.wrap(client.ClientSession, "_request", make_request, "self", "method", "str_or_url")


def _host(session: Any, make_url: Any, str_or_url: Any) -> str:
    try:
        url = make_url(str_or_url)
    except (TypeError, ValueError):  # no address: the application hears of it from aiohttp
        return NONE
    if url.host is None and session._base_url is not None:  # noqa: SLF001  # has no public name
        url = session._base_url  # noqa: SLF001  # see above
    return host_name(url.host, None if url.is_default_port() else url.port)
