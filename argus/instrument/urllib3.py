"""urllib3, and with it requests and all that is built on it: each exchange with a host, so each retry and redirect.

Timed until the response's head is there; where urllib3 itself reads the body into memory at once, with that.
"""

from __future__ import annotations

from time import perf_counter
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from argus.instrument.patching import Patch
from argus.instrument.recorder import Recorder, host_name, status_class

USUAL_PORTS = {"http": 80, "https": 443}


def patch(connectionpool: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Measure where a pool sends one request over one connection."""

    def make_request(original: Any) -> Any:
        def request(self: Any, conn: Any, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
            began = perf_counter()
            response = None
            try:
                response = original(self, conn, method, url, *args, **kwargs)
            finally:
                recorder.attempt("urllib3", record, perf_counter() - began, self, method, url, response)
            return response

        return request

    def record(seconds: float, pool: Any, method: str, url: str, response: Any) -> None:
        status = response.status if response is not None else 0
        recorder.call(_host(pool, url), method, status_class(status), seconds)

    patch.wrap(connectionpool.HTTPConnectionPool, "_make_request", make_request, "self", "conn", "method", "url")


def _host(pool: Any, url: str) -> str:
    if url.startswith(("http:", "https:")):  # through a proxy, whose the pool is
        parts = urlsplit(url)
        return _name(parts.scheme, parts.hostname, parts.port)
    return _name(pool.scheme, pool.host, pool.port)


def _name(scheme: str, host: str | None, port: int | None) -> str:
    return host_name(host, None if port == USUAL_PORTS.get(scheme) else port)
