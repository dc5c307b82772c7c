"""Django: requests by the route that the URL resolver found, ``/orders/<int:number>/``; under WSGI and ASGI."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from types import ModuleType
from typing import Any

from argus.instrument import asgi, wsgi
from argus.instrument.patching import Patch
from argus.instrument.recorder import ROUTES, Recorder
from argus.instrument.request import MARK

_ANCHORS = re.compile(r"(?<![\[\\])\^|\$$|\\Z$")


def patch_wsgi(handlers: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Measure at the WSGI handler."""
    measured = partial(wsgi.measured_call, recorder)
    patch.wrap(handlers.WSGIHandler, "__call__", measured, "self", "environ", "start_response")


def patch_asgi(handlers: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Measure at the ASGI handler."""
    measured = partial(asgi.measured_call, recorder)
    patch.wrap(handlers.ASGIHandler, "__call__", measured, "self", "scope", "receive", "send")


def patch_resolver(handlers: ModuleType, recorder: Recorder, patch: Patch) -> None:
    """Name the route when it is resolved."""

    def make_resolve(original: Any) -> Any:
        def resolve(self: Any, request: Any) -> Any:
            match = original(self, request)
            try:
                _name_route(request)
            except Exception as error:  # noqa: BLE001  # what is wrong here is not the application's
                recorder.trouble("django", error)
            return match

        return resolve

    patch.wrap(handlers.BaseHandler, "resolve_request", make_resolve, "self", "request")


def _name_route(request: Any) -> None:
    carrier = request.environ if hasattr(request, "environ") else request.scope
    measured = carrier.get(MARK)
    if measured is not None:
        measured.matched(template(request.resolver_match.route))


@lru_cache(ROUTES)
def template(route: str) -> str:
    """Return a route as a path: ``orders/<int:number>/``; ``api/^orders/(?P<number>[^/]+)/$`` without its anchors."""
    return f"/{_ANCHORS.sub('', route)}"
